import type { Column } from '../features/catalogue.ts'

type ModelKind = 'heuristic' | 'logistic' | 'ensemble' | 'trees' | 'onnx' | 'http'

/** A model as the room uses it: values in, a probability out. */
export interface Model {
  readonly version: string
  readonly kind: Exclude<ModelKind, 'http'>
  /** What it needs of a row. */
  readonly features: readonly Column[]
  /** The place of each in a row's values. */
  readonly places: Int32Array
  /** Those of its places that a row must have, as long as it has any; left out, all of them. */
  readonly needed?: Int32Array
  /** Scores at or above it are a `signal`. */
  readonly threshold: number
  /** @param values a row's values in the catalogue's order. @returns a probability; NaN when a feature is missing. */
  score(values: Float64Array): number
}

/** Why a model on another server gave no score; what it gave may still not be a valid score. */
export type RemoteFault = 'timeout' | 'unreachable' | 'status' | 'garbage'

export type RemoteReply =
  | { readonly ok: true; readonly score: number; readonly latencyMs: number }
  | { readonly ok: false; readonly fault: RemoteFault; readonly latencyMs: number }

/** A model on a server of the user's own: its score comes later, or never. */
export interface RemoteModel {
  readonly version: string
  readonly kind: 'http'
  readonly features: readonly Column[]
  readonly places: Int32Array
  readonly threshold: number
  /** Returns at once. @param onReply called exactly once, within the model's time budget, whatever the server does */
  ask(values: Float64Array, onReply: (reply: RemoteReply) => void): void
}

export type AnyModel = Model | RemoteModel

export const LABEL_KINDS = ['move', 'up', 'pushed'] as const

/** What counts as the event that a model predicts: a property of a row's next `horizonMin` minutes. */
export interface LabelSpec {
  /** `pushed`: the user brings what came of each minute. */
  readonly kind: (typeof LABEL_KINDS)[number]
  readonly horizonMin: number
  /** For `move`: |log return| beyond this many basis points. For `up`: log return above it. 0 for `pushed`. */
  readonly thresholdBp: number
  /** What a user calls theirs, for `pushed` alone. */
  readonly name?: string | undefined
}

/** Whether two models predict the same, so that what they say can be compared. */
export function sameLabel(a: LabelSpec, b: LabelSpec): boolean {
  return a.kind === b.kind && a.horizonMin === b.horizonMin && a.thresholdBp === b.thresholdBp && a.name === b.name
}

/** What is predicted, for people: `a move of more than 6 bp either way within 5 min`. */
export function labelText({ kind, horizonMin, thresholdBp, name }: LabelSpec): string {
  const event = {
    move: `a move of more than ${thresholdBp} bp either way`,
    up: `a rise of more than ${thresholdBp} bp`,
    pushed: name ?? '',
  }
  return `${event[kind]} within ${horizonMin} min`
}

/** Weights file of a logistic model (`model_weights_<version>.json`). Records are keyed by feature. */
export interface LogisticWeights {
  readonly version: string
  readonly kind: 'logistic'
  readonly features: readonly Column[]
  readonly bias: number
  readonly weights: Readonly<Record<string, number>>
  readonly mean: Readonly<Record<string, number>>
  readonly std: Readonly<Record<string, number>>
  readonly lo: Readonly<Record<string, number>>
  readonly hi: Readonly<Record<string, number>>
  readonly platt: { readonly a: number; readonly b: number }
  readonly threshold: number
  readonly label: LabelSpec
}

/** Weights file of a model behind HTTP: where it is asked, and how. The weights themselves are its server's. */
export interface HttpWeights {
  readonly version: string
  readonly kind: 'http'
  /** In the order in which the server takes them. */
  readonly features: readonly Column[]
  /** Scheme, host and port, perhaps a path; no name and no password. */
  readonly url: string
  /** The server's name of the model, and of its version where it has several. */
  readonly model: string
  readonly modelVersion: string | null
  /** Names of the tensors: one goes in, one comes out; of the output null means the first. */
  readonly input: string
  readonly output: string | null
  readonly datatype: 'FP32' | 'FP64'
  /** Rows that one request may carry; 1 for a server that takes no batches. */
  readonly batch: number
  readonly threshold: number
  readonly label: LabelSpec
}

/** A model within a mix. */
export interface EnsembleMember {
  readonly version: string
  /** Of the weights file that it was registered with; null for the fallback, which has none. */
  readonly sha256: string | null
  readonly weight: number
  readonly model: LogisticWeights | TreeWeights | OnnxWeights | { readonly kind: 'heuristic' }
}

/** Weights file of a mix: whole, so that its hash stands for its members too. */
export interface EnsembleWeights {
  readonly version: string
  readonly kind: 'ensemble'
  /** Of all members. */
  readonly features: readonly Column[]
  /** 2 to 8; their weights are at least 0 and sum to 1. */
  readonly members: readonly EnsembleMember[]
  /** The most that a weight may be away from the one above without a new approval, 0 to 1. */
  readonly envelope: number
  /** Weights of their own in trending, ranging and volatile markets, once a step has found them. */
  readonly regimes?: true
  readonly threshold: number
  readonly label: LabelSpec
}

/** Weights file of boosted trees that another library has saved: its own file, whole. */
export interface TreeWeights {
  readonly version: string
  readonly kind: 'trees'
  /** In the order in which the file has them. */
  readonly features: readonly Column[]
  /** What XGBoost, LightGBM or another room has written. */
  readonly file: string
  readonly fileSha256: string
  readonly threshold: number
  readonly label: LabelSpec
}

/** Weights file of an ONNX model: its own file, whole. */
export interface OnnxWeights {
  readonly version: string
  readonly kind: 'onnx'
  /** In the order in which its input takes them. */
  readonly features: readonly Column[]
  /** Its bytes, in base64. */
  readonly file: string
  /** Of the bytes. */
  readonly fileSha256: string
  readonly threshold: number
  readonly label: LabelSpec
}

export type ModelWeights = LogisticWeights | HttpWeights | EnsembleWeights | TreeWeights | OnnxWeights
