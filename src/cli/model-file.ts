/** The file that `onay models add` is given: what it is, and what the room is asked with. */
import { readFileSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { Catalogue } from '../engine/features/catalogue.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { isRecord } from '../engine/kernel/json.ts'
import { parseLogisticWeights, parseOnnxWeights, parseTreeWeights } from '../engine/models/artifact.ts'
import type { Model } from '../engine/models/contract.ts'
import { logisticModel } from '../engine/models/logistic.ts'
import { MAX_FILE_BYTES, MAX_ONNX_BYTES, modelText, readTreeFile, treesModel } from '../engine/models/tree-file.ts'
import { looseJson } from '../engine/models/xgboost.ts'
import { onnxModel } from '../serving/onnx-model.ts'
import { runTask } from '../work/run.ts'

/** What is said on the command line in place of the file, or where it says nothing. */
export interface ModelFileOptions {
  readonly version?: string
  readonly features?: string
  readonly threshold?: string
}

/** Nobody waits for a row that is only compared. */
const CHECK_LIMIT_MS = 10_000
const TRY_LIMIT_MS = 30_000

/** A model's file as the room takes it. */
type ModelFile = Readonly<Record<string, unknown>>

/** Nothing of them is kept: a model that is only tried needs some. */
const ANY = { threshold: 0.5, label: { kind: 'move', horizonMin: 1, thresholdBp: 0 } }

/** @throws OperatorError when the file cannot be read, or is no model that is supported, which it names */
export function readModelFile(path: string, options: ModelFileOptions): ModelFile {
  const { version } = options
  const said = {
    ...(version === undefined ? {} : { version }),
    ...(options.features === undefined ? {} : { features: options.features.split(',').map((name) => name.trim()) }),
    ...(options.threshold === undefined ? {} : { threshold: thresholdOf(options.threshold) }),
  }
  const isOnnx = extname(path).toLowerCase() === '.onnx'
  const bytes = bytesOf(path, isOnnx ? MAX_ONNX_BYTES : MAX_FILE_BYTES)
  if (isOnnx) return { kind: 'onnx', version: basename(path, extname(path)), file: bytes.toString('base64'), ...said }
  try {
    const text = modelText(bytes)
    const json = text.startsWith('tree') ? undefined : looseJson(text)
    if (isRecord(json) && !isTrees(json)) return { ...json, ...said }
    const { names, width } = readTreeFile(text)
    refuseOrder(names, said.features ?? [], width)
    return { kind: 'trees', version: basename(path, extname(path)), file: text, ...said }
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw unusable(path, error.message, 'docs/own-models.md says what is read')
  }
}

/** A model out of its file, to be tried on rows in the order of its own features. @throws OperatorError when the room alone could ask it */
export async function modelToTry(
  path: string,
  file: ModelFile,
  signal: AbortSignal,
): Promise<{ readonly model: Model; readonly names: readonly string[] }> {
  const { kind } = file
  if (kind !== 'trees' && kind !== 'logistic' && kind !== 'onnx')
    throw unusable(path, `a model of kind ${String(kind)} is not scored in the process`, 'leave --check out')
  try {
    const text = typeof file.file === 'string' ? file.file : ''
    const own = kind === 'trees' ? readTreeFile(text).names : null
    const features = file.features ?? own
    const names = Array.isArray(features) ? features.map(String) : null
    if (names === null)
      throw new RangeError('it has no names of its features: name them in its order, --features a,b,c')
    const catalogue = new Catalogue(names, [])
    const whole = { ...ANY, fileSha256: '-', ...file, features: names }
    // Its library is C++ and reads what somebody has sent: first in a process that nobody misses.
    if (kind === 'onnx')
      await runTask(
        {
          kind,
          symbol: '',
          version: basename(path),
          file: text,
          width: names.length,
          budgetMs: CHECK_LIMIT_MS,
          scored: null,
        },
        { signal, timeLimitMs: TRY_LIMIT_MS },
      )
    return { model: modelOf(kind, whole, catalogue), names: own ?? names }
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw unusable(path, error.message, 'docs/own-models.md says what is read')
  }
}

function modelOf(kind: 'trees' | 'logistic' | 'onnx', whole: ModelFile, catalogue: Catalogue): Model {
  if (kind === 'trees') return treesModel(parseTreeWeights(whole, catalogue), catalogue)
  if (kind === 'logistic') return logisticModel(parseLogisticWeights(whole, catalogue), catalogue)
  return onnxModel(parseOnnxWeights(whole, catalogue), catalogue, CHECK_LIMIT_MS)
}

/** Whether JSON is what a library has saved, and not a description of a model. */
function isTrees(json: ModelFile): boolean {
  return 'learner' in json || 'tree_info' in json || json.kind === 'set'
}

function bytesOf(path: string, most: number): Buffer {
  try {
    const { size } = statSync(path)
    if (size > most)
      throw unusable(
        path,
        `it has ${Math.round(size / 2 ** 20)} MiB, and at most ${most / 2 ** 20} are read`,
        'serve it by a model server: docs/own-models.md',
      )
    return readFileSync(path)
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw unusable(path, messageOf(error), 'give the file of a model')
  }
}

function thresholdOf(text: string): number {
  const threshold = Number(text)
  if (text.trim() !== '' && threshold >= 0 && threshold <= 1) return threshold
  throw new OperatorError(
    `"${text}" is not a valid threshold`,
    'a probability from 0 to 1 is needed',
    'write it like 0.6',
    'usage',
  )
}

/** The same names in another order are a slip: others may be meant as the columns that stand for them. */
function refuseOrder(own: readonly string[] | null, named: readonly string[], width: number): void {
  if (named.length === 0) return
  if (named.length !== width) throw new RangeError(`it has ${width} features, and --features names ${named.length}`)
  if (own === null || own.every((name, i) => name === named[i])) return
  if (own.every((name) => named.includes(name)))
    throw new RangeError(`its features are ${own.slice(0, 8).join(', ')}, in this order, and --features has another`)
}

function unusable(path: string, why: string, next: string): OperatorError {
  return new OperatorError(`${path} cannot be used as a model`, why, next, 'model_file')
}
