/** What a model that was not trained here says of a window, measured as a training would be. */
import { setImmediate as othersTurn } from 'node:timers/promises'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import type { Column } from '../../engine/features/catalogue.ts'
import { invalid, type OperatorError } from '../../engine/kernel/errors.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { floorTo, HOUR_MS, isoDate, isoTime, MINUTE_MS } from '../../engine/kernel/units.ts'
import { hasColumns } from '../../engine/models/columns.ts'
import type { Model, ModelWeights } from '../../engine/models/contract.ts'
import { runTask } from '../../work/run.ts'
import type { TrainOutcome } from '../../work/task.ts'
import type { Desk } from '../desk/desk.ts'
import type { PlannedTraining } from './plan-training.ts'

/** Read and scored in one go: as much as takes so long, which does not hold predictions up. */
const [MIN_SLICE_MS, MAX_SLICE_MS] = [MINUTE_MS, 6 * HOUR_MS]
const SLICE_TAKES_MS = 20

export type OnStep = (share: number, step: string) => void

export interface PlannedModel {
  readonly plan: PlannedTraining
  readonly weights: ModelWeights
  /** Whether the threshold is the weights' own; otherwise the score that cuts off the top 20 %. */
  readonly ownThreshold: boolean
}

interface Scored {
  readonly tsMs: readonly number[]
  readonly scores: readonly number[]
  readonly mayLack: readonly Column[]
}

/** Scores the rows of the window by a model of this process. @param doing `mixing`, say @throws where the signal ends it */
export async function measureModel(
  desk: Desk,
  planned: PlannedModel,
  model: Model,
  doing: string,
  onProgress: OnStep,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  const { window } = planned.plan.task
  const tsMs: number[] = []
  const scores: number[] = []
  let sliceMs = HOUR_MS
  for (let fromMs = window.fromMs; fromMs < window.untilMs && !signal.aborted; ) {
    onProgress((0.5 * (fromMs - window.fromMs)) / (window.untilMs - window.fromMs), `${doing} ${isoDate(fromMs)}`)
    const untilMs = Math.min(fromMs + sliceMs, window.untilMs)
    const began = monotonicMs()
    for (const row of desk.parts.store.features.each(desk.symbol, fromMs, untilMs, model.features)) {
      const score = hasColumns(model, row.values) ? model.score(row.values) : Number.NaN
      if (Number.isNaN(score)) continue
      if (score < 0 || score > 1) throw notProbable(model, row, score)
      tsMs.push(row.tsMs)
      scores.push(score)
    }
    const asLong = floorTo((sliceMs * SLICE_TAKES_MS) / (monotonicMs() - began), MINUTE_MS)
    sliceMs = Math.min(Math.max(asLong, MIN_SLICE_MS), MAX_SLICE_MS)
    fromMs = untilMs
    await othersTurn()
  }
  const { needed } = model
  const mayLack = needed === undefined ? [] : model.features.filter((_, i) => !needed.includes(model.places[i] ?? -1))
  return worthOf(planned, { tsMs, scores, mayLack }, onProgress, signal)
}

function notProbable({ version }: Model, { tsMs }: FeatureRow, score: number): OperatorError {
  return invalid(
    `${version} cannot be used as a model`,
    `for the row of ${isoTime(tsMs)} it gives ${score}, which is not a probability`,
    'let it end with a sigmoid or a softmax',
    'no_score',
  )
}

/** The offline report, threshold and reference of a model whose scores are known. @throws where the signal ends it */
export async function worthOf(
  { plan, weights, ownThreshold }: PlannedModel,
  { tsMs, scores, mayLack }: Scored,
  onProgress: OnStep,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  const elsewhere = {
    // A file of megabytes need not go to another process and back to be measured by its scores.
    weights: withoutFiles(weights),
    ownThreshold,
    mayLack,
    trainedUntilMs: plan.trainedElsewhere?.untilMs ?? null,
    tsMs: Float64Array.from(tsMs),
    scores: Float64Array.from(scores),
  }
  const outcome = await runTask(
    { ...plan.task, elsewhere },
    { signal, onProgress: (share, step) => onProgress(0.5 + share / 2, step) },
  )
  return { ...outcome, weights: { ...weights, threshold: outcome.weights.threshold } }
}

function withoutFiles(weights: ModelWeights): ModelWeights {
  if (weights.kind === 'trees' || weights.kind === 'onnx') return { ...weights, file: '' }
  if (weights.kind !== 'ensemble') return weights
  const members = weights.members.map((member) =>
    'file' in member.model ? { ...member, model: { ...member.model, file: '' } } : member,
  )
  return { ...weights, members }
}
