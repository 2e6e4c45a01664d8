import { isoTime, type UnixMs } from '../kernel/units.ts'
import { COLUMNS, type Column } from '../features/catalogue.ts'
import type { FeatureTable } from '../features/row.ts'
import type { LabelSpec, LogisticWeights, Model } from '../models/contract.ts'
import { heuristicModel } from '../models/heuristic.ts'
import { logisticModel } from '../models/logistic.ts'
import { calibrationCurve, plattFit, sigmoid } from '../stats/calibration.ts'
import { blockBootstrapAuc } from '../stats/intervals.ts'
import { atTop } from '../stats/ranking.ts'
import { bootstrapOptions, compare, sayComparison } from './comparison.ts'
import { forwardFigure, type OutOfFold, outOfFold } from './cross-validation.ts'
import { pick, type TrainingSet, type TrainingWindow, trainingSet } from './dataset.ts'
import type { FoldSpec } from './folds.ts'
import { fitLogistic, type LogisticFit } from './logistic-fit.ts'
import type { OfflineComparison, OfflineFold, OfflineReportFigures } from './report.ts'
import { baseRate, scoresOf } from './scores.ts'
import { enter, type Watch } from './watch.ts'

/** Everything that decides the result: the same input gives the same weights and the same figures. */
export interface TrainInput {
  readonly version: string
  /** At least the window's rows. */
  readonly table: FeatureTable
  readonly features: readonly Column[]
  readonly window: TrainingWindow
  readonly label: LabelSpec
  readonly folds: number
  readonly embargoMin: number
  /** Of the bootstrap intervals. */
  readonly seed: number
  /** What an offline report must reach. */
  readonly limits: { readonly auc: number; readonly precisionAt20: number }
  /** What serves now, compared on the rows from the end of its own training window on; null when nothing trained does. */
  readonly baseline: {
    readonly version: string
    readonly weights: LogisticWeights
    readonly windowUntilMs: UnixMs
  } | null
}

export interface TrainResult {
  readonly weights: LogisticWeights
  readonly report: OfflineReportFigures
}

/**
 * Cross-validates, calibrates and fits a logistic model, and says what it is worth. All figures are those of calibrated
 * out-of-fold scores: Platt's a and b are fitted on the pooled out-of-fold logits, and the threshold is the out-of-fold
 * score that cuts off the top 20 %. The weights come of one last fit on the whole window.
 * @throws RangeError when a fold is empty or lacks a class
 * @throws TrainingCancelled when `cancelled` says so, asked before each fold and each comparison
 */
export function train(input: TrainInput, onProgress: Watch['onProgress'], cancelled: Watch['cancelled']): TrainResult {
  const watch: Watch = { onProgress, cancelled }
  const spec: FoldSpec = { folds: input.folds, horizonMin: input.label.horizonMin, embargoMin: input.embargoMin }
  enter(watch, 0, 'rows and labels')
  const set = trainingSet(input.table, input.features, input.label, input.window)
  const validated = outOfFold(set, spec, watch, [0.05, 0.35])
  const platt = plattFit(validated.logits, set.y)
  const scores = validated.logits.map((logit) => sigmoid(platt.a * logit + platt.b))
  const forward = forwardFigure(set, spec, watch, [0.35, 0.5])
  enter(watch, 0.5, 'fit on the whole window')
  const fit = fitLogistic(set.x, set.y, set.d, Int32Array.from(set.tsMs.keys()))
  const weights = weightsOf(input, fit, platt, atTop(set.y, scores).threshold)
  const report = reportOf(input, { set, validated, scores, forward }, watch)
  onProgress(1, 'done')
  return { weights, report }
}

interface Validation {
  readonly set: TrainingSet
  readonly validated: OutOfFold
  /** Calibrated, out of fold, a number a row of the set. */
  readonly scores: Float64Array
  readonly forward: OfflineReportFigures['forward']
}

