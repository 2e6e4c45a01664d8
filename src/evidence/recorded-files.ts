/** Evidence files as the page of a release reads them back. */
import * as z from 'zod'
import { OperatorError } from '../engine/kernel/errors.ts'
import { tryJson } from '../engine/kernel/json.ts'
import { CLOCK_KINDS, type ClockKind } from '../engine/kernel/clock.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { canonicalJson, sha256Hex } from './canonical.ts'
import type { DailyReport, OfflineReport } from './documents/documents.ts'
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

/** What the page says of the figures that a model was registered with. */
export type RecordedOffline = Pick<
  OfflineReport,
  'rows' | 'auc' | 'auc_interval' | 'precision_at_20' | 'log_loss' | 'ece' | 'plain'
>

const Offline = z.looseObject({
  clock: z.enum(CLOCK_KINDS),
  rows: z.number(),
  auc: z.number(),
  auc_interval: z.object({ value: z.number(), lo: z.number(), hi: z.number() }),
  precision_at_20: z.number(),
  log_loss: z.number(),
  ece: z.number(),
  plain: z.string(),
})
/** What every document has besides what it is about. */
const HEADER: readonly string[] = ['schema', 'generated_at', 'clock', 'onay_version', 'config']

const Weights = z.object({ kind: z.string(), features: z.array(z.string()) })
const Manifest = z.object({ data: z.object({ from: z.iso.datetime(), until: z.iso.datetime() }) })

const GateValue = z.unknown()
const Gates = z.object({
  at: z.iso.datetime(),
  gates: z.array(
    z.object({
      gate: z.number(),
      name: z.string(),
      verdict: z.string(),
      value: GateValue,
      threshold: GateValue,
      reason: z.string(),
    }),
  ),
  outcome: z.object({
    verdict: z.string(),
    n: z.number(),
    log_loss: z.object({ candidate: figure, baseline: figure, fallback: figure }),
    text: z.string(),
  }),
})
type RecordedGatesFile = z.infer<typeof Gates>

type Files = ReadonlyMap<string, Buffer>
/** Which files are meant. */
type Named = (subject: string) => boolean

/** The offline report of a version, with the hash of what was registered. @throws OperatorError as the others do */
export function recordedOffline(
  files: Files,
  named: Named,
): { readonly report: RecordedOffline; readonly clock: ClockKind; readonly sha256: string } | null {
  const [report] = documents(files, named, Offline)
  if (report === undefined) return null
  const registered = Object.fromEntries(Object.entries(report).filter(([field]) => !HEADER.includes(field)))
  return { report, clock: report.clock, sha256: sha256Hex(canonicalJson(registered)) }
}

/** @throws OperatorError when a file is not the document that its name says */
export function recordedWeights(files: Files, named: Named): z.infer<typeof Weights> | null {
  return documents(files, named, Weights)[0] ?? null
}

/** The window that a version was trained on. @throws OperatorError when a file is not the document that its name says */
export function recordedWindow(
  files: Files,
  named: Named,
): { readonly fromMs: UnixMs; readonly untilMs: UnixMs } | null {
  const data = documents(files, named, Manifest)[0]?.data
  return data === undefined ? null : { fromMs: Date.parse(data.from), untilMs: Date.parse(data.until) }
}

/** Gates that somebody kept, newest first. @throws OperatorError when a file is not the document that its name says */
export function recordedGates(files: Files, named: Named): RecordedGatesFile[] {
  return documents(files, named, Gates).sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

/** @throws OperatorError when a file is not the document that its name says */
export function recordedRuns(files: Files, named: Named): RecordedRun[] {
  return documents(files, named, Run)
}

/** @throws OperatorError when a file is not the document that its name says */
export function recordedReports(files: Files, named: Named): RecordedReport[] {
  return documents(files, named, Report)
}

function documents<T>(files: Files, named: Named, shape: z.ZodType<T>): T[] {
  const found = [...files].filter(([subject]) => named(subject))
  return found
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
