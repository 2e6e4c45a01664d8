/** The three gates between an arm's closed trades and a retraining on them. Pure: too little waits, and says how much is missing. */
import { DAY_MS, type UnixMs } from '../kernel/units.ts'
import type { Verdict } from '../kernel/verdict.ts'
import { quantileSorted, sortedFinite } from '../stats/quantile.ts'

interface RetrainLimits {
  /** Between the openings of the first and the last trade, at least. */
  readonly minAgeMs: number
  /** Since the newest opening, less than this. */
  readonly maxQuietMs: number
  readonly minTrades: number
  /** Quantiles of the market's volatility that trades must reach beyond; 0 to 1. */
  readonly low: number
  readonly high: number
  /** This share of the trades beyond each, or this many. */
  readonly minShareBeyond: number
  readonly minBeyond: number
}

export const RETRAIN_LIMITS: RetrainLimits = {
  minAgeMs: 14 * DAY_MS,
  maxQuietMs: DAY_MS,
  minTrades: 75,
  low: 0.2,
  high: 0.8,
  minShareBeyond: 0.05,
  minBeyond: 10,
}

/** For trying the way through: never what a set of models is trusted for. */
export const SMOKE_LIMITS: RetrainLimits = { ...RETRAIN_LIMITS, minAgeMs: 7 * DAY_MS, minTrades: 10 }

const RETRAIN_GATES = ['paper_age', 'trade_count', 'regime_diversity'] as const

interface RetrainGate {
  readonly name: (typeof RETRAIN_GATES)[number]
  readonly verdict: Verdict
  /** Days, trades, or trades beyond the rarer of both quantiles; null where there is none. */
  readonly value: number | null
  readonly threshold: number
  readonly reason: string
  /** When it can pass at the earliest, where that can be known. */
  readonly readyAtMs: UnixMs | null
}

/** What the gates ask of a closed trade. */
interface JudgedTrade {
  readonly openedMs: UnixMs
  /** `rv_60m_log` of the deciding row; null where it was unknown. */
  readonly rv60mLog: number | null
}

/** How far trades reach into the market's quiet and its wild minutes. */
interface RegimeReach {
  readonly lowQuantile: number
  readonly highQuantile: number
  readonly below: number
  readonly above: number
}

/**
 * @param trades closed, any order
 * @param marketRv `rv_60m_log` of every minute from the first deciding row to now, any order; NaN is left out
 */
export function retrainGates(
  trades: readonly JudgedTrade[],
  marketRv: ArrayLike<number>,
  nowMs: UnixMs,
  limits: RetrainLimits,
): readonly RetrainGate[] {
  return [ageGate(trades, nowMs, limits), countGate(trades, limits), regimeGate(trades, marketRv, limits)]
}

export function allPass(gates: readonly RetrainGate[]): boolean {
  return gates.length === RETRAIN_GATES.length && gates.every(({ verdict }) => verdict === 'PASS')
}

/** Null without a trade or a minute whose volatility is known. */
export function regimeReach(
  trades: readonly JudgedTrade[],
  marketRv: ArrayLike<number>,
  { low, high }: Pick<RetrainLimits, 'low' | 'high'>,
): RegimeReach | null {
  const market = sortedFinite(marketRv)
  if (market.length === 0 || trades.length === 0) return null
  const [lowQuantile, highQuantile] = [quantileSorted(market, low), quantileSorted(market, high)]
  const below = trades.filter(({ rv60mLog }) => rv60mLog !== null && rv60mLog < lowQuantile).length
  const above = trades.filter(({ rv60mLog }) => rv60mLog !== null && rv60mLog > highQuantile).length
  return { lowQuantile, highQuantile, below, above }
}

function ageGate(trades: readonly JudgedTrade[], nowMs: UnixMs, limits: RetrainLimits): RetrainGate {
  const gate = { name: 'paper_age', threshold: limits.minAgeMs / DAY_MS } as const
  if (trades.length === 0) return { ...gate, verdict: 'WAIT', value: null, reason: 'no trade yet', readyAtMs: null }
  const openings = trades.map(({ openedMs }) => openedMs)
  const first = openings.reduce((a, b) => Math.min(a, b))
  const last = openings.reduce((a, b) => Math.max(a, b))
  const value = (last - first) / DAY_MS
  const quietMs = nowMs - last
  if (quietMs >= limits.maxQuietMs) {
    const reason = `the newest trade was opened ${(quietMs / DAY_MS).toFixed(1)} days ago`
    return { ...gate, verdict: 'FAIL', value, reason, readyAtMs: null }
  }
  if (last - first >= limits.minAgeMs)
    return { ...gate, verdict: 'PASS', value, reason: `${trades.length} trades`, readyAtMs: null }
  const missing = (limits.minAgeMs - (last - first)) / DAY_MS
  const readyAtMs = Math.max(first + limits.minAgeMs, nowMs)
  return { ...gate, verdict: 'WAIT', value, reason: `${missing.toFixed(1)} more days of trades needed`, readyAtMs }
}

function countGate({ length: value }: readonly JudgedTrade[], { minTrades }: RetrainLimits): RetrainGate {
  const gate = { name: 'trade_count', value, threshold: minTrades, readyAtMs: null } as const
  return value >= minTrades
    ? { ...gate, verdict: 'PASS', reason: 'enough trades are closed' }
    : { ...gate, verdict: 'WAIT', reason: `${minTrades - value} more closed trades needed` }
}

function regimeGate(trades: readonly JudgedTrade[], marketRv: ArrayLike<number>, limits: RetrainLimits): RetrainGate {
  const needed = Math.min(limits.minBeyond, Math.max(1, Math.ceil(limits.minShareBeyond * trades.length)))
  const gate = { name: 'regime_diversity', threshold: needed, readyAtMs: null } as const
  const reach = regimeReach(trades, marketRv, limits)
  if (reach === null) return { ...gate, verdict: 'WAIT', value: null, reason: 'no trade whose volatility is known' }
  const { below, above, lowQuantile, highQuantile } = reach
  const said =
    `${below} below the market's ${100 * limits.low} % quantile (${lowQuantile.toFixed(2)}), ` +
    `${above} above its ${100 * limits.high} % (${highQuantile.toFixed(2)})`
  const value = Math.min(below, above)
  if (value >= needed) return { ...gate, verdict: 'PASS', value, reason: said }
  // With enough trades it is known that they miss a part of the market; with few of them it may yet come.
  const verdict = trades.length >= limits.minTrades ? 'FAIL' : 'WAIT'
  return { ...gate, verdict, value, reason: `${said}; ${needed} needed in each` }
}

/**
 * How many times the assumed slippage a training report reckons with: 2 until 75 trades are closed, then falling linearly to 1.5 at 300.
 * Few fills say little about what they cost.
 */
export function slippageMultiplier(closedTrades: number): number {
  const [few, many] = [75, 300]
  const share = Math.min(1, Math.max(0, (closedTrades - few) / (many - few)))
  return 2 - 0.5 * share
}
