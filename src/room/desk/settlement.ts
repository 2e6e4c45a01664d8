import type { Store } from '../../db/store.ts'
import type { PairedLosses } from '../../engine/gates/outcome.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { Bar } from '../../engine/market/bar.ts'
import { type LabelSpec, type Model, sameLabel } from '../../engine/models/contract.ts'
import { heuristicScore } from '../../engine/models/heuristic.ts'
import { rowLogLoss } from '../../engine/stats/calibration.ts'
import type { LineUp, LoadedModel } from '../../serving/line-up.ts'
import { SettledDay } from '../../serving/settled-day.ts'

/** Settled minutes that the outcome line looks back on at most: ninety days. */
const MAX_PAIRS = 129_600

/** Label of a move from `mid` to `later`: 1 when the event that the models predict happened. */
export function labelOf(mid: number, later: number, spec: LabelSpec): 0 | 1 {
  const bp = Math.log(later / mid) * 1e4
  return (spec.kind === 'move' ? Math.abs(bp) : bp) > spec.thresholdBp ? 1 : 0
}

/** Minutes for which a label of the user's own is waited for in memory, beyond its horizon; later ones are read back. */
const WAITED_MIN = 1_440

/** A day before the last full hour. */
const SETTLED_MS = DAY_MS + HOUR_MS

/**
 * Waits for the label of every scored minute, and keeps the paired losses of candidate, baseline and fallback since the
 * candidate has been in the shadow.
 */
