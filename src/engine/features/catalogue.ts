/**
 * Every column that one bar can yield, in the order in which a row keeps them. `ewma_var_1m` feeds the fallback; the three
 * `_24h` roll-ups are logged beside the features.
 */
export const COLUMNS = [
  'mid',
  'mid_change_1m',
  'mid_logret_1m',
  'mid_logret_5m',
  'spread_bp',
  'vol1m',
  'vol1m_log',
  'rsi14',
  'rsi14_z',
  'zscore_mid_24h',
  'rv_15m_log',
  'rv_60m_log',
  'ewma_var_1m',
  'mid_mean_24h',
  'mid_std_24h',
  'mid_count_24h',
] as const

export type Column = (typeof COLUMNS)[number]

/** Where a column stands in a row's values. */
export const COLUMN_INDEX: Readonly<Record<Column, number>> = Object.fromEntries(
  COLUMNS.map((name, i) => [name, i]),
) as Record<Column, number>

interface FeatureSet {
  readonly name: string
  /** What the model is fitted on, the bias apart. */
  readonly model: readonly Column[]
  /** What PSI is measured on. */
  readonly drift: readonly Column[]
}

const V181: readonly Column[] = [
  'mid_logret_1m',
  'mid_logret_5m',
  'spread_bp',
  'vol1m_log',
  'rsi14_z',
  'zscore_mid_24h',
]
const V19: readonly Column[] = [...V181, 'rv_15m_log', 'rv_60m_log']

export const FEATURE_SETS: readonly FeatureSet[] = [
  {
    name: 'v1.8-b0',
    model: ['mid', 'mid_change_1m', 'spread_bp', 'vol1m_log', 'rsi14'],
    drift: ['mid', 'spread_bp', 'vol1m', 'rsi14'],
  },
  { name: 'v1.8.1', model: V181, drift: V181 },
  { name: 'v1.9', model: V19, drift: V19 },
]

/** The set of that name, or undefined. */
export function featureSet(name: string): FeatureSet | undefined {
  return FEATURE_SETS.find((set) => set.name === name)
}

export function isColumn(name: string): name is Column {
  return Object.hasOwn(COLUMN_INDEX, name)
}
