/** What arms have earned lately, kept as trades are closed: for metrics and alerts, which ask again and again. */
import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../kernel/units.ts'
import { normalQuantile } from '../stats/normal.ts'

/** Of the trades that figures are made of. */
export const RESULTS_MS = 14 * DAY_MS
const PRUNED_EACH = 256
/** Fewer fills say nothing of what they cost. */
const MIN_FILLS = 30
/** Standard errors from the mean to the lower end of what fills cost: an alert is not to come and go by chance. */
const CERTAIN_ERRORS = normalQuantile(0.999)

/** A trade that was closed. */
export interface ArmResult {
  readonly closedMs: UnixMs
  /** After fees, in quote units. */
  readonly pnl: number
  readonly notional: number
  /** A side, in per cent, against the arm; null where it is unknown. */
  readonly slippagePct: number | null
}

/** Of the last 14 days; null where there is no value. */
interface RunningFigures {
  readonly trades: number
  readonly expectancyBp: number | null
  readonly sharpe: number | null
  /** The largest fall of the cumulative result below its highest, as a multiple of the capital. */
  readonly drawdown: number
  readonly slippagePct: number | null
  /** What fills cost at least, with certainty. */
  readonly slippageLowPct: number | null
}

interface Kept {
  total: number
  results: ArmResult[]
  known: { readonly hourMs: UnixMs; readonly figures: RunningFigures } | null
}

export class ArmResults {
  private readonly arms = new Map<string, Kept>()

  /** @param capital what results are measured against, above 0 */
  constructor(private readonly capital: number) {}

  get names(): readonly string[] {
    return [...this.arms.keys()]
  }

  /** @param total all that the arm has closed so far; left out where this one is one more */
  add(arm: string, result: ArmResult, total?: number): void {
    const kept = this.arms.get(arm) ?? { total: 0, results: [], known: null }
    kept.total = total ?? kept.total + 1
    kept.results.push(result)
    // Where nobody asks for figures, they are let go here.
    if (kept.results.length % PRUNED_EACH === 0) prune(kept, result.closedMs)
    kept.known = null
    this.arms.set(arm, kept)
  }

  /** How many trades an arm has closed, ever. */
  total(arm: string): number {
    return this.arms.get(arm)?.total ?? 0
  }

  /** The cumulative result at so many moments of a span, evenly apart, each the end of its step; of the last 14 days alone. */
  course(arm: string, fromMs: UnixMs, untilMs: UnixMs, steps: number): readonly number[] {
    const changes = Array.from<number>({ length: steps }).fill(0)
    for (const { closedMs, pnl } of this.arms.get(arm)?.results ?? []) {
      if (closedMs < fromMs || closedMs > untilMs) continue
      const step = Math.min(steps - 1, Math.floor(((closedMs - fromMs) * steps) / Math.max(1, untilMs - fromMs)))
      changes[step] = (changes[step] ?? 0) + pnl
    }
    let sum = 0
    return changes.map((change) => (sum += change))
  }

  /** As of the hour; null for an arm without a trade. */
  figures(arm: string, atMs: UnixMs): RunningFigures | null {
    const kept = this.arms.get(arm)
    if (kept === undefined) return null
    const hourMs = floorTo(atMs, HOUR_MS)
    if (kept.known?.hourMs === hourMs) return kept.known.figures
    prune(kept, hourMs)
    const figures = this.figuresOf(kept.results)
    kept.known = { hourMs, figures }
    return figures
  }

  private figuresOf(results: readonly ArmResult[]): RunningFigures {
    const n = results.length
    let [pnl, notional, peak, drawdown, fills, slippage] = [0, 0, 0, 0, 0, 0]
    for (const result of results) {
      pnl += result.pnl
      notional += result.notional
      peak = Math.max(peak, pnl)
      drawdown = Math.max(drawdown, peak - pnl)
      if (result.slippagePct === null) continue
      fills++
      slippage += result.slippagePct
    }
    const [meanPnl, meanSlippage] = [pnl / n, slippage / fills]
    let [pnlSquares, slippageSquares] = [0, 0]
    for (const result of results) {
      pnlSquares += (result.pnl - meanPnl) ** 2
      if (result.slippagePct !== null) slippageSquares += (result.slippagePct - meanSlippage) ** 2
    }
    const deviation = Math.sqrt(pnlSquares / n)
    const [first, last] = [results[0], results.at(-1)]
    const days = Math.max(1, ((last?.closedMs ?? 0) - (first?.closedMs ?? 0)) / DAY_MS)
    const known = fills >= MIN_FILLS
    return {
      trades: n,
      expectancyBp: notional > 0 ? (1e4 * pnl) / notional : null,
      sharpe: n > 1 && deviation > 0 ? (pnl / days / deviation) * Math.sqrt(365) : null,
      drawdown: drawdown / this.capital,
      slippagePct: known ? meanSlippage : null,
      slippageLowPct: known ? meanSlippage - CERTAIN_ERRORS * Math.sqrt(slippageSquares / (fills - 1) / fills) : null,
    }
  }
}

function prune(kept: Kept, atMs: UnixMs): void {
  const isOld = ({ closedMs }: ArmResult): boolean => closedMs <= atMs - RESULTS_MS
  // Trades come as they are closed: where the first is young enough, all are.
  if (kept.results[0] !== undefined && isOld(kept.results[0]))
    kept.results = kept.results.filter((result) => !isOld(result))
}
