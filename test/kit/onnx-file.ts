/**
 * Small ONNX files, written byte by byte as `onnx.proto` of IR version 8 has them (github.com/onnx/onnx): protobuf's own encoding is a
 * number of the field and its bytes. No library has made them.
 */
import { onnxRuntime } from '../../src/work/onnx-session.ts'

const FLOAT = 1
const INT64 = 7
const DOUBLE = 11

/** Whether the real package is there: beside onay, or below the directory that ONAY_ONNXRUNTIME names. */
export function hasOnnxRuntime(): boolean {
  try {
    return onnxRuntime() !== ''
  } catch {
    return false
  }
}

/** Of `logistic`: what it says is sigmoid(0.5 a - b + 2 c + 0.1). */
export const SLOPES = [0.5, -1, 2] as const
export const BIAS = 0.1

type Bytes = readonly number[]
type Sizes = readonly (number | string)[]

function varint(value: number): Bytes {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}
const whole = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)]
const sized = (field: number, bytes: Bytes): Bytes => [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes]
const text = (field: number, value: string): Bytes => sized(field, [...Buffer.from(value)])
const bytesOf = (array: Float32Array | Float64Array): Bytes => [...new Uint8Array(array.buffer)]

function constant(name: string, sizes: readonly number[], values: readonly number[], type: number): Bytes {
  const raw = type === FLOAT ? Float32Array.from(values) : Float64Array.from(values)
  return [...sizes.flatMap((size) => whole(1, size)), ...whole(2, type), ...text(8, name), ...sized(9, bytesOf(raw))]
}

function node(op: string, takes: readonly string[], gives: readonly string[], rest: Bytes = []): Bytes {
  return [...takes.flatMap((name) => text(1, name)), ...gives.flatMap((name) => text(2, name)), ...text(4, op), ...rest]
}

function tensor(name: string, sizes: Sizes, type: number): Bytes {
  const shape = sizes.flatMap((size) => sized(1, typeof size === 'number' ? whole(1, size) : text(2, size)))
  return [...text(1, name), ...sized(2, sized(1, [...whole(1, type), ...sized(2, shape)]))]
}

/** A list of maps from a class to its probability, as scikit-learn's converter makes them unless told otherwise. */
function maps(name: string): Bytes {
  const real = sized(1, whole(1, FLOAT))
  return [...text(1, name), ...sized(2, sized(4, sized(1, sized(5, [...whole(1, INT64), ...sized(2, real)]))))]
}

interface Graph {
  readonly nodes: readonly Bytes[]
  readonly constants: readonly Bytes[]
  readonly inputs: readonly Bytes[]
  readonly outputs: readonly Bytes[]
}

function file({ nodes, constants, inputs, outputs }: Graph): Uint8Array {
  const graph = [
    ...nodes.flatMap((one) => sized(1, one)),
    ...text(2, 'graph'),
    ...constants.flatMap((one) => sized(5, one)),
    ...inputs.flatMap((one) => sized(11, one)),
    ...outputs.flatMap((one) => sized(12, one)),
  ]
  const versions = [...sized(8, whole(2, 13)), ...sized(8, [...text(1, 'ai.onnx.ml'), ...whole(2, 1)])]
  return Uint8Array.from([...whole(1, 8), ...text(2, 'onay-test'), ...sized(7, graph), ...versions])
}

interface Shapes {
  readonly input?: Sizes
  readonly output?: Sizes
  readonly type?: number
}

/** Gemm and Sigmoid: [n, features] in, [n, 1] out. */
export function logistic(slopes: readonly number[] = SLOPES, { input, output, type = FLOAT }: Shapes = {}): Uint8Array {
  return file({
    nodes: [node('Gemm', ['x', 'w', 'b'], ['z']), node('Sigmoid', ['z'], ['p'])],
    constants: [constant('w', [slopes.length, 1], slopes, type), constant('b', [1], [BIAS], type)],
    inputs: [tensor('x', input ?? ['n', slopes.length], type)],
    outputs: [tensor('p', output ?? ['n', 1], type)],
  })
}

const three = [tensor('x', ['n', 3], FLOAT)]
const slopes = constant('w', [3, 1], SLOPES, FLOAT)
const slopesOfOne = constant('w', [3], SLOPES, FLOAT)
/** Those of the first class are zero: a softmax of both is the sigmoid of the second. */
const slopesOfTwo = constant('w', [3, 2], [0, 0.5, 0, -1, 0, 2], FLOAT)
const biasOfTwo = constant('b', [2], [0, BIAS], FLOAT)
const bias = constant('b', [1], [BIAS], FLOAT)
const twoClasses = node('Gemm', ['x', 'w', 'b'], ['z'])
const classes: Bytes = sized(5, [...text(1, 'classlabels_int64s'), ...whole(8, 0), ...whole(8, 1), ...whole(20, 7)])

