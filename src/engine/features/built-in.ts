import type { Bar } from '../market/bar.ts'
import { abdiRanaldoBp } from '../market/spread.ts'
import { STD_FLOOR, type RecentBar, type RecentBars } from './recent.ts'

/** Rows in the 24 h window below which a z-score says nothing. */
const MIN_ZSCORE_ROWS = 60

interface DayMoments {
  readonly count: number
  readonly mean: number
  readonly std: number
}

/** A bar with what the stream knows of those before it: all that a column may depend on. */
export interface BarInContext {
  readonly bar: Bar
  readonly now: RecentBar
  readonly recent: RecentBars
  /** Of the closes of the last 24 h, this one among them; the deviation is the population's. */
  readonly day: DayMoments
  /** The same of `vol1m_log`. */
  readonly volumeDay: DayMoments
  readonly rsi14: number
  readonly ewmaVariance: number
}

/**
 * The columns that every bar yields, in the order in which a row keeps them; NaN where there is no value. A further one is a
 * line at the end, and `npm run migrations` for its column in the database. `ewma_var_1m` feeds the fallback; the three
 * roll-ups `_24h` are logged beside the features.
 */
export const BUILT_IN = [
  ['mid', ({ now }: BarInContext) => now.mid],
  ['mid_change_1m', ({ now, recent }: BarInContext) => now.mid - (recent.before(now, 1)?.mid ?? Number.NaN)],
  ['mid_logret_1m', ({ now }: BarInContext) => now.logReturn],
  ['mid_logret_5m', ({ now, recent }: BarInContext) => now.logClose - (recent.before(now, 5)?.logClose ?? Number.NaN)],
  ['spread_bp', ({ now, recent }: BarInContext) => spreadBp(recent.before(now, 1), now)],
  ['vol1m', ({ bar }: BarInContext) => quoteVolume(bar)],
  ['vol1m_log', ({ bar }: BarInContext) => logVolume(bar)],
  ['rsi14', ({ rsi14 }: BarInContext) => rsi14],
  ['rsi14_z', ({ rsi14 }: BarInContext) => (rsi14 - 50) / 30],
  ['zscore_mid_24h', ({ now, day }: BarInContext) => zScore(now.mid, day)],
  ['rv_15m_log', ({ now, recent }: BarInContext) => logOf(recent.realisedVolatility(now.tsMs, 15))],
  ['rv_60m_log', ({ now, recent }: BarInContext) => logOf(recent.realisedVolatility(now.tsMs, 60))],
  ['ewma_var_1m', ({ ewmaVariance }: BarInContext) => ewmaVariance],
  ['mid_mean_24h', ({ day }: BarInContext) => day.mean],
  ['mid_std_24h', ({ day }: BarInContext) => day.std],
  ['mid_count_24h', ({ day }: BarInContext) => day.count],
  [
    'mid_logret_15m',
    ({ now, recent }: BarInContext) => now.logClose - (recent.before(now, 15)?.logClose ?? Number.NaN),
  ],
  [
    'mid_logret_60m',
    ({ now, recent }: BarInContext) => now.logClose - (recent.before(now, 60)?.logClose ?? Number.NaN),
  ],
  ['range_15m_bp', ({ now, recent }: BarInContext) => 1e4 * recent.logRange(now.tsMs, 15)],
  ['vol1m_log_z_24h', ({ bar, volumeDay }: BarInContext) => zScore(logVolume(bar), volumeDay)],
  ['zscore_mid_20m', ({ now, recent }: BarInContext) => recent.closeZScore(now.tsMs, 20)],
  ['efficiency_60m', ({ now, recent }: BarInContext) => recent.efficiency(now.tsMs, 60)],
] as const

export type BuiltInColumn = (typeof BUILT_IN)[number][0]

function spreadBp(before: RecentBar | undefined, now: RecentBar): number {
  return before === undefined ? Number.NaN : abdiRanaldoBp(before, now)
}

/** log(1 + quote volume). */
export function logVolume(bar: Bar): number {
  return Math.log1p(quoteVolume(bar))
}

function quoteVolume({ volume, close }: Bar): number {
  return volume * close
}

/** NaN while the window holds too few values to say anything. */
export function zScore(value: number, { count, mean, std }: DayMoments): number {
  return count < MIN_ZSCORE_ROWS ? Number.NaN : (value - mean) / (std + STD_FLOOR)
}

/** The floor keeps an hour without a move finite; NaN stays NaN. */
function logOf(volatility: number): number {
  return Math.log(volatility + 1e-7)
}
