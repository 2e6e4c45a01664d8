import type { Column } from '../features/catalogue.ts'

export type ModelKind = 'heuristic' | 'logistic'

/** A model as the room uses it: values in, a probability out. */
export interface Model {
  readonly version: string
  readonly kind: ModelKind
  /** What it needs of a row. */
  readonly features: readonly Column[]
  /** Scores at or above it are a `signal`. */
  readonly threshold: number
  /** @param values a row's values in the catalogue's order. @returns a probability; NaN when a feature is missing. */
  score(values: Float64Array): number
}

/** What counts as the event that a model predicts: a property of a row's next `horizonMin` minutes. */
export interface LabelSpec {
  readonly kind: 'move' | 'up'
  readonly horizonMin: number
  /** For `move`: |log return| beyond this many basis points. For `up`: log return above it. */
  readonly thresholdBp: number
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
