/** A model as ONNX, run by onnxruntime-node: an optional peer that is loaded where such a model is used, and nowhere else. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { InferenceSession, ValueMetadata } from 'onnxruntime-node'
import { messageOf } from '../engine/kernel/errors.ts'

type Runtime = typeof import('onnxruntime-node')
type Datatype = 'float32' | 'float64'

/** Which directory has the package under its `node_modules`, where it is not installed beside onay. */
const ELSEWHERE = 'ONAY_ONNXRUNTIME'
const PACKAGE = 'onnxruntime-node'
const MAX_MESSAGE_CHARS = 200
/** Two probabilities in 32 bits. */
const SUM_TOLERANCE = 1e-3

/** One row at a time, on the thread that asks; a library that logs would write across the screen. */
const OPTIONS = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
}

export interface OnnxSession {
  /** @param row a value a feature, in the model's order @returns what it says, which need not be a probability @throws RangeError */
  score(row: Float64Array): Promise<number>
  close(): Promise<void>
}

/** Where the package is. @param beside what it may be installed beside @throws RangeError that says how it is installed */
export function onnxRuntime(beside: string = import.meta.url): string {
  const elsewhere = process.env[ELSEWHERE]
  for (const root of [beside, ...(elsewhere === undefined ? [] : [join(elsewhere, 'package.json')])]) {
    try {
      return createRequire(root).resolve(PACKAGE)
    } catch {
      // Not below this one.
    }
  }
  throw new RangeError(
    `it is ONNX, and ${PACKAGE}, which runs it, is not installed beside onay: npm install --no-save ${PACKAGE}, where onay is`,
  )
}

/**
 * @param path of the package
 * @param width how many features it is to take
 * @throws RangeError that names what the file has and what is needed
 */
export async function openOnnx(path: string, bytes: Uint8Array, width: number): Promise<OnnxSession> {
  const { runtime, session } = await created(path, bytes)
  const { inputMetadata, outputMetadata } = session
  if (inputMetadata === undefined || outputMetadata === undefined)
    throw new RangeError(`this version of ${PACKAGE} does not say what the model takes: 1.22 or later is needed`)
  const { input, datatype } = inputOf(inputMetadata, width)
  const output = outputOf(outputMetadata)
  // Before 1.24, one of several outputs has no shape where it is asked for alone.
  const tensors = outputMetadata.filter(({ isTensor }) => isTensor).map(({ name }) => name)
  return {
    async score(row) {
      const data = datatype === 'float32' ? Float32Array.from(row) : row
      const feeds = { [input]: new runtime.Tensor(datatype, data, [1, row.length]) }
      return probabilityOf(output, (await ran(session.run(feeds, tensors)))[output])
    },
    close: () => session.release(),
  }
}

async function created(path: string, bytes: Uint8Array): Promise<{ runtime: Runtime; session: InferenceSession }> {
  try {
    const runtime: Runtime = await import(pathToFileURL(path).href)
    runtime.env.logLevel = 'fatal'
    return { runtime, session: await runtime.InferenceSession.create(bytes, OPTIONS) }
  } catch (error) {
    throw new RangeError(`${PACKAGE} cannot load it: ${shortened(error)}`)
  }
}

async function ran<T>(run: Promise<T>): Promise<T> {
  try {
    return await run
  } catch (error) {
    throw new RangeError(`${PACKAGE} cannot run it: ${shortened(error)}`)
  }
}

/** @throws RangeError unless there is one input, of [n, width] numbers */
function inputOf(
  inputs: readonly ValueMetadata[],
  width: number,
): { readonly input: string; readonly datatype: Datatype } {
  const [input] = inputs
  if (input === undefined || inputs.length > 1)
    throw new RangeError(`it has ${inputs.length} inputs, and one of float32 [n, features] is needed`)
  const { name, type, shape = [] } = input
  const [rows, columns] = shape
  const takesOneRow = shape.length === 2 && (rows === 1 || typeof rows === 'string')
  if (!takesOneRow || !isReal(type))
    throw new RangeError(`its input ${name} is ${typeText(input)}, and float32 [n, features] is needed`)
  if (typeof columns === 'number' && columns !== width)
    throw new RangeError(`it has ${columns} features, and --features names ${width}`)
  return { input: name, datatype: type }
}

/** Its only output of real numbers: a classifier's label beside it is whole. @throws RangeError when it is not clear which is meant */
function outputOf(outputs: readonly ValueMetadata[]): string {
  const real = outputs.filter(({ isTensor, type }) => isTensor && isReal(type))
  const [output] = real
  if (output !== undefined && real.length === 1) return output.name
  const all = outputs.map((one) => `${one.name} ${typeText(one)}`).join(', ')
  if (outputs.some(({ isTensor }) => !isTensor))
    throw new RangeError(
      `its probabilities are a list of maps (${all}): convert it with options={"zipmap": False}, which gives a tensor`,
    )
  throw new RangeError(`its outputs are ${all}, and exactly one of float32 is needed: the probability`)
}

function isReal(type: string | undefined): type is Datatype {
  return type === 'float32' || type === 'float64'
}

function typeText({ isTensor, type, shape }: ValueMetadata): string {
  if (!isTensor) return 'a list or a map'
  return `${type ?? 'unknown'} [${(shape ?? []).map((size) => (size === '' ? '?' : size)).join(', ')}]`
}

/** Of one row: [1] and [1, 1] hold the probability, [1, 2] that of both classes. */
function probabilityOf(
  output: string,
  said: { readonly data: ArrayLike<unknown>; readonly dims: readonly number[] } | undefined,
): number {
  const { data = [], dims = [] } = said ?? {}
  const [first, second] = [Number(data[0]), Number(data[1])]
  if (dims.length <= 2 && dims[0] === 1 && data.length === 1) return first
  if (dims.length === 2 && dims[0] === 1 && data.length === 2) {
    if (Math.abs(first + second - 1) > SUM_TOLERANCE)
      throw new RangeError(
        `its output ${output} has ${first} and ${second}, which do not sum to 1: end it with a softmax`,
      )
    return second
  }
  throw new RangeError(
    `its output ${output} has the shape [${dims.join(', ')}] for one row: [n], [n, 1] or [n, 2] is needed`,
  )
}

function shortened(error: unknown): string {
  const [line = ''] = messageOf(error).split('\n')
  return line.slice(0, MAX_MESSAGE_CHARS)
}
