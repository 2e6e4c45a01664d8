/** The part of the package that is used; it is not there where onay is built. */
declare module 'onnxruntime-node' {
  interface ValueMetadata {
    readonly name: string
    /** False for a sequence or a map. */
    readonly isTensor: boolean
    readonly type?: string
    /** A dimension without a size of its own has a name, or an empty one. */
    readonly shape?: readonly (number | string)[]
  }
  class Tensor {
    constructor(type: 'float32' | 'float64', data: Float32Array | Float64Array, dims: readonly number[])
    readonly data: ArrayLike<unknown>
    readonly dims: readonly number[]
  }
  interface InferenceSession {
    /** Before 1.21 neither is there. */
    readonly inputMetadata?: readonly ValueMetadata[]
    readonly outputMetadata?: readonly ValueMetadata[]
    run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[]): Promise<Readonly<Record<string, Tensor>>>
    release(): Promise<void>
  }
  const InferenceSession: { create(bytes: Uint8Array, options: object): Promise<InferenceSession> }
  const env: { logLevel?: string }
}
