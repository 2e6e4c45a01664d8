import { LatencyHistogram } from '../db/latency-histogram.ts'
import { answeredLatencies, comparedBySpan, decisions, gateChanges, pairedMinutes } from '../db/report-reads.ts'
import type { Store } from '../db/store.ts'
import { judgeOutcome, outcomeText, type OutcomeLimits } from '../engine/gates/outcome.ts'
import { seededRandom } from '../engine/kernel/random.ts'
import { DAY_MS, HOUR_MS, floorTo, isoDate, type UnixMs } from '../engine/kernel/units.ts'
import { verdictOf } from '../engine/kernel/verdict.ts'
import type { LabelSpec } from '../engine/models/contract.ts'
import { heuristicScore } from '../engine/models/heuristic.ts'
import { calibrationCurve, rowLogLoss } from '../engine/stats/calibration.ts'
import { wilson } from '../engine/stats/intervals.ts'
import { decisionText } from '../evidence/decision-words.ts'
import type {
  DayCourse,
  DayFigures,
  DriftPage,
  GatesPage,
  LatencyHour,
  PromisedHour,
} from '../evidence/documents/day-figures.ts'
import { outcomeDocument } from '../evidence/outcome-document.ts'
import type { DailyReport, OutcomeDocument } from '../evidence/documents/documents.ts'

const COURSE_MS = 7 * DAY_MS

export interface FigureLimits {
  readonly outcome: OutcomeLimits
  readonly outcomeSeed: number
  readonly label: LabelSpec
}

/** Reads what the page of a day shows beside its report. The day has ended, so its rows are final. */
export function readDay(store: Store, report: DailyReport, limits: FigureLimits): DayFigures {
  const { symbol, models } = report
  const { db } = store
  const fromMs = Date.parse(report.date)
  const untilMs = fromMs + DAY_MS
  return {
    course: courseOf(store, report, fromMs, limits.label),
    followsDay: store.reports.daily(symbol, isoDate(fromMs - DAY_MS)) !== null,
    drift: [
      ...driftOf(store, symbol, models.baseline, 'in charge', untilMs),
      ...driftOf(store, symbol, models.candidate, 'in the shadow', untilMs),
    ],
    compared: comparedOf(store, symbol, models.candidate, fromMs, untilMs),
    latency: latencyOf(store, symbol, fromMs, untilMs),
    calibration: calibrationOf(store, symbol, models.baseline, fromMs, untilMs),
    outcome: outcomeOf(store, report, untilMs, limits),
    gates: gatesOf(store, symbol, fromMs, untilMs),
    gateChanges: gateChanges(db, symbol, fromMs, untilMs),
    alerts: store.watch
      .alertChanges(symbol, fromMs, untilMs)
      .map(({ tsMs, rule, change, severity, text }) => ({ atMs: tsMs, rule, change, severity, text })),
    decisions: decisions(db, symbol, fromMs, untilMs).map(({ detail, ...decision }) => ({
      ...decision,
      what: decisionText(detail),
    })),
  }
}

function courseOf(store: Store, { symbol, models }: DailyReport, fromMs: UnixMs, label: LabelSpec): DayCourse | null {
  const untilMs = fromMs + DAY_MS
  const closes = store.bars.between(symbol, fromMs, untilMs).map(({ tsMs, close }) => ({ atMs: tsMs, close }))
  if (closes.length === 0) return null
  const { baseline } = models
  const threshold = baseline === null ? null : (store.models.get(symbol, baseline)?.weights.threshold ?? null)
  const settled = baseline === null ? [] : store.predictions.settled(symbol, baseline, fromMs, untilMs)
  const closeAt = new Map(closes.map(({ atMs, close }) => [atMs, close]))
  const signals = settled.flatMap(({ tsMs, score, label: came }) => {
    const close = closeAt.get(tsMs)
    const isSignal = threshold !== null && score >= threshold
    return isSignal && close !== undefined ? [{ atMs: tsMs, close, cameTrue: came === 1 }] : []
  })
  const hours = hoursOf(fromMs).map((hourMs): PromisedHour => {
    const rows = settled.filter(({ tsMs }) => floorTo(tsMs, HOUR_MS) === hourMs)
    const mean = (values: readonly number[]): number | null =>
      values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
    return {
      fromMs: hourMs,
      n: rows.length,
      promised: mean(rows.map(({ score }) => score)),
      cameTrue: mean(rows.map((row) => row.label)),
    }
  })
  return { closes, threshold, signals, hours, label }
}

