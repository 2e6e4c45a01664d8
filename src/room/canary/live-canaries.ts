import { marginOf } from '../../engine/canary/plan.ts'
import { judgeLive, type LiveFigures, type LiveSide, type LiveVerdict } from '../../engine/canary/live.ts'
import type { CanaryRun } from '../../engine/canary/run.ts'
import { isRunning } from '../../engine/canary/state.ts'
import { DAY_MS, floorTo, HOUR_MS, isoDate, type UnixMs } from '../../engine/kernel/units.ts'
import { seededRandom } from '../../engine/kernel/random.ts'
import { ece, logLoss, rowLogLoss } from '../../engine/stats/calibration.ts'
import { blockBootstrapMean, type Interval } from '../../engine/stats/intervals.ts'
import { armFigures, type ClosedTrade } from '../../engine/trading/arm-figures.ts'
import { dailyDifference, meanReturnBp, tradeDifferenceBp } from '../../engine/trading/daily-difference.ts'
import type { LiveCanaryDocument } from '../../evidence/documents/release-documents.ts'
import { isConfident } from '../../serving/exposed.ts'
import { policyHash, POLICY_FILE } from '../config/canary-policy.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { liveNames } from './live-arms.ts'
import { liveDocument } from './live-document.ts'

/** Settled minutes are read in spans of this length, so that callers have their turn in between. */
const READ_MS = DAY_MS
/** With fewer than ten blocks the interval of a block bootstrap is too narrow to say anything. */
const LEAST_BLOCKS = 10
const LOSS_SEED = 8

/** What both sides said of the minutes on which the candidate was confident, ascending. */
interface Settled {
  readonly tsMs: UnixMs[]
  readonly labels: number[]
  readonly candidate: number[]
  readonly inCharge: number[]
}

/** Of one run. */
interface Known {
  readonly runId: string
  readonly settled: Settled
  /** Minutes before it have been read. */
  readUntilMs: UnixMs
  /** When it was last judged for what is to become of it. */
  lookedMs: UnixMs | null
  judged: { readonly atMs: UnixMs; readonly figures: LiveFigures; readonly verdict: LiveVerdict } | null
  /** The hash of a policy file that is another than the approved one, once it was told. */
  told: string | null | undefined
}

/** Judges canaries of days by what came of their answers: every hour, at the end of their time, and in a record of each day. */
export class LiveCanaries {
  private readonly known = new Map<string, Known>()

  constructor(
    private readonly evidence: EvidenceWriter,
    private readonly dataDir: string,
  ) {}

  /** Reads a little of what has been settled since. @returns whether there is more */
  readNext(desk: Desk, atMs: UnixMs): boolean {
    const run = liveRun(desk)
    if (run === null) return false
    const known = this.of(desk, run)
    const lastMs = Math.min(atMs, run.endedMs ?? atMs)
    if (known.readUntilMs >= lastMs) return false
    const untilMs = Math.min(lastMs, known.readUntilMs + READ_MS)
    const newestMs = readInto(known.settled, desk, run, known.readUntilMs, untilMs)
    // What is not settled yet is read again.
    const isLast = untilMs >= lastMs
    known.readUntilMs = isLast ? Math.max(known.readUntilMs, (newestMs ?? known.readUntilMs - 1) + 1) : untilMs
    return !isLast
  }

  /** What is to become of the canary of days that runs; null while none does, and where an hour has not passed since the last look. */
  judge(desk: Desk, atMs: UnixMs, isEnd: boolean): LiveVerdict | null {
    const run = desk.canary.phase === null ? null : liveRun(desk)
    if (run === null) return null
    const known = this.of(desk, run)
    if (!isEnd && known.lookedMs !== null && floorTo(atMs, HOUR_MS) <= known.lookedMs) return null
    while (this.readNext(desk, atMs));
    known.judged = this.judgedAt(desk, run, atMs)
    known.lookedMs = atMs
    return known.judged.verdict
  }

