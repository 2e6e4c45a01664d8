import { labelText, sameLabel } from '../../engine/models/contract.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import { invalid } from '../../engine/kernel/errors.ts'
import { isRecord } from '../../engine/kernel/json.ts'
import { HOUR_MS, isoDate, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { parseHttpWeights } from '../../engine/models/artifact.ts'
import { hasColumns } from '../../engine/models/columns.ts'
import type { HttpWeights, LabelSpec, ModelWeights } from '../../engine/models/contract.ts'
import { askModel } from '../../serving/answer.ts'
import { httpModel } from '../../serving/http-model.ts'
import type { TrainOutcome } from '../../work/task.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import { type OnStep, worthOf } from './measure-model.ts'
import { type AddingRequest, planElsewhere, type PlannedTraining } from './plan-training.ts'

/** Read and asked about in one go; a read of so many rows does not hold predictions up. */
const SLICE_MS = 6 * HOUR_MS
/** Nobody waits for these answers but the one who registers the model. */
const BUDGET_MS = 10_000
const TRIES = 3

interface PlannedHttp {
  readonly plan: PlannedTraining
  readonly weights: HttpWeights
  readonly ownThreshold: boolean
}

/**
 * Plans the registration of a model that a server of the user's own holds. Label and threshold may be left out of its file:
 * the label is the room's, the threshold then cuts off the top 20 % of its scores on the window.
 * @throws OperatorError when the file is none, and for what a training is refused for
 */
export function planHttp(
  desk: Desk,
  config: Config,
  dataDir: string,
  atMs: UnixMs,
  request: AddingRequest,
): PlannedHttp {
  const { label } = desk.parts.limits
  const file = isRecord(request.model) ? request.model : {}
  const ownThreshold = 'threshold' in file
  let weights: HttpWeights
  try {
    weights = parseHttpWeights({ label, threshold: 0.5, ...file }, desk.catalogue)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw invalid(
      'the file does not describe an HTTP model',
      error.message,
      'correct the file: version, kind "http", url, model and features are needed',
      'model_file',
    )
  }
  refuseOtherLabel(weights, label)
  const { version } = weights
  const plan = planElsewhere(desk, config, dataDir, atMs, { ...request, version, features: 'http' })
  return { plan, weights, ownThreshold }
}

/**
 * Asks the server about every row of the window and measures what it said, as a training would be measured.
 * @throws OperatorError when the server gives a row no score, or the signal ends it
 */
export async function measureHttp(
  desk: Desk,
  { plan, weights, ownThreshold }: PlannedHttp,
  onProgress: OnStep,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  const { window } = plan.task
  const model = httpModel(weights, { stopwatch: monotonicMs, budgetMs: BUDGET_MS, catalogue: desk.catalogue })
  const tsMs: number[] = []
  const scores: number[] = []
  for (let fromMs = window.fromMs; fromMs < window.untilMs && !signal.aborted; fromMs += SLICE_MS) {
    onProgress((0.5 * (fromMs - window.fromMs)) / (window.untilMs - window.fromMs), `asking about ${isoDate(fromMs)}`)
    const untilMs = Math.min(fromMs + SLICE_MS, window.untilMs)
    const rows = [...desk.parts.store.features.each(desk.symbol, fromMs, untilMs, model.features)].filter(
      ({ values }) => hasColumns(model, values),
    )
    const said = await Promise.all(rows.map((row) => scoreOf(model, row)))
    rows.forEach((row, i) => {
      tsMs.push(row.tsMs)
      scores.push(said[i] ?? Number.NaN)
    })
  }
  return worthOf({ plan, weights, ownThreshold }, { tsMs, scores, mayLack: [] }, onProgress, signal)
}

/** @throws OperatorError when a model says that it predicts something else than the room settles */
export function refuseOtherLabel(
  { version, label: its }: Pick<ModelWeights, 'version' | 'label'>,
  label: LabelSpec,
): void {
  if (!sameLabel(its, label))
    throw invalid(
      `${version} predicts something else`,
      `it predicts ${labelText(its)}, the room settles ${labelText(label)}`,
      'leave the label out, or start another room for this model',
      'label',
    )
}

async function scoreOf(model: ReturnType<typeof httpModel>, { tsMs, values }: FeatureRow): Promise<number> {
  let fault = ''
  for (let left = TRIES; left > 0; left--) {
    const run = await askModel(model, values, monotonicMs)
    if (run.fault === null) return run.score
    fault = run.fault
  }
  throw invalid(
    `${model.version} was not registered`,
    `its server gave no score for the row of ${isoTime(tsMs)}: ${fault}`,
    'make sure it answers the Open Inference Protocol with one probability per row, then try again',
    'no_score',
  )
}
