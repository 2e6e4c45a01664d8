/** What the page of a day shows beside the daily report itself. Plain data: read in one process, laid out wherever. */
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { LabelSpec } from '../../engine/models/contract.ts'
import type { CalibrationBin } from '../../engine/stats/calibration.ts'
import type { DailyReport, GateDocument, OutcomeDocument, PsiDocument } from './documents.ts'

/** The limits that applied, as the charts draw them. */
export interface PageLimits {
  readonly psi: { readonly warning: number; readonly overall: number; readonly feature: number }
  readonly p95Ms: number
  /** Share of comparisons within the tolerance below which the alert fires, 0 to 1. */
  readonly matchRate: number
  readonly matchTolerance: number
  readonly meanDelta: number
}

/** Drift of one model: the last snapshot of the day and the seven days up to it. */
export interface DriftPage {
  readonly model: string
  readonly role: 'in charge' | 'in the shadow'
  readonly snapshot: PsiDocument
  readonly course: readonly {
    readonly atMs: UnixMs
    readonly overall: number | null
    /** Of the feature that was worst in the last snapshot. */
    readonly worst: number | null
  }[]
}

export interface ComparedHour {
  readonly fromMs: UnixMs
  readonly n: number
  /** Null without comparisons. */
  readonly matchRate: number | null
  readonly meanDelta: number | null
}

export interface LatencyHour {
  readonly fromMs: UnixMs
  readonly n: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}

export interface CalibrationPoint extends CalibrationBin {
  /** Wilson's 95 % interval of the share that came true. */
  readonly lo: number
  readonly hi: number
}

/** An hour of what the model in charge promised, and of what came. */
export interface PromisedHour {
  readonly fromMs: UnixMs
  /** Settled minutes. */
  readonly n: number
  /** Mean score, and share of the minutes on which the event came; null without a settled minute. */
  readonly promised: number | null
  readonly cameTrue: number | null
}

/** The market's day, and what the model in charge at its end said of it. */
export interface DayCourse {
  readonly closes: readonly { readonly atMs: UnixMs; readonly close: number }[]
  /** From this score up it was a signal; null without a model. */
  readonly threshold: number | null
  /** Settled minutes on which the score was a signal, and whether the event came. */
  readonly signals: readonly { readonly atMs: UnixMs; readonly close: number; readonly cameTrue: boolean }[]
  /** 24 of them. */
  readonly hours: readonly PromisedHour[]
  /** The event: how far the price had to move, which way, within how many minutes. */
  readonly label: LabelSpec
}

export interface GatesPage {
  readonly atMs: UnixMs
  readonly model: string | null
  readonly gates: readonly Pick<GateDocument, 'gate' | 'name' | 'verdict' | 'value' | 'threshold' | 'reason'>[]
  /** When the reasons were last written down; values are of `atMs`. */
  readonly reasonsAtMs: UnixMs
}

/** Something that was decided, with who decided it where the record names somebody. */
interface Decision {
  readonly atMs: UnixMs
  readonly kind: string
  readonly subject: string
  /** What happened, in the record's own words. */
  readonly what: string
  readonly by: readonly string[]
  readonly reason: string | null
}

export interface DayFigures {
  /** Null without a bar. */
  readonly course: DayCourse | null
  /** Whether the day before has a report. */
  readonly followsDay: boolean
  readonly drift: readonly DriftPage[]
  /** 24 hours, or none when there was no comparison. */
  readonly compared: readonly ComparedHour[]
  readonly latency: readonly LatencyHour[]
  readonly calibration: readonly CalibrationPoint[]
  readonly outcome: OutcomeDocument | null
  readonly gates: GatesPage | null
  readonly gateChanges: readonly {
    readonly atMs: UnixMs
    readonly gate: string
    readonly from: string | null
    readonly to: string
    readonly reason: string
  }[]
  readonly alerts: readonly {
    readonly atMs: UnixMs
    readonly rule: string
    readonly change: string
    readonly severity: string
    readonly text: string
  }[]
  readonly decisions: readonly Decision[]
}

/** SVG by chart; null where there is nothing to draw. */
export interface DayCharts {
  /** For a wide window and for a phone. */
  readonly course: { readonly wide: string; readonly narrow: string } | null
  readonly drift: readonly { readonly features: string; readonly course: string }[]
  readonly match: string | null
  readonly delta: string | null
  readonly latency: string | null
  readonly calibration: string | null
  readonly outcome: string | null
}

/** Everything that the page of a day is laid out from. */
export interface DayPage {
  readonly report: DailyReport
  readonly figures: DayFigures
  readonly charts: DayCharts
  readonly limits: PageLimits
}