  /** What is written down after a look: the day before, and a policy that is another by now. Only once what it decided is kept. */
  record(desk: Desk, atMs: UnixMs): void {
    const run = liveRun(desk)
    if (run === null) return
    if (run.endedMs === null) this.tellPolicy(desk, run, this.of(desk, run))
    this.recordDay(desk, run, atMs)
  }

  /** Of the canary of days that runs, or was the last; null before it is judged, also after a start. */
  document(desk: Desk): LiveCanaryDocument | null {
    const run = liveRun(desk)
    const judged = run === null ? null : this.of(desk, run).judged
    if (run === null || judged === null) return null
    return liveDocument(run, judged, run.endedMs === null && this.policyNow() !== run.plan.live?.sha256)
  }

  private judgedAt(desk: Desk, run: CanaryRun, atMs: UnixMs): NonNullable<Known['judged']> {
    const figures = figuresOf(desk, run, this.of(desk, run).settled, atMs)
    return { atMs, figures, verdict: judgeLive(figures) }
  }

  private of({ symbol }: Desk, { runId, plan: _, ...run }: CanaryRun): Known {
    const known = this.known.get(symbol)
    if (known?.runId === runId) return known
    const settled = { tsMs: [], labels: [], candidate: [], inCharge: [] }
    const fresh: Known = { runId, settled, readUntilMs: beganMs(run), lookedMs: null, judged: null, told: undefined }
    this.known.set(symbol, fresh)
    return fresh
  }

  /** The hash of the policy file as it stands; null where there is none. */
  policyNow(): string | null {
    return policyHash(this.dataDir)
  }

  /** A file that was changed is told, and changes nothing. */
  private tellPolicy(desk: Desk, { plan }: CanaryRun, known: Known): void {
    const now = this.policyNow()
    const isOther = now !== plan.live?.sha256
    if (!isOther || known.told === now) {
      if (!isOther) known.told = undefined
      return
    }
    known.told = now
    const what = now === null ? 'cannot be read any more' : 'was changed'
    const text = `${POLICY_FILE} ${what}; the canary goes on by the policy that was approved`
    desk.transaction(() => desk.events.log('canary', 'warning', text, 'warning'))
  }

  /** The record of the day before, where there is none yet. */
  private recordDay(desk: Desk, run: CanaryRun, atMs: UnixMs): void {
    const dayMs = floorTo(atMs, DAY_MS) - DAY_MS
    if (dayMs + DAY_MS <= beganMs(run)) return
    const subject = this.evidence.subject(desk.symbol, `canary_live_${isoDate(dayMs)}.json`)
    const entry = desk.parts.store.journal.entryOf(subject)
    if (entry !== null && entry.tsMs >= beganMs(run)) return
    const document = liveDocument(run, this.judgedAt(desk, run, dayMs + DAY_MS), false)
    const stamped = this.evidence.stamp('canary_live/1', atMs, { symbol: desk.symbol, ...document })
    desk.transaction(() =>
      this.evidence.writeDocument(subject, stamped, atMs, { model: run.candidate, model_sha256: run.sha256 }),
    )
  }
}

/** The newest run that has begun, where it is one of days. */
export function liveRun({ canary }: Desk): CanaryRun | null {
  const run = canary.phase?.run ?? canary.begun
  return run?.plan.live === undefined ? null : run
}

/** When its one phase began. */
export function beganMs({ state, phases, tsMs }: Pick<CanaryRun, 'state' | 'phases' | 'tsMs'>): UnixMs {
  return isRunning(state) ? state.sinceMs : (phases[0]?.sinceMs ?? tsMs)
}