function reportOf(
  input: TrainInput,
  { set, validated, scores, forward }: Validation,
  watch: Watch,
): OfflineReportFigures {
  const { baseline, limits, seed } = input
  const pooled = scoresOf(set.y, scores)
  enter(watch, 0.55, 'interval of the AUC')
  const aucInterval = blockBootstrapAuc(set.y, scores, bootstrapOptions(seed))
  enter(watch, 0.65, 'beside the fallback')
  const fallback = compare(set.y, scores, scoreRows(heuristicModel(input.label), input.table, set, -Infinity), seed)
  enter(watch, 0.85, 'beside the baseline')
  const served = baseline && scoreRows(logisticModel(baseline.weights), input.table, set, baseline.windowUntilMs)
  const against = served && compare(set.y, scores, served, seed)
  return {
    version: input.version,
    ...pooled,
    base_rate: baseRate(set.y),
    dropped: set.dropped,
    window: { from: isoTime(input.window.fromMs), until: isoTime(input.window.untilMs) },
    folds: foldsOf(set, validated, scores),
    forward,
    calibration: calibrationCurve(set.y, scores),
    auc_interval: aucInterval,
    against: {
      baseline: baseline && against?.figures ? { ...against.figures, version: baseline.version } : null,
      fallback: fallback.figures,
    },
    beats_baseline: against?.beats ?? null,
    beats_fallback: fallback.beats,
    auc_difference: against?.auc_difference ?? null,
    log_loss_difference: against?.log_loss_difference ?? null,
    auc_difference_fallback: fallback.auc_difference,
    log_loss_difference_fallback: fallback.log_loss_difference,
    plain: plainOf(input, against, fallback),
    slo_check: {
      auc: limits.auc,
      precision_at_20: limits.precisionAt20,
      pass: pooled.auc >= limits.auc && pooled.precision_at_20 >= limits.precisionAt20,
    },
  }
}

/** The model's scores of the set's rows from that moment on; NaN before it and where the model lacks a feature. */
function scoreRows(model: Model, table: FeatureTable, set: TrainingSet, fromMs: UnixMs): Float64Array {
  const columns = COLUMNS.map((name) => table.columns[name])
  const values = new Float64Array(COLUMNS.length)
  return Float64Array.from(set.indices, (row, i) => {
    if ((set.tsMs[i] ?? Number.NaN) < fromMs) return Number.NaN
    columns.forEach((column, j) => {
      values[j] = column[row] ?? Number.NaN
    })
    return model.score(values)
  })
}

function foldsOf(set: TrainingSet, { folds }: OutOfFold, scores: Float64Array): OfflineFold[] {
  return folds.map(({ testFromMs, testUntilMs, train, test }) => {
    const y = pick(set.y, test)
    const { rows, ...figures } = scoresOf(y, pick(scores, test))
    return {
      test_from: testFromMs,
      test_to: testUntilMs,
      train_rows: train.length,
      test_rows: rows,
      base_rate: baseRate(y),
      ...figures,
    }
  })
}

function plainOf(input: TrainInput, baseline: OfflineComparison | null, fallback: OfflineComparison): string {
  const beside =
    input.baseline === null || baseline === null
      ? 'has nothing trained in charge to be compared with'
      : sayComparison(`${input.baseline.version} in charge`, baseline, ' after its own training window')
  return `${input.version} ${beside}; it ${sayComparison('the fallback', fallback)}.`
}

function weightsOf(
  { version, features, label }: TrainInput,
  fit: LogisticFit,
  platt: { a: number; b: number },
  threshold: number,
): LogisticWeights {
  const named = (values: Float64Array): Record<string, number> =>
    Object.fromEntries(features.map((name, j) => [name, values[j] ?? Number.NaN]))
  return {
    version,
    kind: 'logistic',
    features,
    bias: fit.bias,
    weights: named(fit.weights),
    mean: named(fit.mean),
    std: named(fit.std),
    lo: named(fit.lo),
    hi: named(fit.hi),
    platt,
    threshold,
    label,
  }
}
