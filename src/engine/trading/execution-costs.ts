/** What fills really cost, and how large a position that allows: by time of day, by regime, and weighted towards the newest. */
import { HOUR_MS, type UnixMs } from '../kernel/units.ts'
import { type Course, type Regime, REGIMES, volatileFrom } from '../market/regime.ts'
import { normalQuantile } from '../stats/normal.ts'

const DAY_PARTS = ['00-06', '06-12', '12-18', '18-24'] as const
type DayPart = (typeof DAY_PARTS)[number]

/** A closed trade, its slippage in basis points against us. */
interface FilledTrade {
  readonly openedMs: UnixMs
  readonly closedMs: UnixMs
  readonly slipEntryBp: number
  readonly slipExitBp: number
  /** Of the deciding row; null where it is unknown. */
  readonly rv60mLog: number | null
  /** Of the deciding row, volatility apart; null where it is unknown. */
  readonly course: Course | null
}

export interface CostBucket {
  readonly trades: number
  /** Mean of both sides of a trade, in per cent. */
  readonly slippagePct: number
  /** Assumed over actual cost, within 0.5 to 1.2; above 1 only from a hundred trades on. */
  readonly multiplier: number
  /** By how much it is dearer than all other trades, in per cent a side; null where either has fewer than two trades. */
  readonly dearer: { readonly value: number; readonly lo: number; readonly hi: number } | null
}

interface ExecutionCosts {
  readonly trades: number
  /** Exponentially weighted, the newest fifty trades three times as much, in per cent a side. */
  readonly emaPct: number
  /** How many trades the weighted mean rests on: 1 over the sum of squared weights. */
  readonly effectiveTrades: number
  readonly meanPct: number
  readonly assumedPct: number
  readonly multiplier: number
  /** `rv_60m_log` above which a trade counts as volatile; NaN where no minute's is known. */
  readonly volatileAbove: number
  readonly byTimeOfDay: Readonly<Partial<Record<DayPart, CostBucket>>>
  readonly byRegime: Readonly<Partial<Record<Regime, CostBucket>>>
}

const EMA = { span: 200, recent: 50, boost: 3, most: 0.5 }
const MULTIPLIER = { least: 0.5, most: 1.2, mostOfFew: 1, few: 100 }
/** Of all buckets together: each is looked at by its part of what may err. */
const CONFIDENCE = 0.95
const BUCKETS = DAY_PARTS.length + REGIMES.length
/** Below it there is nothing to calibrate on. */
export const MIN_CALIBRATED_TRADES = 30

/**
 * @param trades any order, at least one
 * @param marketRv `rv_60m_log` of every minute from the first to the last deciding row, any order
 * @param assumedPct what the models were trained to pay, a side, in per cent
 * @throws RangeError without a trade
 */
export function executionCosts(
  trades: readonly FilledTrade[],
  marketRv: ArrayLike<number>,
  assumedPct: number,
): ExecutionCosts {
  const inOrder = [...trades].sort((a, b) => a.closedMs - b.closedMs)
  const costs = inOrder.map(({ slipEntryBp, slipExitBp }) => (slipEntryBp + slipExitBp) / 2 / 100)
  const volatileAbove = volatileFrom(marketRv)
  const { mean: emaPct, effective } = weightedMean(costs)
  const bucketed = <K extends string>(keys: readonly K[], keyOf: (trade: FilledTrade) => K) =>
    Object.fromEntries(
      keys.flatMap((key) => {
        const isOwn = (i: number): boolean => inOrder[i] !== undefined && keyOf(inOrder[i]) === key
        const own = costs.filter((_, i) => isOwn(i))
        const others = costs.filter((_, i) => !isOwn(i))
        return own.length === 0 ? [] : [[key, bucketOf(own, others, assumedPct)]]
      }),
    ) as Partial<Record<K, CostBucket>>
  return {
    trades: costs.length,
    emaPct,
    effectiveTrades: effective,
    meanPct: meanOf(costs),
    assumedPct,
    multiplier: multiplierOf(emaPct, costs.length, assumedPct),
    volatileAbove,
    byTimeOfDay: bucketed(DAY_PARTS, ({ openedMs }) => dayPartOf(openedMs)),
    byRegime: bucketed(REGIMES, (trade) => tradedIn(trade, volatileAbove)),
  }
}

function tradedIn({ rv60mLog, course }: FilledTrade, volatileAbove: number): Regime {
  return rv60mLog !== null && rv60mLog > volatileAbove ? 'volatile' : (course ?? 'ranging')
}

/**
 * Assumed over actual cost. A cost of 0 or less leaves the largest.
 * @param costPct a side, in per cent
 */
function multiplierOf(costPct: number, trades: number, assumedPct: number): number {
  const most = trades >= MULTIPLIER.few ? MULTIPLIER.most : MULTIPLIER.mostOfFew
  const wanted = costPct > 0 ? assumedPct / costPct : MULTIPLIER.most
  return Math.min(most, Math.max(MULTIPLIER.least, wanted))
}

function bucketOf(costs: readonly number[], others: readonly number[], assumedPct: number): CostBucket {
  const slippagePct = meanOf(costs)
  const multiplier = multiplierOf(slippagePct, costs.length, assumedPct)
  return { trades: costs.length, slippagePct, multiplier, dearer: differenceOf(costs, others) }
}

/** Difference of two means with its interval, the variances not assumed equal (Welch 1947), by the normal distribution. */
function differenceOf(a: readonly number[], b: readonly number[]): CostBucket['dearer'] {
  if (a.length < 2 || b.length < 2) return null
  const value = meanOf(a) - meanOf(b)
  const z = normalQuantile(1 - (1 - CONFIDENCE) / BUCKETS / 2)
  const half = z * Math.sqrt(varianceOf(a) / a.length + varianceOf(b) / b.length)
  return { value, lo: value - half, hi: value + half }
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
}

function dayPartOf(ms: UnixMs): DayPart {
  return DAY_PARTS[Math.floor((Math.floor(ms / HOUR_MS) % 24) / 6)] ?? '00-06'
}

function weightedMean(values: readonly number[]): { mean: number; effective: number } {
  const base = 2 / (EMA.span + 1)
  const boundary = Math.max(0, values.length - EMA.recent)
  let mean = values[0]
  if (mean === undefined) throw new RangeError('execution costs need at least one trade')
  let squares = 1
  for (const [i, value] of values.entries()) {
    if (i === 0) continue
    const weight = Math.min(EMA.most, i >= boundary ? base * EMA.boost : base)
    mean = weight * value + (1 - weight) * mean
    squares = weight ** 2 + (1 - weight) ** 2 * squares
  }
  return { mean, effective: 1 / squares }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** What to do about buckets that certainly cost more than the rest, in words; none where that is not certain. */
export function costAdvice({ byTimeOfDay, byRegime }: ExecutionCosts): readonly string[] {
  const named = [
    ...Object.entries(byTimeOfDay).map(([hours, bucket]) => [`${hours} UTC`, bucket] as const),
    ...Object.entries(byRegime).map(([regime, bucket]) => [`a ${regime} market`, bucket] as const),
  ]
  return named.flatMap(([name, { trades, slippagePct, dearer }]) => {
    if (dearer === null || dearer.lo <= 0) return []
    const { value, lo, hi } = dearer
    const cost = `${name} costs ${slippagePct.toFixed(3)} % a side over ${trades} trades`
    const more = `${value.toFixed(3)} more than the rest [${lo.toFixed(3)}, ${hi.toFixed(3)}]`
    return [`${cost}, ${more}: halve the size or stay out`]
  })
}
