import type { MessagePort } from 'node:worker_threads'
import type { Column } from '../engine/features/catalogue.ts'
import type { UnixMs } from '../engine/kernel/units.ts'

/** What goes to and from a thread that runs one ONNX model: rows there, and an answer for the opening and for each row back. */
export type FromOnnx = { readonly ok: true; readonly score: number } | { readonly ok: false; readonly why: string }

export interface OnnxThreadData {
  /** Of the package. */
  readonly path: string
  readonly port: MessagePort
  /** One int: how many answers have been given. */
  readonly answers: Int32Array
  readonly bytes: Uint8Array
  /** How many features the model takes. */
  readonly width: number
}

/** Whether an ONNX file can be used, and what it says of the rows of a window. */
export interface OnnxTask {
  readonly kind: 'onnx'
  readonly symbol: string
  readonly version: string
  /** Its bytes, in base64. */
  readonly file: string
  /** How many features it is to take. */
  readonly width: number
  /** What it may take for a row. */
  readonly budgetMs: number
  /** Null where it is tried only. */
  readonly scored: {
    readonly dataDir: string
    readonly window: { readonly fromMs: UnixMs; readonly untilMs: UnixMs }
    /** In the model's order. */
    readonly features: readonly Column[]
  } | null
}

/** Of the rows that have every feature, ascending. */
export interface OnnxScores {
  readonly tsMs: readonly UnixMs[]
  readonly scores: readonly number[]
}
