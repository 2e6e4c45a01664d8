import type { Regime } from '../../engine/market/regime.ts'
import type { Interval } from '../../engine/stats/intervals.ts'
import type { DocumentHeader } from './documents.ts'

/** A model within a mix; null where a figure has no value. */
interface EnsembleMemberDocument {
  readonly version: string
  /** Of the mix that serves, by log loss, after this look; 0 to 1. */
  readonly weight: number
  /** Of the mix by money, after this look: shown, and served by nothing. */
  readonly money_weight: number
  /** What the last seven days alone would give it, without smoothing. */
  readonly target: number | null
  readonly money_target: number | null
  /** Over the settled minutes of those days that every member has scored. */
  readonly log_loss: number | null
  /** On paper in those days. */
  readonly sharpe: number | null
  readonly trades: number
}

/** One regime of a mix that has weights of its own in each. */
interface RegimeDocument {
  readonly regime: Regime
  /** Of the last seven days. */
  readonly minutes: number
  /** In the members' order, after this look; null where the common ones hold. */
  readonly weights: readonly number[] | null
  /** Why they stay; null where they have moved. */
  readonly kept: string | null
}

/** A look at the weights of a mix: `onay ensemble`, `ensemble_<date>.json`. */
export interface EnsembleDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly at: string
  /** The model of kind `ensemble` that it is about; null where none has a role. */
  readonly model: string | null
  readonly minutes: number
  readonly members: readonly EnsembleMemberDocument[]
  /** Why the weights stay; null where they have moved. */
  readonly kept: string | null
  readonly money_kept: string | null
  /** Null for a mix with the same weights in every market; missing in a look of before there were others. */
  readonly regimes?: {
    /** Above which `rv_60m_log` a minute is volatile: the 80th percentile of those days; null where they have no minute. */
    readonly volatile_above: number | null
    readonly of: readonly RegimeDocument[]
  } | null
  /** On the newest day, which took no part: log loss of the mix less that of the member that was best before. */
  readonly best_member: string | null
  readonly difference: Interval | null
  /** Whether the mix beats its best member, in plain words. */
  readonly plain: string
}
