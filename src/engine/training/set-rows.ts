/** What the five models of a set are trained and tested on: which rows, and what each is to say of them. */
import type { Column } from '../features/catalogue.ts'
import { columnOf, type FeatureTable } from '../features/row.ts'
import { DAY_MS, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from '../market/bar.ts'
import { ofEach, type SetTarget } from '../models/tree-set.ts'
import { binColumns, type Binned } from './binning.ts'
import { MIN_COMPARED_ROWS } from './comparison.ts'
import { pick } from './dataset.ts'
import { setTargets } from './set-targets.ts'

export const SET_HORIZON_MIN = 15
/** Of the rows, those that train; the rest, a day later, tests. */
const TRAIN_SHARE = 0.7
/** Of the rows that train, those at their end by which growing stops. */
const ASIDE_SHARE = 0.15
const EMBARGO_MS = DAY_MS
/** Fewer leave no ten blocks to judge by. */
const MIN_TEST_ROWS = MIN_COMPARED_ROWS

export interface SetTraining {
  readonly version: string
  readonly table: FeatureTable
  /** Of the same minutes, ascending. */
  readonly bars: readonly Bar[]
  readonly features: readonly Column[]
  readonly window: { readonly fromMs: UnixMs; readonly untilMs: UnixMs }
  readonly seed: number
}

/** Places of rows in the table, by what they are for. */
interface SetRows {
  readonly all: Int32Array
  readonly fit: Int32Array
  readonly aside: Int32Array
  readonly train: Int32Array
  readonly test: Int32Array
}

/** Everything that a model of the set is trained on: data alone, which another thread may be given. */
export interface PreparedSet {
  readonly features: readonly Column[]
  readonly seed: number
  /** Of the table, each with a value a row. */
  readonly tsMs: Float64Array
  readonly columns: readonly Float64Array[]
  readonly targets: Readonly<Record<SetTarget, Float64Array>>
  readonly rows: SetRows
  /** The features of the rows that trees are grown on. */
  readonly binned: Binned
}

/**
 * Rows of the window with every feature and target, whose targets are known at its end. The first 70 % train (the last 15 % of them,
 * purged by the horizon, decide when to stop growing), at least a day is left out, and the rest tests.
 * @throws RangeError when too few rows are left to test on, or the table lacks a feature
 */
export function prepareSet(input: SetTraining): PreparedSet {
  const { table, features, seed } = input
  const targets = targetColumns(input)
  const rows = rowsOf(input, targets)
  const columns = features.map((name) => columnOf(table, name))
  const binned = binColumns(columns.map((column) => pick(column, rows.fit)))
  return { features, seed, tsMs: table.tsMs, columns, targets, rows, binned }
}

/** Targets of the table's rows. */
function targetColumns({ table, bars }: SetTraining): Readonly<Record<SetTarget, Float64Array>> {
  const ofBars = setTargets(bars, SET_HORIZON_MIN)
  const places = new Map(bars.map(({ tsMs }, i) => [tsMs, i]))
  const place = Int32Array.from(table.tsMs, (tsMs) => places.get(tsMs) ?? -1)
  return ofEach((target) => pick(ofBars[target], place))
}

function rowsOf({ table, features, window }: SetTraining, targets: Readonly<Record<SetTarget, Float64Array>>): SetRows {
  const needed = [...features.map((name) => columnOf(table, name)), ...Object.values(targets)]
  const horizonMs = SET_HORIZON_MIN * MINUTE_MS
  const at = (place: number | undefined): UnixMs => table.tsMs[place ?? -1] ?? Number.NaN
  const all = Int32Array.from(table.tsMs.keys()).filter((i) => {
    const tsMs = at(i)
    const isWithin = tsMs >= window.fromMs && tsMs < window.untilMs - horizonMs
    return isWithin && needed.every((column) => Number.isFinite(column[i]))
  })
  const train = all.subarray(0, Math.floor(TRAIN_SHARE * all.length))
  const test = all.filter((i) => at(i) > at(train.at(-1)) + EMBARGO_MS)
  const aside = train.subarray(Math.floor((1 - ASIDE_SHARE) * train.length))
  const fit = train.filter((i) => at(i) + horizonMs < at(aside[0]))
  if (test.length < MIN_TEST_ROWS)
    throw new RangeError(
      `${all.length} rows have every feature and target; 70 % of them train and a day is left out, which leaves ${test.length} ` +
        `to test on, and ${MIN_TEST_ROWS} are needed`,
    )
  return { all, fit, aside, train, test }
}
