/** Evidence files as the page of a release reads them back. */
import * as z from 'zod'
import { OperatorError } from '../engine/kernel/errors.ts'
import { tryJson } from '../engine/kernel/json.ts'
import type { DailyReport } from './documents/documents.ts'
import type { CanaryPhaseDocument, CanaryRunDocument } from './documents/release-documents.ts'

type ReadPhase = Pick<
  CanaryPhaseDocument,
  | 'phase'
  | 'split'
  | 'started_at'
  | 'ended_at'
  | 'live'
  | 'probes'
  | 'match_rate'
  | 'error_rate'
  | 'p95_ms'
  | 'decision'
  | 'reason'
>

/** What the page says of a canary's run. */
export type RecordedRun = Pick<
  CanaryRunDocument,
  'run_id' | 'dry_run' | 'baseline' | 'mode' | 'profile' | 'status' | 'abort_reason'
> & { readonly phases: readonly ReadPhase[] }

type RecordedReport = Pick<DailyReport, 'date' | 'overall_status'>

const figure = z.number().nullable()

const Run: z.ZodType<RecordedRun> = z.object({
  run_id: z.string(),
  dry_run: z.boolean(),
  baseline: z.string(),
  mode: z.enum(['observe', 'serve']),
  profile: z.enum(['equivalent', 'improve']),
  status: z.enum(['SUCCESS', 'ABORTED', 'INCONCLUSIVE']),
  abort_reason: z.string().nullable(),
  phases: z.array(
    z.object({
      phase: z.number(),
      split: z.number(),
      started_at: z.string(),
      ended_at: z.string().nullable(),
      live: z.number(),
      probes: z.number(),
      match_rate: figure,
      error_rate: figure,
      p95_ms: figure,
      decision: z.string(),
      reason: z.string(),
    }),
  ),
})

const Report: z.ZodType<RecordedReport> = z.object({
  date: z.string(),
  overall_status: z.enum(['OK', 'WARNING', 'CRITICAL']),
})

type Files = ReadonlyMap<string, Buffer>

/** @throws OperatorError when a file is not the document that its name says */
export function recordedRuns(files: Files, name: RegExp): RecordedRun[] {
  return documents(files, name, Run)
}

/** @throws OperatorError when a file is not the document that its name says */
export function recordedReports(files: Files, name: RegExp): RecordedReport[] {
  return documents(files, name, Report)
}

function documents<T>(files: Files, name: RegExp, shape: z.ZodType<T>): T[] {
  const named = [...files].filter(([subject]) => name.test(subject))
  return named
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([subject, content]) => {
      const read = shape.safeParse(tryJson(content.toString('utf8')))
      if (read.success) return read.data
      throw new OperatorError(
        `the evidence file ${subject} cannot be read`,
        'it is not the document that its name says',
        'see what else is wrong with: onay evidence verify',
        'damaged_file',
        500,
      )
    })
}
