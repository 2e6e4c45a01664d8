import * as z from 'zod'
import { decisionRows } from '../../db/decisions.ts'
import type { RegisteredModel } from '../../db/models.ts'
import { type UnixMs, minuteText } from '../../engine/kernel/units.ts'
import type { ChainHead } from '../../evidence/audit.ts'
import type { OutcomeDocument } from '../../evidence/documents/documents.ts'
import type { RecordedGates, RecordedOutcome, ReleaseRecord } from '../../evidence/pages/record-page.ts'
import { recordedReports, recordedRuns } from '../../evidence/recorded-files.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import { Approvals } from '../release/approvals.ts'
import type { Desks } from '../desk/desks.ts'
import type { GateJudge } from '../watch/judge-gates.ts'
import { gatesNow } from './readings.ts'

const Loss = z.number().nullable()
const Shown = z.object({
  outcome: z.object({
    verdict: z.string(),
    n: z.number(),
    logLoss: z.object({ candidate: Loss, baseline: Loss, fallback: Loss }),
  }),
})
const RUN = /(?:^|\/)(?:canary_run_[^/]*|canary_dryrun_observe)\.json$/
const REPORT = /daily\/report_(\d{4}-\d{2}-\d{2})\.json$/

interface RecordParts {
  readonly row: RegisteredModel
  readonly head: ChainHead
  readonly files: ReadonlyMap<string, Buffer>
  readonly gone: readonly string[]
  readonly bundle: string
}

/** Everything that the page of a release says, from the tables and from the evidence itself. */
export function releaseRecord(
  desks: Desks,
  judge: GateJudge,
  { row, head, files, gone, bundle }: RecordParts,
): ReleaseRecord {
  const { symbol, version } = row
  const desk = desks.of(symbol)
  const standing = desks.store.models.slots(symbol).find((slot) => slot.version === version)
  const atMs = desk.nowMs()
  const approvals = new Approvals(desks.evidence)
    .all()
    .filter((approval) => approval.symbol === symbol && approval.subject === version)
  const now = desk.judged?.version === version ? gatesNow(desks, judge, symbol, 'now') : null
  return {
    symbol,
    version,
    kind: row.kind,
    sha256: row.sha256,
    profile: standing?.profile ?? 'equivalent',
    slot: standing?.slot ?? null,
    clock: desk.tape.feed.clockKind,
    atMs,
    features: row.weights.features,
    window: { fromMs: row.windowFromMs, untilMs: row.windowUntilMs },
    offline: row.offline,
    course: courseOf(desks, row),
    gates: [gatesThen(desks, row) ?? (now === null ? null : { when: 'now', atMs, rows: now.gates })].filter(
      (gates) => gates !== null,
    ),
    runs: recordedRuns(files, RUN),
    approvals,
    outcome:
      desk.lineUp.candidate?.version === version && now !== null ? outcomeNow(now.outcome) : outcomeShown(approvals),
    reports: recordedReports(files, REPORT).map((report) => ({
      date: report.date,
      status: report.overall_status,
    })),
    gone,
    head,
    bundle,
  }
}

/** The gates as they were when it was promoted; of one that is not judged any more, as they were last. */
function gatesThen(desks: Desks, { symbol, version }: RegisteredModel): RecordedGates | null {
  const promotion = decisionRows(desks.store.db).promotions.find(
    (row) => row.symbol === symbol && row.version === version && row.kind === 'promotion',
  )
  if (promotion === undefined && desks.of(symbol).judged?.version === version) return null
  const { watch } = desks.store
  const then = watch.gatesOf(symbol, version, promotion?.tsMs ?? Number.MAX_SAFE_INTEGER)
  if (then === null) return null
  // Reasons are those of the evaluation in which a verdict last changed, values are the moment's own.
  const worded = watch.wordsOf(symbol, version, then.verdicts, then.tsMs)?.gates ?? []
  return {
    when: promotion === undefined ? 'when it was last judged' : 'at its promotion',
    atMs: then.tsMs,
    rows: worded.map((gate, i) => ({ ...gate, value: then.figures[i] ?? null })),
  }
}

function outcomeNow({ verdict, n, log_loss: logLoss, text }: OutcomeDocument): RecordedOutcome {
  return { when: 'Now', verdict, n, logLoss, text }
}

/** What whoever was asked last was shown. */
function outcomeShown(approvals: readonly ApprovalDocument[]): RecordedOutcome | null {
  const asked = approvals.findLast((approval) => approval.action === 'promote') ?? approvals.at(-1)
  const shown = asked === undefined ? null : Shown.safeParse(asked.figures)
  if (asked === undefined || shown === null || !shown.success) return null
  return { when: `As \`${asked.id}\` showed it`, ...shown.data.outcome, text: null }
}

function courseOf(
  desks: Desks,
  { symbol, version, tsMs }: RegisteredModel,
): { readonly atMs: UnixMs; readonly text: string }[] {
  const { promotions, runs } = decisionRows(desks.store.db)
  const course = [{ atMs: tsMs, text: 'trained and registered' }]
  for (const run of runs) {
    if (run.symbol !== symbol || run.candidate !== version) continue
    const ended = run.endedMs === null ? 'has not ended' : `ended ${minuteText(run.endedMs)}`
    course.push({ atMs: run.tsMs, text: `canary ${run.runId} was asked for, ${run.profile}, ${ended}` })
  }
  for (const row of promotions) {
    if (row.symbol !== symbol) continue
    const { kind, tsMs: atMs, reason, former } = row
    if (row.version === version)
      course.push({
        atMs,
        text: `${kind === 'promotion' ? 'promoted' : 'put back in charge by a rollback'} in place of ${former ?? 'nobody'}: ${reason}`,
      })
    else if (former === version)
      course.push({
        atMs,
        text: `${kind === 'promotion' ? `${row.version} was promoted in its place` : `rolled back to ${row.version}`}: ${reason}`,
      })
  }
  return course.sort((a, b) => a.atMs - b.atMs)
}
