/** One model of a set of five: its trees, and what it is worth beside its naive predictor. */
import type { Column } from '../features/catalogue.ts'
import { isEvent, type SetTarget } from '../models/tree-set.ts'
import { sumOfLeaves } from '../models/trees.ts'
import { rowLogLoss, sigmoid } from '../stats/calibration.ts'
import { blockBootstrapMean, type Interval } from '../stats/intervals.ts'
import { auc } from '../stats/ranking.ts'
import { BOOSTING, fitBoosted, type BoostedFit, type TargetedRows } from './boosting.ts'
import { bootstrapOptions } from './comparison.ts'
import { pick } from './dataset.ts'
import { dependenceOf, type Dependence } from './partial-dependence.ts'
import type { PreparedSet } from './set-rows.ts'

const EXPLAINED_FEATURES = 3
/** What the naive predictor of volatility repeats. */
const LAST_VOLATILITY = 'rv_15m_log'

/** What one of the five is worth on rows that it has not seen. */
export interface SetMemberReport {
  readonly loss: 'log loss' | 'squared error'
  readonly value: number
  readonly naive: number
  /** What the naive one says. */
  readonly naive_predictor: string
  /** The naive one's loss less the model's, a row: above 0 the model is better. */
  readonly gain: Interval
  /** Of a yes or a no alone. */
  readonly auc: number | null
  readonly useful: boolean
  readonly plain: string
  readonly trees: number
  /** Share of the whole gain of its splits, by feature. */
  readonly importance: Readonly<Record<Column, number>>
  readonly partial_dependence: readonly Dependence[]
}

export interface TrainedMember {
  readonly fit: BoostedFit
  readonly report: SetMemberReport
}

/** @returns the model of a target, and what it is worth on the rows that test; the same for the same rows and seed */
export function trainMember(prepared: PreparedSet, target: SetTarget): TrainedMember {
  const { features, columns, rows, binned, seed } = prepared
  const y = prepared.targets[target]
  const targeted = (places: Int32Array): TargetedRows => ({
    columns: columns.map((column) => pick(column, places)),
    target: pick(y, places),
  })
  const loss = isEvent(target) ? 'log' : 'squared'
  const fit = fitBoosted(targeted(rows.fit), { ...BOOSTING, loss, seed }, targeted(rows.aside), binned)
  const test = targeted(rows.test)
  const said = predictions(fit, test.columns, loss)
  const naive = naiveOf(target, pick(y, rows.train), lastVolatility(prepared))
  const lossOf = loss === 'log' ? rowLogLoss : (wanted: number, x: number) => (wanted - x) ** 2
  const [own, others] = [said, naive.said].map((values) =>
    test.target.map((wanted, i) => lossOf(wanted, values[i] ?? Number.NaN)),
  )
  if (own === undefined || others === undefined) throw new RangeError('nothing was predicted')
  const gain = blockBootstrapMean(
    others.map((theirs, i) => theirs - (own[i] ?? Number.NaN)),
    bootstrapOptions(seed),
  )
  const figures = { value: meanOf(own), naive: meanOf(others), gain, useful: gain.lo > 0 }
  const lossName = loss === 'log' ? 'log loss' : 'squared error'
  const strongest = [...fit.importance.keys()]
    .sort((a, b) => (fit.importance[b] ?? 0) - (fit.importance[a] ?? 0))
    .slice(0, EXPLAINED_FEATURES)
  return {
    fit,
    report: {
      loss: lossName,
      ...figures,
      naive_predictor: naive.words,
      auc: loss === 'log' ? auc(test.target, said) : null,
      plain: plainOf(target, lossName, naive.words, figures),
      trees: fit.ensemble.trees.length,
      importance: Object.fromEntries(features.map((name, f) => [name, fit.importance[f] ?? 0])),
      partial_dependence: strongest.map((place) =>
        dependenceOf(
          fit.ensemble,
          test.columns,
          { feature: features[place] ?? '', place },
          isEvent(target) ? sigmoid : plain,
        ),
      ),
    },
  }
}

function lastVolatility({ features, columns, rows }: PreparedSet): Float64Array {
  const column = columns[features.indexOf(LAST_VOLATILITY)]
  if (column === undefined) throw new RangeError(`the naive predictor of volatility needs ${LAST_VOLATILITY}`)
  return pick(column, rows.test)
}

function predictions(
  { ensemble }: BoostedFit,
  columns: readonly Float64Array[],
  loss: 'log' | 'squared',
): Float64Array {
  const row = new Float64Array(columns.length)
  return Float64Array.from({ length: columns[0]?.length ?? 0 }, (_, i) => {
    for (const [f, column] of columns.entries()) row[f] = column[i] ?? Number.NaN
    const sum = sumOfLeaves(ensemble, row)
    return loss === 'log' ? sigmoid(sum) : sum
  })
}

/** What one would say without a model: the best constant, no change, or what was last. */
function naiveOf(
  target: SetTarget,
  trained: Float64Array,
  lastVolatility: Float64Array,
): { readonly said: Float64Array; readonly words: string } {
  const constant = (value: number): Float64Array => lastVolatility.map(() => value)
  switch (target) {
    case 'direction':
    case 'momentum':
      return { said: constant(meanOf(trained)), words: 'its base rate' }
    case 'price':
      return { said: constant(0), words: 'no change' }
    case 'risk':
      return { said: constant(meanOf(trained)), words: 'its mean in training' }
    case 'volatility':
      return { said: lastVolatility, words: `the last ${LAST_VOLATILITY}` }
  }
}

function plainOf(
  target: SetTarget,
  loss: string,
  naive: string,
  { value, naive: theirs, useful }: { readonly value: number; readonly naive: number; readonly useful: boolean },
): string {
  const figures = `${loss} ${value.toPrecision(4)} against ${theirs.toPrecision(4)}`
  return useful ? `${target} beats ${naive}: ${figures}` : `${target} is not certainly better than ${naive}: ${figures}`
}

/** A target that is no event is predicted as it is. */
function plain(sum: number): number {
  return sum
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length
}
