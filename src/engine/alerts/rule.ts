import type { UnixMs } from '../kernel/units.ts'

export type Severity = 'info' | 'warning' | 'critical'

/** Counts over a span of minutes that ends now; latencies as the number beyond a bound, which is exact. */
export interface SpanFigures {
  readonly requests: number
  readonly timed: number
  readonly above80Ms: number
  readonly above120Ms: number
  readonly tried: number
  readonly modelErrors: number
  readonly shadowTried: number
  readonly shadowErrors: number
  readonly shadowTimed: number
  readonly shadowAbove60Ms: number
  readonly compared: number
  readonly matched: number
}

/** What the rules look at, in one symbol at one moment of the market clock. Null is unknown: it neither fires nor resolves. */
export interface AlertInputs {
  readonly last5: SpanFigures
  readonly last10: SpanFigures
  /** The candidate in the shadow, and whether it is meant to agree with the model in charge; null without one. */
  readonly candidate: { readonly meantToMatch: boolean } | null
  /** The canary that runs, with the PSI of its candidate; null without one. */
  readonly canary: { readonly psi: number | null } | null
  /**
   * What a canary's judge has last seen of the candidate's runs, and whether it is certain that too many failed; for a while after
   * its end too.
   */
  readonly canarySeen: { readonly tried: number; readonly errors: number; readonly certain: boolean } | null
  /** Of the model in charge, once its seven days are full. */
  readonly psi: number | null
  readonly psiDayAgo: number | null
  /** Whether drift of the model in charge is critical now, by its newest snapshot or the checks of the last 24 hours. */
  readonly driftCritical: boolean
  /** Whether the overall PSI of the last 24 hours asks for the kill switch, where the configuration lets it. */
  readonly driftAsksKill: boolean
  /** How long ago drift became critical; null when it has not. */
  readonly driftCriticalAgoMs: number | null
  /** Of the newest row; negative where it lies ahead of the clock. */
  readonly rowAgeMs: number | null
  /** The feature that misses most in the last 24 hours. */
  readonly missing: { readonly feature: string; readonly share: number } | null
  /** Expected calibration error of the model in charge over its settled minutes of the last 24 hours. */
  readonly ece: number | null
  /** Series that the metrics hold. */
  readonly series: number | null
  readonly overdueJobs: readonly string[]
  /** Minutes of the last 24 hours whose horizon has ended and whose outcome the user has not brought; null where the room works it out. */
  readonly overdueOutcomes: number | null
  /** Since when a room on a real feed lacks a backup, by the machine's clock; null on a recording. */
  readonly backupAgeMs: number | null
  /** The active arm on paper (before the first set that of the model in charge), and how the last training of a set ended. */
  readonly paper: {
    readonly arm: string
    /** Of the last 14 days, as a multiple of a trade's value; null without a trade. */
    readonly drawdown: number | null
    /** Why it failed; null where it did not. */
    readonly retrainFailed: string | null
    /** What fills cost at least with certainty, in per cent a side; null with too few. */
    readonly slippageLowPct: number | null
    readonly slippageAssumedPct: number
  } | null
  readonly killSwitch: boolean
  readonly breakerOpen: boolean
  /** The room came back, on a real feed, without having been stopped: since when, and how long it was gone. */
  readonly back: { readonly atMs: UnixMs; readonly goneMs: number } | null
  readonly atMs: UnixMs
}

/** `null`: nothing to judge by, so the rule stays as it is. */
export type Reading = { readonly holds: boolean; readonly text: string } | null

/** A series of samples a minute in promtool's notation, for instance `ml_psi_score` and `0.1x70`. */
export interface Series {
  readonly series: string
  readonly values: string
}

export interface Rule {
  readonly name: string
  readonly severity: Severity
  /** How long the condition holds before it fires, and how long it must be over before that is resolved. */
  readonly forMs: number
  readonly clearMs: number
  /** Gate 1 judges the same figure, so gate 3 leaves these out. */
  readonly driftRule?: true
  /** Looked at while a canary runs. None stops it: that is for its judge. */
  readonly canary?: true
  /** One line for people. */
  readonly summary: string
  /** What to press or to look at, for a person who was woken by it. */
  readonly next: readonly string[]
  /** The same condition in PromQL, without `for`. */
  readonly expr: string
  /** Samples a minute on which it fires, `afterMin` minutes on, and on which it does not. */
  readonly example: { readonly afterMin: number; readonly fires: readonly Series[]; readonly quiet: readonly Series[] }
  /** Labels that Prometheus adds from the series it fires on, in the example. */
  readonly labels?: Readonly<Record<string, string>>
  read(inputs: AlertInputs): Reading
}

/** The example of a rule that reads one series. */
export function oneSeries(
  series: string,
  { afterMin, fires, quiet }: { readonly afterMin: number; readonly fires: string; readonly quiet: string },
): Rule['example'] {
  return { afterMin, fires: [{ series, values: fires }], quiet: [{ series, values: quiet }] }
}
