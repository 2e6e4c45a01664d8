import type { OnProgress } from '../kernel/progress.ts'
import { isoTime, type UnixMs } from '../kernel/units.ts'
import type { Catalogue } from '../features/catalogue.ts'
import { columnOf, type FeatureTable } from '../features/row.ts'
import { hasColumns } from '../models/columns.ts'
import type { LabelSpec, LogisticWeights, Model, TreeWeights } from '../models/contract.ts'
import { heuristicModel } from '../models/heuristic.ts'
import { logisticModel } from '../models/logistic.ts'
import { treesModel } from '../models/tree-file.ts'
import { calibrationCurve } from '../stats/calibration.ts'
import { blockBootstrapAuc } from '../stats/intervals.ts'
import { bootstrapOptions, compare, sayComparison } from './comparison.ts'
import type { TrainingSet, TrainingWindow } from './dataset.ts'
import type { OfflineComparison, OfflineFold, OfflineReportFigures } from './report.ts'
import { baseRate, scoresOf } from './scores.ts'

/** What a report says besides the scores. */
export interface ReportInput {
  readonly version: string
  /** At least the window's rows. */
  readonly table: FeatureTable
  readonly window: TrainingWindow
  readonly label: LabelSpec
  /** Of the bootstrap intervals. */
  readonly seed: number
  /** What an offline report must reach. */
  readonly limits: { readonly auc: number; readonly precisionAt20: number }
  /** What serves now, compared on the rows from the end of its own training window on; null when nothing trained does. */
  readonly baseline: {
    readonly version: string
    readonly weights: LogisticWeights | TreeWeights
    readonly windowUntilMs: UnixMs
  } | null
}

/** Rows with what a model that has not seen them said of each. */
interface UnseenRows {
  readonly set: TrainingSet
  readonly folds: readonly OfflineFold[]
  /** Probabilities, a number a row of the set. */
  readonly scores: Float64Array
  readonly forward: OfflineReportFigures['forward']
}

/** What a model is worth on rows that it has not seen, alone and beside what serves and the fallback. */
export function offlineReport(
  input: ReportInput,
  { set, folds, scores, forward }: UnseenRows,
  onProgress: OnProgress,
): OfflineReportFigures {
  const { baseline, limits, seed } = input
  const pooled = scoresOf(set.y, scores)
  onProgress(0.55, 'interval of the AUC')
  const aucInterval = blockBootstrapAuc(set.y, scores, bootstrapOptions(seed))
  onProgress(0.65, 'beside the fallback')
  const fallback = compare(
    set.y,
    scores,
    scoreRows(heuristicModel(input.label, input.table.catalogue), input.table, set, -Infinity),
    seed,
  )
  onProgress(0.85, 'beside the baseline')
  const served =
    baseline && scoreRows(modelOf(baseline.weights, input.table.catalogue), input.table, set, baseline.windowUntilMs)
  const against = served && compare(set.y, scores, served, seed)
  return {
    version: input.version,
    ...pooled,
    base_rate: baseRate(set.y),
    dropped: set.dropped,
    window: { from: isoTime(input.window.fromMs), until: isoTime(input.window.untilMs) },
    folds,
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

function modelOf(weights: LogisticWeights | TreeWeights, catalogue: Catalogue): Model {
  return weights.kind === 'trees' ? treesModel(weights, catalogue) : logisticModel(weights, catalogue)
}

/** The model's scores of the set's rows from that moment on; NaN before it and where the model lacks a feature. */
function scoreRows(model: Model, table: FeatureTable, set: TrainingSet, fromMs: UnixMs): Float64Array {
  const columns = Array.from(model.places, (place) => ({
    place,
    column: columnOf(table, table.catalogue.names[place] ?? ''),
  }))
  const values = new Float64Array(table.catalogue.names.length).fill(Number.NaN)
  return Float64Array.from(set.indices, (row, i) => {
    if ((set.tsMs[i] ?? Number.NaN) < fromMs) return Number.NaN
    for (const { place, column } of columns) values[place] = column[row] ?? Number.NaN
    return hasColumns(model, values) ? model.score(values) : Number.NaN
  })
}

function plainOf(input: ReportInput, baseline: OfflineComparison | null, fallback: OfflineComparison): string {
  const beside =
    input.baseline === null || baseline === null
      ? 'has nothing trained in charge to be compared with'
      : sayComparison(`${input.baseline.version} in charge`, baseline, ' after its own training window')
  return `${input.version} ${beside}; it ${sayComparison('the fallback', fallback)}.`
}