function driftOf(
  store: Store,
  symbol: string,
  model: string | null,
  role: DriftPage['role'],
  untilMs: UnixMs,
): DriftPage[] {
  if (model === null) return []
  const rows = store.drift.snapshots(symbol, model, untilMs - COURSE_MS, untilMs)
  const last = rows.at(-1)
  // A snapshot of an earlier day says nothing about this one.
  if (last === undefined || last.tsMs <= untilMs - DAY_MS) return []
  const snapshot = last.document
  const worst = snapshot.worst?.feature ?? ''
  const course = rows.map(({ tsMs, document }) => ({
    atMs: tsMs,
    overall: document.overall_psi,
    worst: document.features[worst]?.psi ?? null,
  }))
  return [{ model, role, snapshot, course }]
}

function comparedOf(store: Store, symbol: string, model: string | null, fromMs: UnixMs, untilMs: UnixMs) {
  if (model === null) return []
  const spans = new Map(
    comparedBySpan(store.db, symbol, model, fromMs, untilMs, HOUR_MS).map((span) => [span.fromMs, span]),
  )
  const hours = hoursOf(fromMs).map((hourMs) => {
    const { compared: n = 0, matched = 0, deltaSum = 0 } = spans.get(hourMs) ?? {}
    return {
      fromMs: hourMs,
      n,
      matchRate: n === 0 ? null : matched / n,
      meanDelta: n === 0 ? null : deltaSum / n,
    }
  })
  return hours.some((hour) => hour.n > 0) ? hours : []
}

function hoursOf(dayMs: UnixMs): UnixMs[] {
  return Array.from({ length: 24 }, (_, hour) => dayMs + hour * HOUR_MS)
}

function latencyOf(store: Store, symbol: string, fromMs: UnixMs, untilMs: UnixMs): LatencyHour[] {
  const books = new Map<UnixMs, LatencyHistogram>()
  for (const { tsMs, histogram } of answeredLatencies(store.db, symbol, fromMs, untilMs)) {
    const hourMs = floorTo(tsMs, HOUR_MS)
    const book = books.get(hourMs) ?? LatencyHistogram.empty()
    book.add(LatencyHistogram.decode(histogram))
    books.set(hourMs, book)
  }
  if (books.size === 0) return []
  return hoursOf(fromMs).map((hourMs) => {
    const quantile = (q: number): number | null => books.get(hourMs)?.quantileMs(q) ?? null
    const n = books.get(hourMs)?.count ?? 0
    return { fromMs: hourMs, n, p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99) }
  })
}

function calibrationOf(store: Store, symbol: string, model: string | null, fromMs: UnixMs, untilMs: UnixMs) {
  if (model === null) return []
  const rows = store.predictions.settled(symbol, model, fromMs, untilMs)
  const bins = calibrationCurve(
    rows.map((row) => row.label),
    rows.map((row) => row.score),
  )
  return bins.map((bin) => ({ ...bin, ...wilson(Math.round(bin.mean_label * bin.n), bin.n) }))
}

/** The candidate's settled minutes from its first in the shadow to the end of the day, paired as the gates pair them. */
function outcomeOf(
  store: Store,
  report: DailyReport,
  untilMs: UnixMs,
  { outcome: limits, outcomeSeed, label }: FigureLimits,
): OutcomeDocument | null {
  const { symbol, models } = report
  const { baseline, candidate, candidate_since: since } = models
  if (baseline === null || candidate === null || since === null) return null
  const fromMs = Date.parse(since)
  const losses: { candidate: number[]; baseline: number[]; fallback: number[] } = {
    candidate: [],
    baseline: [],
    fallback: [],
  }
  for (const minute of pairedMinutes(store.db, symbol, { candidate, baseline }, fromMs, untilMs)) {
    const simple = heuristicScore(minute.variance, label)
    if (Number.isNaN(simple)) continue
    losses.candidate.push(rowLogLoss(minute.label, minute.candidate))
    losses.baseline.push(rowLogLoss(minute.label, minute.baseline))
    losses.fallback.push(rowLogLoss(minute.label, simple))
  }
  const paired = {
    candidate: Float64Array.from(losses.candidate),
    baseline: Float64Array.from(losses.baseline),
    fallback: Float64Array.from(losses.fallback),
  }
  const outcome = judgeOutcome(paired, limits, seededRandom(outcomeSeed))
  return outcomeDocument(outcome, outcomeText(outcome, limits))
}

/** Verdicts and values of the last evaluation of the day; the reasons as they were last written down. */
function gatesOf(store: Store, symbol: string, fromMs: UnixMs, untilMs: UnixMs): GatesPage | null {
  const last = store.watch.newestGatesIn(symbol, fromMs, untilMs)
  const words = store.watch.wordsBefore(symbol, untilMs)
  if (last === null || words === null) return null
  return {
    atMs: last.tsMs,
    model: last.model,
    reasonsAtMs: words.tsMs,
    gates: words.gates.map((gate, i) => ({
      ...gate,
      value: last.figures[i] ?? null,
      verdict: verdictOf(last.verdicts[i]),
    })),
  }
}
