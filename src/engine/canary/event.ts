import type { UnixMs } from '../kernel/units.ts'
import type { CanaryMode } from './plan.ts'
import type { CanaryState } from './state.ts'

/** What the judge says at a look. */
export interface LookSaid {
  readonly kind: 'goOn' | 'abort' | 'measureError'
  readonly reason: string
}

/** What the judge says at a phase's end. */
export interface PhaseEndSaid {
  readonly kind: 'advance' | 'abort' | 'hold' | 'measureError'
  readonly reason: string
}

/** What can happen to a canary. `atMs` is on the market clock. */
export type CanaryEvent =
  | {
      readonly kind: 'start'
      readonly atMs: UnixMs
      readonly mode: CanaryMode
      readonly promptId: string
      readonly expiresAtWallMs: UnixMs
      /** Who asks for it. */
      readonly by: string
    }
  | { readonly kind: 'approved'; readonly atMs: UnixMs; readonly atWallMs: UnixMs; readonly promptId: string }
  /** A person said no, or what was to be approved has changed meanwhile. */
  | { readonly kind: 'refused'; readonly atMs: UnixMs; readonly promptId: string; readonly why: string }
  | { readonly kind: 'expired'; readonly atMs: UnixMs; readonly promptId: string }
  | { readonly kind: 'look'; readonly atMs: UnixMs; readonly verdict: LookSaid }
  /** `phase` is the one whose figures were judged. */
  | { readonly kind: 'phaseEnd'; readonly atMs: UnixMs; readonly phase: number; readonly verdict: PhaseEndSaid }
  /** The process came back. A replay's clock stood still meanwhile, a real one did not. */
  | { readonly kind: 'resumed'; readonly atMs: UnixMs; readonly clock: 'real' | 'replay' }
  | { readonly kind: 'abort'; readonly atMs: UnixMs; readonly by: string; readonly reason: string }
  | { readonly kind: 'candidateGone'; readonly atMs: UnixMs }

export type RunStatus = 'SUCCESS' | 'ABORTED' | 'INCONCLUSIVE'

/** What is to be done about a step, as data. */
export type Effect =
  | {
      readonly kind: 'openPrompt'
      readonly promptId: string
      readonly expiresAtWallMs: UnixMs
      readonly by: string
    }
  /** Nobody may answer the prompt any more. One that has just been answered is closed already. */
  | {
      readonly kind: 'closePrompt'
      readonly promptId: string
      readonly as: 'approved' | 'refused' | 'expired'
      readonly why: string
    }
  | { readonly kind: 'phaseStarted'; readonly phase: number; readonly split: number; readonly untilMs: UnixMs }
  | { readonly kind: 'phaseExtended'; readonly phase: number; readonly untilMs: UnixMs; readonly reason: string }
  | {
      readonly kind: 'phaseEnded'
      readonly phase: number
      readonly decision: 'advance' | 'abort' | 'inconclusive'
      readonly reason: string
    }
  | { readonly kind: 'measuringFailed'; readonly phase: number; readonly inARow: number; readonly why: string }
  | { readonly kind: 'resumed'; readonly phase: number }
  | { readonly kind: 'ended'; readonly status: RunStatus; readonly atMs: UnixMs; readonly reason: string }

/** What became of an event: a new state with what is to be done, or a refusal that changes nothing. */
export type Step =
  | { readonly ok: true; readonly state: CanaryState; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly why: string }
