import { BUILT_IN, type BuiltInColumn } from './built-in.ts'
import type { OwnColumn } from './own-column.ts'
import { FRAME_COLUMNS, type FrameSource } from './frames.ts'

/** The name of a column of a catalogue. */
export type Column = string

/** Columns that models are trained on and watched by together. */
export interface FeatureSet {
  readonly name: string
  /** What the model is fitted on, the bias apart. */
  readonly model: readonly Column[]
  /** What PSI is measured on. */
  readonly drift: readonly Column[]
}

/**
 * The columns of a symbol's rows, in the order in which a row keeps them, and the sets that are made of them. The built-in
 * ones come first, so that what was stored before another was added reads as it did.
 */
export class Catalogue {
  /** The place of a column in a row's values. */
  readonly index: ReadonlyMap<Column, number>

  /** @throws RangeError when a name is listed twice, or a set names a column that is not there */
  constructor(
    readonly names: readonly Column[],
    readonly sets: readonly FeatureSet[],
    /** Columns that are worked out where a model needs them, as another one's score over 24 h, which is named here: rows are stored without them. */
    readonly dayScores: ReadonlyMap<Column, Column> = new Map(),
    /** Columns of longer frames: they are stored once a bar of theirs, and joined to rows that need them. */
    readonly frames: ReadonlyMap<Column, FrameSource> = new Map(),
    /** The user's own, in the order in which they were declared; the last of the names. */
    readonly own: readonly OwnColumn[] = [],
  ) {
    this.index = new Map(names.map((name, i) => [name, i]))
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) throw new RangeError(`the column ${twice} is listed twice`)
    for (const set of sets) this.places([...set.model, ...set.drift])
  }

  /** This one, and what a user has declared further for a symbol. */
  with(own: readonly OwnColumn[], sets: readonly FeatureSet[]): Catalogue {
    const names = [...this.names, ...own.map(({ name }) => name)]
    return new Catalogue(names, [...this.sets, ...sets], this.dayScores, this.frames, [...this.own, ...own])
  }

  /** The place of the first of the user's own columns. */
  get firstOwn(): number {
    return this.names.length - this.own.length
  }

  /** Whether rows are stored without it. */
  isDerived(name: Column): boolean {
    return this.dayScores.has(name) || this.frames.has(name)
  }

  has(name: string): boolean {
    return this.index.has(name)
  }

  /** @throws RangeError when there is no such column */
  place(name: Column): number {
    const place = this.index.get(name)
    if (place === undefined) throw new RangeError(`there is no column ${name}`)
    return place
  }

  /** The place of each, in their order. @throws RangeError when there is no such column */
  places(names: readonly Column[]): Int32Array {
    return Int32Array.from(names, (name) => this.place(name))
  }

  /** The set of that name; undefined when there is none. */
  set(name: string): FeatureSet | undefined {
    return this.sets.find((set) => set.name === name)
  }
}

const V181: readonly BuiltInColumn[] = [
  'mid_logret_1m',
  'mid_logret_5m',
  'spread_bp',
  'vol1m_log',
  'rsi14_z',
  'zscore_mid_24h',
]
const V19: readonly BuiltInColumn[] = [...V181, 'rv_15m_log', 'rv_60m_log']
const V2_PAPER: readonly BuiltInColumn[] = [
  'mid_logret_1m',
  'mid_logret_5m',
  'mid_logret_15m',
  'mid_logret_60m',
  'rv_15m_log',
  'rv_60m_log',
  'range_15m_bp',
  'vol1m_log_z_24h',
  'rsi14_z',
  'zscore_mid_24h',
  'zscore_mid_20m',
]
const V18_B0: readonly BuiltInColumn[] = ['mid', 'mid_change_1m', 'spread_bp', 'vol1m_log', 'rsi14']
const V18_B0_DRIFT: readonly BuiltInColumn[] = ['mid', 'spread_bp', 'vol1m', 'rsi14']

/** The column that holds the z-score of another one over its last 24 hours. */
export function dayScoreOf(column: Column): Column {
  return `${column}_z_24h`
}

const SETS: readonly FeatureSet[] = [
  { name: 'v1.8-b0', model: V18_B0, drift: V18_B0_DRIFT },
  { name: 'v1.8.1', model: V181, drift: V181 },
  { name: 'v1.9', model: V19, drift: V19 },
  { name: 'v2-paper', model: V2_PAPER, drift: V2_PAPER },
]
const BUILT_IN_NAMES: readonly Column[] = BUILT_IN.map(([name]) => name)
/** Of every column that a model can be trained on; that of one may be a built-in column already. */
const DAY_SCORES = new Map(
  SETS.flatMap(({ model }) => model.map((name) => [dayScoreOf(name), name] as const)).filter(
    ([score]) => !BUILT_IN_NAMES.includes(score),
  ),
)

/** What every symbol has. */
export const builtInCatalogue = new Catalogue(
  [...BUILT_IN_NAMES, ...DAY_SCORES.keys(), ...FRAME_COLUMNS.keys()],
  SETS,
  DAY_SCORES,
  FRAME_COLUMNS,
)
