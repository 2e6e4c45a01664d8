import type { CalibrationBin } from '../../engine/stats/calibration.ts'
import type { Interval } from '../../engine/stats/intervals.ts'
import type { DocumentHeader } from './documents.ts'

/** A look at what a model answers with: `onay calibrate`, `GET /calibration`, `calibration_<ISO time>.json`. */
export interface CalibrationDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly model: string
  readonly model_sha256: string
  readonly at: string
  /** Settled minutes since the last calibration that was taken over. */
  readonly n: number
  /** `taken`: it answers with a new calibration from now on. `wait`: there are too few minutes. */
  readonly verdict: 'taken' | 'kept' | 'wait'
  readonly reason: string
  /** What was tried; null where nothing was. */
  readonly tried: {
    readonly kind: 'platt' | 'isotonic'
    readonly fitted: number
    readonly tested: number
    /** On the newest quarter, before and with it. */
    readonly log_loss: { readonly before: number; readonly after: number }
    readonly ece: { readonly before: number; readonly after: number }
    /** Of the log loss, with it less before; 95 %. */
    readonly difference: Interval
  } | null
  /** Of the last 24 hours, as they are answered after this look; null without a settled minute. */
  readonly day: {
    readonly n: number
    readonly ece: number
    readonly mean_score: number
    readonly mean_label: number
    /** Scores of the artifact beside what came of them, and answers beside it. */
    readonly artifact: readonly CalibrationBin[]
    readonly answers: readonly CalibrationBin[]
  } | null
  /** What it answers with after this look: the kind, and by how much the threshold stands above the artifact's. */
  readonly kind: 'platt' | 'isotonic' | null
  readonly raised_by: number
  readonly threshold: number
  /** Of the calibration. */
  readonly sha256: string
}
