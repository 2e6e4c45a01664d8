/** What goes to and from the thread that runs ONNX. */
export type ToOnnx =
  | { readonly kind: 'open'; readonly id: string; readonly bytes: Uint8Array; readonly width: number }
  | { readonly kind: 'score'; readonly id: string; readonly row: Float64Array }
  /** The one that has no answer. */
  | { readonly kind: 'close'; readonly id: string }

export type FromOnnx = { readonly ok: true; readonly score: number } | { readonly ok: false; readonly why: string }

export interface OnnxThreadData {
  /** Of the package. */
  readonly path: string
  readonly port: import('node:worker_threads').MessagePort
  /** One int: how many answers have been given. */
  readonly answers: Int32Array
}
