/** Rules with other limits, held against weeks that were recorded: how often they would have fired, and whether they would have been right. */
import { type RehearsedRule, type RuleInCharge, RULES_IN_CHARGE } from '../kernel/rehearsed-rules.ts'
import { DAY_MS, floorTo, isoDate, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import { logLoss } from '../stats/calibration.ts'
import { CHECK_EVERY_MS, driftCheck, type DriftLimits, driftVerdict, type PastCheck } from './check.ts'
import type { DriftFigures } from './drift-day.ts'
import type { OwnDays } from './own-days.ts'
import type { TimeWindow } from './window.ts'

export interface RehearsedLimits {
  readonly drift: DriftLimits
  /** Rows that are older than this for so long throw the switch. */
  readonly staleMs: number
  readonly staleForMs: number
}

/** One settled minute. */
export interface RehearsedMinute {
  readonly tsMs: UnixMs
  readonly label: number
  readonly score: number
  readonly fallback: number
}

/** What was recorded. */
export interface RecordedWeeks {
  readonly window: TimeWindow
  /** Every quarter of an hour, ascending. */
  readonly checks: readonly { readonly atMs: UnixMs; readonly figures: DriftFigures }[]
  readonly ownDays: OwnDays | null
  /** Ascending. */
  readonly bars: readonly UnixMs[]
  readonly minutes: readonly RehearsedMinute[]
  /** Scores at or above it are a signal. */
  readonly threshold: number
  /** Log loss that the offline report promised; null where there is none. */
  readonly promise: number | null
}

/** A day of settled minutes. */
export interface RehearsedDay {
  readonly date: string
  readonly n: number
  readonly logLoss: number
  readonly fallbackLogLoss: number
  /** Null without a promise. */
  readonly isWorseThanPromise: boolean | null
  readonly isWorseThanFallback: boolean
}

/** What one rule would have done. */
export interface RehearsedFigures {
  readonly rule: RehearsedRule
  readonly fired: number
  readonly minutes: number
  readonly dates: readonly string[]
  /** Of those days with settled minutes, on how many the model was worse than promised, and than the fallback. */
  readonly worseThanPromise: number
  readonly worseThanFallback: number
  /** Settled minutes while it fired, those that signalled, and those signals that came true. */
  readonly answers: number
  readonly signals: number
  readonly right: number
}

/** By the UTC day. */
export function rehearsedDays({
  minutes,
  promise,
}: Pick<RecordedWeeks, 'minutes' | 'promise'>): readonly RehearsedDay[] {
  const byDate = new Map<string, RehearsedMinute[]>()
  for (const minute of minutes) {
    const date = isoDate(minute.tsMs)
    const day = byDate.get(date) ?? []
    byDate.set(date, day)
    day.push(minute)
  }
  return [...byDate].map(([date, day]) => {
    const labels = day.map(({ label }) => label)
    const own = logLoss(
      labels,
      day.map(({ score }) => score),
    )
    const other = logLoss(
      labels,
      day.map(({ fallback }) => fallback),
    )
    return {
      date,
      n: day.length,
      logLoss: own,
      fallbackLogLoss: other,
      isWorseThanPromise: promise === null ? null : own > promise,
      isWorseThanFallback: own > other,
    }
  })
}

/** What each rule about the model in charge would have done. */
export function rehearse(
  weeks: RecordedWeeks,
  days: readonly RehearsedDay[],
  limits: RehearsedLimits,
): readonly RehearsedFigures[] {
  const firings = firingsOf(weeks, limits)
  return RULES_IN_CHARGE.map((rule) => rehearsedRule(rule, firings[rule], weeks, days))
}

function firingsOf(
  weeks: RecordedWeeks,
  limits: RehearsedLimits,
): Readonly<Record<RuleInCharge, readonly TimeWindow[]>> {
  const past: PastCheck[] = []
  const judged = weeks.checks.map(({ atMs, figures }) => {
    const check = driftCheck(figures, weeks.ownDays, limits.drift, atMs)
    const { verdict, asksKill } = driftVerdict(check, past)
    past.push(check)
    if (past.length > 2) past.shift()
    return { atMs, verdict, asksKill }
  })
  const whileChecked = (holds: (one: (typeof judged)[number]) => boolean): readonly TimeWindow[] =>
    spans(judged.filter(holds).map(({ atMs }) => atMs))
  return {
    'drift warning': whileChecked(({ verdict }) => verdict === 'warning' || verdict === 'critical'),
    'drift critical': whileChecked(({ verdict }) => verdict === 'critical'),
    'kill switch by drift': whileChecked(({ asksKill }) => asksKill),
    'kill switch by staleness': staleSpans(weeks, limits),
  }
}

/** Neighbouring checks are one firing, which lasts until the next one at which it did not hold. */
function spans(moments: readonly UnixMs[]): readonly TimeWindow[] {
  const found: { fromMs: UnixMs; untilMs: UnixMs }[] = []
  for (const atMs of moments) {
    const last = found.at(-1)
    if (last?.untilMs === atMs) last.untilMs = atMs + CHECK_EVERY_MS
    else found.push({ fromMs: atMs, untilMs: atMs + CHECK_EVERY_MS })
  }
  return found
}

/** A bar is known a minute after it began; the switch stays on until a person takes it back, and here until the next bar. */
function staleSpans({ bars, window }: RecordedWeeks, { staleMs, staleForMs }: RehearsedLimits): readonly TimeWindow[] {
  return bars.flatMap((tsMs, i) => {
    const next = bars[i + 1]
    const fromMs = tsMs + MINUTE_MS + staleMs + staleForMs
    const untilMs = next === undefined ? window.untilMs : next + MINUTE_MS
    return untilMs > fromMs ? [{ fromMs, untilMs }] : []
  })
}

/** @param firings ascending. @param weeks of the model that the rule is about, with the days of the same */
export function rehearsedRule(
  rule: RehearsedRule,
  firings: readonly TimeWindow[],
  { minutes, threshold }: Pick<RecordedWeeks, 'minutes' | 'threshold'>,
  days: readonly RehearsedDay[],
): RehearsedFigures {
  const dates = new Set(
    firings.flatMap(({ fromMs, untilMs }) => {
      const first = floorTo(fromMs, DAY_MS)
      return Array.from({ length: Math.ceil((untilMs - first) / DAY_MS) }, (_, i) => isoDate(first + i * DAY_MS))
    }),
  )
  const fired = days.filter(({ date }) => dates.has(date))
  const stopped = minutes.filter(({ tsMs }) => {
    const answeredMs = tsMs + MINUTE_MS
    return firings.some(({ fromMs, untilMs }) => answeredMs >= fromMs && answeredMs < untilMs)
  })
  const signals = stopped.filter(({ score }) => score >= threshold)
  return {
    rule,
    fired: firings.length,
    minutes: Math.round(firings.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0) / MINUTE_MS),
    dates: [...dates],
    worseThanPromise: fired.filter(({ isWorseThanPromise }) => isWorseThanPromise === true).length,
    worseThanFallback: fired.filter(({ isWorseThanFallback }) => isWorseThanFallback).length,
    answers: stopped.length,
    signals: signals.length,
    right: signals.filter(({ label }) => label === 1).length,
  }
}