export class Settlement {
  /** Scores of the minutes whose label is still to come, by model. */
  private readonly open = new Map<UnixMs, Map<string, number>>()
  private readonly mids = new Map<UnixMs, number>()
  /** Of the model in charge. */
  readonly day: SettledDay
  private candidate: number[] = []
  private baseline: number[] = []
  private fallback: number[] = []
  /** The newest minute that was settled: what is kept of them is in the order of time. */
  private settledMs: UnixMs = Number.NEGATIVE_INFINITY
  /** Labels of the user's own have been looked for up to here. */
  private dueMs: UnixMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly spec: LabelSpec,
    private readonly heuristic: Model,
  ) {
    // The bar at the horizon's end is known when its minute is over.
    this.day = new SettledDay((spec.horizonMin + 1) * MINUTE_MS)
  }

  scored(tsMs: UnixMs, model: string, score: number): void {
    let scores = this.open.get(tsMs)
    if (scores === undefined) {
      scores = new Map()
      this.open.set(tsMs, scores)
    }
    if (!scores.has(model)) scores.set(model, score)
  }

  /** A bar came in: its mid is a label's end, and later a label's start. */
  sawBar(bar: Bar): void {
    this.mids.set(bar.tsMs, bar.close)
    forget(this.mids, bar.tsMs - (this.spec.horizonMin + 1) * MINUTE_MS)
    forget(this.open, bar.tsMs - (this.waitsMin + 1) * MINUTE_MS)
  }

  /** Settles the minute whose horizon ends with this bar, where it was scored; inside the caller's transaction. */
  settle(bar: Bar, lineUp: LineUp, atMs: UnixMs): void {
    const tsMs = bar.tsMs - this.spec.horizonMin * MINUTE_MS
    if (this.spec.kind === 'pushed') {
      // What was said before its horizon ended; a gap in the bars leaves several at once.
      const { symbol, spec, store } = this
      const said = store.ownLabels.between(symbol, spec.name ?? '', this.dueMs + 1, tsMs + 1)
      for (const [at, label] of said) this.settleAs(at, label, lineUp, atMs)
      this.dueMs = tsMs
      return
    }
    const mid = this.mids.get(tsMs)
    if (mid !== undefined) this.settleAs(tsMs, labelOf(mid, bar.close, this.spec), lineUp, atMs)
  }

  /**
   * A user has said what came of a minute; inside the caller's transaction. One whose horizon has not ended waits for that.
   * @param newestMs of the bars
   * @returns whether it came too late to be settled from memory: then whoever keeps the pairs reads them back
   */
  said(tsMs: UnixMs, label: 0 | 1, lineUp: LineUp, at: { readonly newestMs: UnixMs; readonly atMs: UnixMs }): boolean {
    if (tsMs + this.spec.horizonMin * MINUTE_MS > at.newestMs) return false
    if (this.open.has(tsMs) && tsMs > this.settledMs) {
      this.settleAs(tsMs, label, lineUp, at.atMs)
      return false
    }
    const { predictions } = this.store
    if (predictions.isSettled(this.symbol, tsMs)) return false
    if (!this.open.has(tsMs) && predictions.scoresAt(this.symbol, tsMs).length === 0) return false
    predictions.settle(this.symbol, tsMs, label, at.atMs)
    return true
  }

  /** Of a model that predicts something else, nothing is settled. */
  private fits(model: LoadedModel | null): model is LoadedModel {
    return model !== null && (model.label === undefined || sameLabel(model.label, this.spec))
  }

  private get waitsMin(): number {
    return this.spec.kind === 'pushed' ? this.spec.horizonMin + WAITED_MIN : this.spec.horizonMin
  }

  private settleAs(tsMs: UnixMs, label: 0 | 1, lineUp: LineUp, atMs: UnixMs): void {
    const scores = this.open.get(tsMs)
    if (scores === undefined) return
    this.store.predictions.settle(this.symbol, tsMs, label, atMs)
    this.open.delete(tsMs)
    if (this.spec.kind === 'pushed') this.settledMs = Math.max(this.settledMs, tsMs)
    const ours = this.fits(lineUp.inCharge) ? scores.get(lineUp.inCharge.version) : undefined
    if (ours !== undefined) this.day.add({ tsMs, label, score: ours })
    if (!this.fits(lineUp.candidate) || !this.fits(lineUp.inCharge) || tsMs < lineUp.candidate.sinceMs) return
    this.pair(
      label,
      scores.get(lineUp.candidate.version),
      scores.get(lineUp.inCharge.version),
      scores.get(this.heuristic.version),
    )
  }

  /** What models said of a minute that is not yet settled, by version; undefined where none did. */
  scoresAt(tsMs: UnixMs): ReadonlyMap<string, number> | undefined {
    return this.open.get(tsMs)
  }

  /** The newest minute that was scored and is not yet settled. */
  newest(): { tsMs: UnixMs; scores: ReadonlyMap<string, number> } | null {
    let found: { tsMs: UnixMs; scores: ReadonlyMap<string, number> } | null = null
    for (const [tsMs, scores] of this.open) found = { tsMs, scores }
    return found
  }

  /**
   * Where the user brings the labels: how many scored minutes of the last 24 hours whose horizon has ended lack theirs; null otherwise.
   * @param newestMs of the bars
   */
  overdue(newestMs: UnixMs | null): number | null {
    const { kind, horizonMin } = this.spec
    if (kind !== 'pushed' || newestMs === null) return null
    const endMs = newestMs - horizonMin * MINUTE_MS
    let count = 0
    for (const tsMs of this.open.keys()) if (tsMs <= endMs && tsMs > endMs - WAITED_MIN * MINUTE_MS) count++
    return count
  }

  losses(): PairedLosses {
    return {
      candidate: Float64Array.from(this.candidate),
      baseline: Float64Array.from(this.baseline),
      fallback: Float64Array.from(this.fallback),
    }
  }

  get pairs(): number {
    return this.candidate.length
  }

  /** Reads back what is open and what is paired, after a start or when a slot has changed. */
  reload(lineUp: LineUp, newestMs: UnixMs | null): void {
    this.candidate = []
    this.baseline = []
    this.fallback = []
    this.day.refill([])
    this.settledMs = Number.NEGATIVE_INFINITY
    if (newestMs === null) return
    if (this.fits(lineUp.inCharge)) {
      const { version } = lineUp.inCharge
      this.day.refill(this.store.predictions.settled(this.symbol, version, newestMs - SETTLED_MS, newestMs + 1))
    }
    const from = newestMs - (this.waitsMin + 1) * MINUTE_MS
    // All of them anew: a process may have died between a bar and what it settled. What is settled is not open any more.
    if (this.spec.kind === 'pushed') this.dueMs = from - 1
    for (const bar of this.store.bars.between(this.symbol, from, newestMs + 1)) this.mids.set(bar.tsMs, bar.close)
    for (const row of this.store.features.each(this.symbol, from, newestMs + 1)) {
      for (const { model, score } of this.store.predictions.scoresAt(this.symbol, row.tsMs))
        this.scored(row.tsMs, model, score)
      // The fallback scores every row, also where no model is in charge yet.
      const fallback = this.heuristic.score(row.values)
      if (!Number.isNaN(fallback)) this.scored(row.tsMs, this.heuristic.version, fallback)
    }
    for (const tsMs of this.open.keys()) {
      if (!this.store.predictions.isSettled(this.symbol, tsMs)) continue
      this.open.delete(tsMs)
      if (this.spec.kind === 'pushed') this.settledMs = tsMs
    }
    this.reloadPairs(lineUp, newestMs)
  }

  private reloadPairs(lineUp: LineUp, newestMs: UnixMs): void {
    const { candidate, inCharge: baseline } = lineUp
    if (!this.fits(candidate) || !this.fits(baseline)) return
    const fromMs = Math.max(candidate.sinceMs, newestMs - MAX_PAIRS * MINUTE_MS)
    const theirs = this.store.predictions.settled(this.symbol, candidate.version, fromMs, newestMs + 1)
    const ours = new Map(
      this.store.predictions
        .settled(this.symbol, baseline.version, fromMs, newestMs + 1)
        .map((row) => [row.tsMs, row.score]),
    )
    const variance = this.store.features.column(this.symbol, 'ewma_var_1m', fromMs, newestMs + 1)
    for (const { tsMs, label, score } of theirs) {
      const fallback = heuristicScore(variance.get(tsMs) ?? Number.NaN, this.spec)
      this.pair(label === 1 ? 1 : 0, score, ours.get(tsMs), fallback)
    }
  }

  private pair(
    label: 0 | 1,
    candidate: number | undefined,
    baseline: number | undefined,
    fallback: number | undefined,
  ): void {
    if (candidate === undefined || baseline === undefined || fallback === undefined || Number.isNaN(fallback)) return
    this.candidate.push(rowLogLoss(label, candidate))
    this.baseline.push(rowLogLoss(label, baseline))
    this.fallback.push(rowLogLoss(label, fallback))
    if (this.candidate.length > MAX_PAIRS) {
      this.candidate.shift()
      this.baseline.shift()
      this.fallback.shift()
    }
  }
}

/** Times ascend: what lies before one of them is at the front. */
function forget(byTime: Map<UnixMs, unknown>, beforeMs: UnixMs): void {
  for (const tsMs of byTime.keys()) {
    if (tsMs >= beforeMs) return
    byTime.delete(tsMs)
  }
}
