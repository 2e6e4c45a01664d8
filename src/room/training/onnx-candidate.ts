/** A model as ONNX that comes in by its file. */
import type { Catalogue } from '../../engine/features/catalogue.ts'
import { invalid, messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { parseOnnxWeights } from '../../engine/models/artifact.ts'
import type { EnsembleWeights, Model, OnnxWeights } from '../../engine/models/contract.ts'
import { textOf } from '../../engine/models/fields.ts'
import { MAX_ONNX_BYTES } from '../../engine/models/tree-file.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import { onnxModel, openMeanwhile } from '../../serving/onnx-model.ts'
import { runTask } from '../../work/run.ts'
import type { TrainOutcome } from '../../work/task.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import { refuseUndeclared } from './file-candidate.ts'
import { refuseOtherLabel } from './http-candidate.ts'
import { type OnStep, type PlannedModel, worthOf } from './measure-model.ts'
import { type AddingRequest, planElsewhere } from './plan-training.ts'

/** A file of some megabytes is read within two seconds on two busy cores. */
const TRY_LIMIT_MS = 30_000
const NONE = { tsMs: [], scores: [], mayLack: [] }
/** Of a row that nobody waits for, but the room. */
const SCORE_LIMIT_MS = 1_000

interface PlannedOnnx extends PlannedModel {
  readonly weights: OnnxWeights
}

/**
 * Plans the registration of an ONNX model, as `planFile` does for others. What is in the file is not looked at yet.
 * @param file kind `onnx` with the file's bytes in base64 as `file`, and its features in its order
 * @throws OperatorError when the file is none, and for what a training is refused for
 */
export function planOnnx(
  desk: Desk,
  config: Config,
  dataDir: string,
  atMs: UnixMs,
  request: AddingRequest,
  file: Readonly<Record<string, unknown>>,
): PlannedOnnx {
  const { label } = desk.parts.limits
  const weights = readFile(desk, { label, threshold: 0.5, ...file })
  refuseOtherLabel(weights, label)
  const { version } = weights
  const plan = planElsewhere(desk, config, dataDir, atMs, { ...request, version, features: 'onnx' })
  return { plan, weights, ownThreshold: file.threshold !== undefined }
}

function readFile(desk: Desk, file: Readonly<Record<string, unknown>>): OnnxWeights {
  const { features } = file
  try {
    const version = textOf(file.version, 'version')
    const text = textOf(file.file, 'file')
    const bytes = Buffer.from(text, 'base64')
    if (bytes.toString('base64') !== text) throw new RangeError('file must be base64')
    if (bytes.length > MAX_ONNX_BYTES) throw new RangeError(`it is larger than ${MAX_ONNX_BYTES / 2 ** 20} MiB`)
    if (features === undefined)
      throw new RangeError('it has no names of its features: name them in its order, --features a,b,c')
    refuseUndeclared(desk, version, features)
    return parseOnnxWeights({ ...file, fileSha256: sha256Hex(bytes) }, desk.catalogue)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw unusable(typeof file.version === 'string' ? file.version : 'the file', error.message)
  }
}

/**
 * Tries the file and scores the window by it in a process of its own, then opens it here.
 * @throws OperatorError when it cannot be used, or the signal ends it
 */
export async function measureOnnx(
  desk: Desk,
  planned: PlannedOnnx,
  onProgress: OnStep,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  const { plan, weights } = planned
  const { version, file, features } = weights
  const { dataDir, window } = plan.task
  const { symbol, parts } = desk
  const budgetMs = parts.limits.serving.shadowBudgetMs
  try {
    const task = { kind: 'onnx', symbol, version, file, width: features.length, budgetMs } as const
    await runTask({ ...task, scored: null }, { signal, timeLimitMs: TRY_LIMIT_MS })
    const rows = (window.untilMs - window.fromMs) / MINUTE_MS
    const scores = await runTask(
      { ...task, scored: { dataDir, window, features } },
      { signal, timeLimitMs: TRY_LIMIT_MS + rows * budgetMs, onProgress: (share, step) => onProgress(share / 2, step) },
    )
    await openMeanwhile(weights)
    return await worthOf(planned, { ...NONE, ...scores }, onProgress, signal)
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw unusable(version, messageOf(error))
  }
}

/** As a member of a mix that is measured before it serves anybody. */
export function unhurriedOnnx(weights: OnnxWeights, catalogue: Catalogue): Model {
  return onnxModel(weights, catalogue, SCORE_LIMIT_MS)
}

/** Those members of a mix that are ONNX. */
export async function openMembers({ members }: EnsembleWeights): Promise<void> {
  for (const { model } of members) if (model.kind === 'onnx') await openMeanwhile(model)
}

function unusable(version: string, why: string): OperatorError {
  return invalid(`${version} cannot be used as a model`, why, 'see docs/own-models.md for what is read', 'model_file')
}
