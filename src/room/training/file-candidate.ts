/** A model of a file that is scored in the process: trees that another library has saved, or a logistic model of another room. */
import { invalid } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { parseLogisticWeights, parseTreeWeights } from '../../engine/models/artifact.ts'
import type { LabelSpec, LogisticWeights, Model, TreeWeights } from '../../engine/models/contract.ts'
import { show, textOf } from '../../engine/models/fields.ts'
import { logisticModel } from '../../engine/models/logistic.ts'
import { readTreeFile, treesModel } from '../../engine/models/tree-file.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import { refuseOtherLabel } from './http-candidate.ts'
import type { PlannedModel } from './measure-model.ts'
import { type AddingRequest, planElsewhere } from './plan-training.ts'

type Fields = Readonly<Record<string, unknown>>

interface PlannedFile extends PlannedModel {
  readonly model: Model
}

/**
 * Plans the registration of a model out of a file. Label and threshold may be left out: the label is the room's, the threshold then
 * cuts off the top 20 % of its scores on the window.
 * @param file kind `trees` with the text of the file as `file`, or a weights file of kind `logistic`
 * @throws OperatorError when the file cannot be used, and for what a training is refused for
 */
export function planFile(
  desk: Desk,
  config: Config,
  dataDir: string,
  atMs: UnixMs,
  request: AddingRequest,
  file: Fields,
): PlannedFile {
  const { label } = desk.parts.limits
  const { weights, model } = readFile(desk, file, label)
  refuseOtherLabel(weights, label)
  const { version } = weights
  const plan = planElsewhere(desk, config, dataDir, atMs, { ...request, version, features: weights.kind })
  return { plan, weights, model, ownThreshold: file.threshold !== undefined }
}

function readFile(
  desk: Desk,
  file: Fields,
  label: LabelSpec,
): { readonly weights: TreeWeights | LogisticWeights; readonly model: Model } {
  try {
    const version = textOf(file.version, 'version')
    const whole = { ...file, version, label: file.label ?? label, threshold: file.threshold ?? 0.5 }
    if (file.kind === 'logistic') {
      refuseUndeclared(desk, version, file.features)
      const weights = parseLogisticWeights(whole, desk.catalogue)
      return { weights, model: logisticModel(weights, desk.catalogue) }
    }
    const text = textOf(file.file, 'file')
    const read = readTreeFile(text)
    const features = file.features ?? read.names
    if (features === null)
      throw new RangeError('it has no names of its features: name them in its order, --features a,b,c')
    refuseUndeclared(desk, version, features)
    const predicts = { label: read.label ?? whole.label }
    const weights = parseTreeWeights({ ...whole, ...predicts, features, fileSha256: sha256Hex(text) }, desk.catalogue)
    return { weights, model: treesModel(weights, desk.catalogue, read) }
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw invalid(
      `${typeof file.version === 'string' ? file.version : 'the file'} cannot be used as a model`,
      error.message,
      'see docs/own-models.md for what is read',
      'model_file',
    )
  }
}

/** @throws OperatorError that names the first feature which is not a column of the market */
export function refuseUndeclared({ catalogue, symbol }: Desk, version: string, features: unknown): void {
  if (!Array.isArray(features)) return
  const stranger: unknown = features.find((name: unknown) => typeof name !== 'string' || !catalogue.has(name))
  if (stranger === undefined) return
  throw invalid(
    `${version} cannot be used as a model`,
    `its feature ${show(stranger)} is not a column of ${symbol}`,
    'declare it with: onay features add FILE, or name the columns that are meant, in its order, with --features',
    'feature',
  )
}