/** Others that say the same as `logistic()`. */
export const SAME = {
  'a tensor [n]': file({
    nodes: [node('MatMul', ['x', 'w'], ['y']), node('Add', ['y', 'b'], ['z']), node('Sigmoid', ['z'], ['p'])],
    constants: [slopesOfOne, bias],
    inputs: three,
    outputs: [tensor('p', ['n'], FLOAT)],
  }),
  'both classes, [n, 2], beside a label': file({
    nodes: [twoClasses, node('Softmax', ['z'], ['p']), node('ArgMax', ['p'], ['label'])],
    constants: [slopesOfTwo, biasOfTwo],
    inputs: three,
    outputs: [tensor('label', ['n', 1], INT64), tensor('p', ['n', 2], FLOAT)],
  }),
  'one row at a time': logistic(SLOPES, { input: [1, 3], output: [1, 1] }),
  'any number of features': logistic(SLOPES, { input: ['n', 'features'] }),
  '64 bits': logistic(SLOPES, { type: DOUBLE }),
} as const

/** What cannot be used, and what is said of it. */
export const REFUSED: Readonly<Record<string, readonly [bytes: Uint8Array, said: string]>> = {
  'a list of maps': [
    file({
      nodes: [
        twoClasses,
        node('Softmax', ['z'], ['p']),
        node('ZipMap', ['p'], ['maps'], [...classes, ...text(7, 'ai.onnx.ml')]),
      ],
      constants: [slopesOfTwo, biasOfTwo],
      inputs: three,
      outputs: [maps('maps')],
    }),
    '"zipmap": False',
  ],
  'two inputs': [
    file({
      nodes: [node('Add', ['x', 'y'], ['z']), node('Sigmoid', ['z'], ['p'])],
      constants: [],
      inputs: [...three, tensor('y', ['n', 3], FLOAT)],
      outputs: [tensor('p', ['n', 3], FLOAT)],
    }),
    'it has 2 inputs',
  ],
  'whole numbers': [
    file({
      nodes: [node('Identity', ['x'], ['p'])],
      constants: [],
      inputs: [tensor('x', ['n', 3], INT64)],
      outputs: [tensor('p', ['n', 3], INT64)],
    }),
    'its input x is int64 [n, 3], and float32 [n, features] is needed',
  ],
  'four rows at a time': [logistic(SLOPES, { input: [4, 3], output: [4, 1] }), 'its input x is float32 [4, 3]'],
  'another number of features': [logistic([1, 2]), 'it has 2 features, and --features names 3'],
  'several real outputs': [
    file({
      nodes: [node('Gemm', ['x', 'w', 'b'], ['z']), node('Sigmoid', ['z'], ['p'])],
      constants: [slopes, bias],
      inputs: three,
      outputs: [tensor('z', ['n', 1], FLOAT), tensor('p', ['n', 1], FLOAT)],
    }),
    'exactly one of float32 is needed',
  ],
  'a number a feature': [
    file({
      nodes: [node('Sigmoid', ['x'], ['p'])],
      constants: [],
      inputs: three,
      outputs: [tensor('p', ['n', 3], FLOAT)],
    }),
    'has the shape [1, 3] for one row',
  ],
  'no number': [logistic([Number.NaN, 0, 0]), 'for a row of zeros it gives NaN, which is not a probability'],
  'no probability': [
    file({
      nodes: [node('Gemm', ['x', 'w', 'b'], ['z'])],
      constants: [slopes, constant('b', [1], [3], FLOAT)],
      inputs: three,
      outputs: [tensor('z', ['n', 1], FLOAT)],
    }),
    'for a row of zeros it gives 3, which is not a probability',
  ],
  'two classes that do not sum to 1': [
    file({
      nodes: [twoClasses],
      constants: [slopesOfTwo, biasOfTwo],
      inputs: three,
      outputs: [tensor('z', ['n', 2], FLOAT)],
    }),
    'do not sum to 1',
  ],
  'an operator that does not exist': [
    file({
      nodes: [node('Guess', ['x'], ['p'])],
      constants: [],
      inputs: three,
      outputs: [tensor('p', ['n', 1], FLOAT)],
    }),
    'cannot load it',
  ],
  'a file that was cut short': [logistic().subarray(0, 60), 'cannot load it'],
  'no bytes': [new Uint8Array(0), 'cannot load it'],
}
