/** Files of boosted trees as XGBoost, LightGBM and onay write them: which library's it is, and what it predicts. */
import type { Catalogue } from '../features/catalogue.ts'
import { isRecord } from '../kernel/json.ts'
import { sigmoid } from '../stats/calibration.ts'
import type { Model, TreeWeights } from './contract.ts'
import { labelOf, show, textOf } from './fields.ts'
import { sumOfForest, type TreeFile } from './forest.ts'
import { readLightgbm } from './lightgbm.ts'
import { forestOf, parseEnsemble } from './trees.ts'
import { looseJson, readXgboost } from './xgboost.ts'

/** Of some 3,500 trees of depth 6 as XGBoost writes them. */
export const MAX_FILE_BYTES = 32 * 2 ** 20

/** Of an ONNX file: in base64 it has as many characters as one of trees. */
export const MAX_ONNX_BYTES = 0.75 * MAX_FILE_BYTES

/** What LightGBM takes for zero: 1e-35 in 32 bits. */
const ZERO = Math.fround(1e-35)

/** How bytes begin that are models of another form. */
const FORMS: readonly (readonly [name: string, next: string, isIt: (bytes: Uint8Array) => boolean])[] = [
  ['UBJSON', 'save it as JSON: save_model("m.json")', (b) => b[0] === 0x7b && '$#LiUIlN'.includes(letter(b[1]))],
  ['gzip', 'unpack it', (b) => b[0] === 0x1f && b[1] === 0x8b],
  ['a zip archive', 'unpack it, and give the model that is in it', (b) => b[0] === 0x50 && b[1] === 0x4b],
  ['a pickle of Python', 'save the model with save_model, as XGBoost and LightGBM offer it', (b) => b[0] === 0x80],
  ['binary', 'save it as text: XGBoost as m.json, LightGBM as m.txt', (b) => b.includes(0)],
]

function letter(byte: number | undefined): string {
  return byte === undefined ? '?' : String.fromCharCode(byte)
}

/** @throws RangeError when the bytes are not text, with the name of what they are and what to do */
export function modelText(bytes: Uint8Array): string {
  const form = FORMS.find(([, , isIt]) => isIt(bytes))
  if (form !== undefined) throw new RangeError(`it is ${form[0]}, which is not supported; ${form[1]}`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new RangeError('it is not text in UTF-8')
  }
}

/**
 * @param text the whole file
 * @throws TypeError or RangeError that names what is not supported or cannot be
 */
export function readTreeFile(text: string): TreeFile {
  if (text.length > MAX_FILE_BYTES) throw new RangeError(`it is larger than ${MAX_FILE_BYTES / 2 ** 20} MiB`)
  if (/^tree\r?\n/.test(text)) return readLightgbm(text)
  const file = looseJson(text)
  if (isRecord(file) && 'learner' in file) return readXgboost(file)
  if (isRecord(file) && file.kind === 'set') return readOwn(file)
  if (isRecord(file) && 'tree_info' in file)
    throw new RangeError("it is LightGBM's dump, which is not supported; save it with save_model")
  if (Array.isArray(file))
    throw new RangeError("it is XGBoost's dump, which lacks the objective; save it with save_model")
  throw new RangeError(
    file === undefined
      ? 'it is neither JSON nor the text of LightGBM, or was cut short'
      : "it is neither XGBoost's JSON nor LightGBM's text",
  )
}

/** A model of a set that a room of onay has trained: the one for the direction, which alone predicts an event that a room settles. */
function readOwn(file: Readonly<Record<string, unknown>>): TreeFile {
  const { target, features } = file
  if (target !== 'direction')
    throw new RangeError(`it predicts ${show(target)} of a set: direction is the one that a room settles`)
  if (!Array.isArray(features)) throw new TypeError(`features must be a list, not ${show(features)}`)
  const names = features.map((name: unknown, i) => textOf(name, `features[${i}]`))
  return {
    library: 'onay',
    saved: textOf(file.version, 'version'),
    names,
    width: names.length,
    forest: forestOf(parseEnsemble(file, names.length, 'the set'), names.length),
    slope: 1,
    divisor: 1,
    label: labelOf({ kind: 'up', horizonMin: file.horizon_min, thresholdBp: 0 }),
    // As a set it says nothing of a row that is not whole.
    needed: [...names.keys()],
  }
}

/**
 * The probability of one row, as the file's library gives it.
 * @param row one value a feature, NaN where it is missing; is overwritten with the values as the library reads them
 */
export function probabilityOf({ library, forest, slope, divisor }: TreeFile, row: Float64Array): number {
  for (let j = 0; j < row.length; j++) {
    const x = row[j] ?? Number.NaN
    row[j] = forest.isSingle ? Math.fround(x) : library === 'LightGBM' && Math.abs(x) <= ZERO ? 0 : x
  }
  const sum = sumOfForest(forest, row)
  return forest.isSingle ? singleSigmoid(sum) : sigmoid((slope * sum) / divisor)
}

/** In 32 bits, as XGBoost has it. */
function singleSigmoid(x: number): number {
  return Math.fround(1 / Math.fround(Math.fround(Math.exp(Math.min(-x, 88.7))) + 1))
}

/**
 * Trees ready to score.
 * @param catalogue of the rows that it will score
 * @param file where it has been read already
 * @throws TypeError or RangeError when the file cannot be used, or has another number of features
 */
export function treesModel(
  { version, features, threshold, ...weights }: TreeWeights,
  catalogue: Catalogue,
  file: TreeFile = readTreeFile(weights.file),
): Model {
  if (file.width !== features.length)
    throw new RangeError(`it has ${file.width} features, and ${features.length} are named`)
  const places = catalogue.places(features)
  const row = new Float64Array(places.length)
  return {
    version,
    kind: 'trees',
    features,
    places,
    needed: Int32Array.from(file.needed, (place) => places[place] ?? -1),
    threshold,
    score(values) {
      for (let j = 0; j < places.length; j++) row[j] = values[places[j] ?? -1] ?? Number.NaN
      return probabilityOf(file, row)
    },
  }
}