/** @returns the newest settled minute of the span, confident or not; null without one */
function readInto(settled: Settled, desk: Desk, run: CanaryRun, fromMs: UnixMs, untilMs: UnixMs): UnixMs | null {
  const { predictions } = desk.parts.store
  const theirs = new Map(
    predictions.settled(desk.symbol, run.baseline, fromMs, untilMs).map(({ tsMs, score }) => [tsMs, score]),
  )
  // A score of a model without a role cannot be judged any more: it decides nothing.
  const threshold = desk.lineUp.of(run.candidate)?.model.threshold ?? Number.NaN
  const margin = marginOf(run.plan)
  let newestMs: UnixMs | null = null
  for (const { tsMs, label, score } of predictions.settled(desk.symbol, run.candidate, fromMs, untilMs)) {
    newestMs = tsMs
    const other = theirs.get(tsMs)
    if (other === undefined || !isConfident(score, threshold, margin)) continue
    settled.tsMs.push(tsMs)
    settled.labels.push(label)
    settled.candidate.push(score)
    settled.inCharge.push(other)
  }
  return newestMs
}

function figuresOf(desk: Desk, run: CanaryRun, all: Settled, atMs: UnixMs): LiveFigures {
  const { store, limits } = desk.parts
  const fromMs = beganMs(run)
  const capital = limits.paper.rule.notional
  const n = all.tsMs.findLastIndex((tsMs) => tsMs < atMs) + 1
  const labels = all.labels.slice(0, n)
  const days = Math.max(0, Math.floor((atMs - fromMs) / DAY_MS))
  const tradesOf = (arm: string): readonly ClosedTrade[] =>
    store.trading
      .closedBy(desk.symbol, arm, fromMs)
      .filter(({ openedMs, closedMs }) => openedMs >= fromMs && closedMs <= atMs)
  const eligible = new Set(all.tsMs.slice(0, n))
  const followed = store.trading
    .followedIn(desk.symbol, fromMs, atMs + 1)
    .filter(({ rowMs }) => rowMs !== null && eligible.has(rowMs))
  const ownOf = (version: string): readonly ClosedTrade[] =>
    followed.filter(({ modelVersion }) => modelVersion === version)
  const [ownOurs, ownTheirs] = [ownOf(run.candidate), ownOf(run.baseline)]
  const sideOf = (trades: readonly ClosedTrade[], scores: readonly number[], own: readonly ClosedTrade[]): LiveSide => {
    const { sharpe, maxDrawdown, netPnl } = armFigures(trades, capital, Math.max(1, (atMs - fromMs) / DAY_MS))
    const said = scores.slice(0, n)
    const known = (value: number): number | null => (Number.isNaN(value) ? null : value)
    return {
      trades: trades.length,
      sharpe,
      maxDrawdown,
      netPnl,
      logLoss: known(logLoss(labels, said)),
      ece: known(ece(labels, said)),
      ownTrades: own.length,
      ownMeanBp: meanReturnBp(own),
    }
  }
  const names = liveNames(run)
  const [theirs, ours] = [tradesOf(names.inCharge), tradesOf(names.candidate)]
  return {
    days,
    neededDays: (run.plan.phases[0]?.durationMs ?? 0) / DAY_MS,
    minutes: n,
    canary: sideOf(ours, all.candidate, ownOurs),
    inCharge: sideOf(theirs, all.inCharge, ownTheirs),
    difference: dailyDifference(theirs, ours, { fromMs, days, capital }),
    logLossDifference: lossDifference(desk, all, n),
    ownDifferenceBp: tradeDifferenceBp(ownTheirs, ownOurs, { fromMs, days }),
    criticalDrift: store.drift.criticalChecks(desk.symbol, run.candidate, fromMs, atMs),
  }
}

/** Of the first `n` minutes, paired; null while there are too few. */
function lossDifference(desk: Desk, { labels, candidate, inCharge }: Settled, n: number): Interval | null {
  const { block, draws } = desk.parts.limits.outcome
  if (n < LEAST_BLOCKS * block) return null
  const losses = Float64Array.from({ length: n }, (_, i) => {
    const label = labels[i] ?? Number.NaN
    return rowLogLoss(label, candidate[i] ?? Number.NaN) - rowLogLoss(label, inCharge[i] ?? Number.NaN)
  })
  return blockBootstrapMean(losses, { block, draws, random: seededRandom(LOSS_SEED) })
}
