/** With which weights the members of a mix count. */
import { type Regime, REGIMES } from '../market/regime.ts'

/** Columns that a minute's regime is told by. */
export const REGIME_COLUMNS = ['rv_60m_log', 'efficiency_60m'] as const

/** Weights of each regime, and where volatility begins. */
export interface RegimeShares {
  /** Of `rv_60m_log`. */
  readonly volatileAbove: number
  /** Null where a regime has had too few minutes: the common weights hold there. */
  readonly of: Readonly<Record<Regime, readonly number[] | null>>
}

/** Weights in the members' order, at least 0, summing to 1. */
export interface MixShares {
  readonly common: readonly number[]
  /** Null where a mix has the same weights in every market. */
  readonly regimes: RegimeShares | null
}

/** @param regime null where it is not known */
export function sharesIn({ common, regimes }: MixShares, regime: Regime | null): readonly number[] {
  return (regime === null ? null : regimes?.of[regime]) ?? common
}

export function eachRegime<T>(make: (regime: Regime) => T): Record<Regime, T> {
  const [trending, ranging, volatile] = REGIMES
  return { trending: make(trending), ranging: make(ranging), volatile: make(volatile) }
}
