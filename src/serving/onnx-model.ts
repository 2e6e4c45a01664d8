/** The adapter of models as ONNX, which onnxruntime-node runs. */
import type { Catalogue } from '../engine/features/catalogue.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import type { Model, OnnxWeights } from '../engine/models/contract.ts'
import { openOnnxFile, openOnnxFileMeanwhile, type OnnxFile, scoreByOnnx } from '../work/onnx-host.ts'

/**
 * An ONNX model ready to score. Its file does not say which values may be missing: a row must have all.
 * @param catalogue of the rows that it will score
 * @param limitMs what it has for a score, for which the process waits: later it throws
 * @throws RangeError when onnxruntime-node is not installed, or cannot use the file
 */
export function onnxModel(
  { version, features, threshold, ...weights }: OnnxWeights,
  catalogue: Catalogue,
  limitMs: number,
): Model {
  const places = catalogue.places(features)
  const file = fileOf({ features, ...weights })
  openOnnxFile(file)
  const row = new Float64Array(places.length)
  return {
    version,
    kind: 'onnx',
    features,
    places,
    threshold,
    score(values) {
      for (let j = 0; j < places.length; j++) row[j] = values[places[j] ?? -1] ?? Number.NaN
      if (row.some(Number.isNaN)) return Number.NaN
      try {
        return scoreByOnnx(file, row, limitMs)
      } catch (error) {
        throw new OperatorError(`${version} gave no score`, messageOf(error), 'see docs/own-models.md', 'onnx', 500)
      }
    },
  }
}

/** Has a model opened while others have their turn, so that making it does not hold them up. @throws RangeError as `onnxModel` */
export function openMeanwhile(weights: OnnxWeights): Promise<void> {
  return openOnnxFileMeanwhile(fileOf(weights))
}

function fileOf({ fileSha256, file, features }: Pick<OnnxWeights, 'fileSha256' | 'file' | 'features'>): OnnxFile {
  return { id: fileSha256, bytes: Buffer.from(file, 'base64'), width: features.length }
}
