import type { OnProgress } from '../kernel/progress.ts'
import type { Column } from '../features/catalogue.ts'
import type { LogisticWeights } from '../models/contract.ts'
import { plattFit, sigmoid } from '../stats/calibration.ts'
import { atTop } from '../stats/ranking.ts'
import { forwardFigure, type OutOfFold, outOfFold } from './cross-validation.ts'
import { pick, type TrainingSet, trainingSet } from './dataset.ts'
import type { FoldSpec } from './folds.ts'
import { fitLogistic, type LogisticFit } from './logistic-fit.ts'
import { offlineReport, type ReportInput } from './offline-report.ts'
import type { OfflineFold, OfflineReportFigures } from './report.ts'
import { baseRate, scoresOf } from './scores.ts'

/** Everything that decides the result: the same input gives the same weights and the same figures. */
export interface TrainInput extends ReportInput {
  readonly features: readonly Column[]
  readonly folds: number
  readonly embargoMin: number
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
 */
export function train(input: TrainInput, onProgress: OnProgress): TrainResult {
  const spec: FoldSpec = { folds: input.folds, horizonMin: input.label.horizonMin, embargoMin: input.embargoMin }
  onProgress(0, 'rows and labels')
  const set = trainingSet(input.table, input.features, input.label, input.window)
  const validated = outOfFold(set, spec, onProgress, [0.05, 0.35])
  const platt = plattFit(validated.logits, set.y)
  const scores = validated.logits.map((logit) => sigmoid(platt.a * logit + platt.b))
  const forward = forwardFigure(set, spec, onProgress, [0.35, 0.5])
  onProgress(0.5, 'fit on the whole window')
  const fit = fitLogistic(set.x, set.y, set.d, Int32Array.from(set.tsMs.keys()))
  const weights = weightsOf(input, fit, platt, atTop(set.y, scores).threshold)
  const report = offlineReport(input, { set, folds: foldsOf(set, validated, scores), scores, forward }, onProgress)
  onProgress(1, 'done')
  return { weights, report }
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
