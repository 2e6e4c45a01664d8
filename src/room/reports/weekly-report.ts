import { comparedByModel, decisions, gateChanges } from '../../db/report-reads.ts'
import { DAY_MS, floorTo, isoDate, isoTime, MINUTE_MS, utcCalendar, type UnixMs } from '../../engine/kernel/units.ts'
import { ece, logLoss } from '../../engine/stats/calibration.ts'
import { auc } from '../../engine/stats/ranking.ts'
import { decisionText } from '../../evidence/decision-words.ts'
import { weeklyText, type WeekDay, type WeeklyReport } from '../../evidence/documents/weekly-document.ts'
import { dailyReport, type DayThresholds } from './daily-report.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

export const WEEK_MS = 7 * DAY_MS
/** From the beginning of a Sunday to the moment at which its week is summed up. */
export const WEEK_ENDS_MS = DAY_MS - MINUTE_MS

const WORST_FIRST = ['CRITICAL', 'WARNING', 'OK'] as const

/** The beginning of the Sunday at or before a moment. */
export function sundayOf(ms: UnixMs): UnixMs {
  return floorTo(ms, DAY_MS) - utcCalendar(ms).weekday * DAY_MS
}

/** Writes the summary of the week that ends with a Sunday, once; a second asking gives what was written. */
export function writeWeek(
  desk: Desk,
  evidence: EvidenceWriter,
  sundayMs: UnixMs,
  atMs: UnixMs,
  thresholds: DayThresholds,
): WeeklyReport {
  const { store, wallNow } = desk.parts
  const date = isoDate(sundayMs)
  const written = store.reports.weekly(desk.symbol, date)
  if (written !== null) return written
  const report = evidence.stamp('weekly_report/1', atMs, weeklyReport(desk, sundayMs, atMs, thresholds)) as WeeklyReport
  store.reports.putWeekly(report, { tsMs: atMs, wallMs: wallNow() })
  evidence.writeDocument(evidence.subject(desk.symbol, `weekly/report_${date}.json`), report, atMs)
  evidence.writeText(evidence.subject(desk.symbol, `weekly/report_${date}.txt`), weeklyText(report), atMs)
  desk.events.log('report', 'info', `weekly report ${date}: ${report.overall_status ?? 'no day has a report'}`)
  return report
}

/** The week from Monday to Sunday, up to `atMs` where that is earlier. */
function weeklyReport(desk: Desk, sundayMs: UnixMs, atMs: UnixMs, thresholds: DayThresholds): WeeklyReport {
  const { store } = desk.parts
  const { symbol, lineUp } = desk
  const fromMs = sundayMs - 6 * DAY_MS
  const untilMs = Math.min(atMs, sundayMs + DAY_MS)
  const days = Array.from({ length: 7 }, (_, i) => weekDay(desk, fromMs + i * DAY_MS, atMs, thresholds))
  const shadow = comparedByModel(store.db, symbol, fromMs, untilMs).map(({ model, compared, matched, deltaSum }) => ({
    model,
    comparisons: compared,
    match_rate: matched / compared,
    mean_delta: deltaSum / compared,
  }))
  const candidate = shadow.find(({ model }) => model === lineUp.candidate?.version) ?? null
  const live = liveOf(desk, fromMs, untilMs)
  const known = days.filter((day) => day.overall_status !== null)
  const noCandidate = lineUp.candidate === null ? 'no candidate in the shadow' : 'no comparison with the candidate'
  const noLive = lineUp.inCharge === null ? 'no model was in charge' : 'no settled minute'
  const why = {
    match_rate: [candidate, noCandidate],
    mean_delta: [candidate, noCandidate],
    auc_live: [live.auc, live.n === 0 ? noLive : 'no settled minute of both classes'],
    ece: [live.ece, noLive],
    log_loss_live: [live.logLoss, noLive],
    base_rate: [live.baseRate, noLive],
  } as const
  const requests = known.reduce((sum, day) => sum + (day.n.requests ?? 0), 0)
  return {
    symbol,
    date: isoDate(sundayMs),
    week: { from: isoTime(fromMs), until: isoTime(untilMs) },
    models: { baseline: lineUp.inCharge?.version ?? null, candidate: lineUp.candidate?.version ?? null },
    metrics: {
      requests,
      match_rate: candidate?.match_rate ?? null,
      mean_delta: candidate?.mean_delta ?? null,
      auc_live: live.auc,
      ece: live.ece,
      log_loss_live: live.logLoss,
      base_rate: live.baseRate,
    },
    n: { days: known.length, requests, comparisons: candidate?.comparisons ?? 0, settled: live.n },
    unmeasured: Object.fromEntries(
      Object.entries(why).flatMap(([field, [value, reason]]) => (value === null ? [[field, reason]] : [])),
    ),
    shadow,
    psi: psiOf(desk, fromMs, untilMs),
    days,
    alerts: store.watch
      .alertChanges(symbol, fromMs, untilMs)
      .map(({ tsMs, rule, change, severity, text }) => ({ at: isoTime(tsMs), rule, change, severity, text })),
    gates: gateChanges(store.db, symbol, fromMs, untilMs).map(({ atMs: when, ...rest }) => ({
      at: isoTime(when),
      ...rest,
    })),
    decisions: decisions(store.db, symbol, fromMs, untilMs).map(({ atMs: when, detail, ...rest }) => ({
      at: isoTime(when),
      what: decisionText(detail),
      ...rest,
    })),
    overall_status: WORST_FIRST.find((status) => known.some((day) => day.overall_status === status)) ?? null,
  }
}

/** A day as it was reported; the Sunday itself, whose report is due a minute later, as it stands. */
function weekDay(desk: Desk, dayMs: UnixMs, atMs: UnixMs, thresholds: DayThresholds): WeekDay {
  const date = isoDate(dayMs)
  const written = desk.parts.store.reports.daily(desk.symbol, date)
  if (written === null && dayMs + DAY_MS <= atMs) return unreported(date, dayMs)
  const report = written ?? dailyReport(desk, dayMs, null, thresholds)
  return {
    date,
    overall_status: report.overall_status,
    until: isoTime(written === null ? atMs : dayMs + DAY_MS),
    metrics: report.metrics,
    n: report.n,
    unmeasured: report.unmeasured,
  }
}

function unreported(date: string, dayMs: UnixMs): WeekDay {
  const why = 'the day has no report'
  const metrics: WeekDay['metrics'] = {
    psi_score: null,
    psi_by_feature: null,
    error_rate: null,
    match_rate: null,
    predict_p95_ms: null,
    mean_delta: null,
    requests: null,
    auc_live: null,
    precision_at_20_live: null,
    log_loss_live: null,
    ece: null,
    base_rate: null,
  }
  const unmeasured = Object.fromEntries(Object.keys(metrics).map((field) => [field, why]))
  return { date, overall_status: null, until: isoTime(dayMs + DAY_MS), metrics, n: {}, unmeasured }
}

interface LiveWeek {
  readonly n: number
  readonly auc: number | null
  readonly ece: number | null
  readonly logLoss: number | null
  readonly baseRate: number | null
}

/** Over the week's settled minutes of the model in charge. */
function liveOf(desk: Desk, fromMs: UnixMs, untilMs: UnixMs): LiveWeek {
  const version = desk.lineUp.inCharge?.version ?? null
  const rows = version === null ? [] : desk.parts.store.predictions.settled(desk.symbol, version, fromMs, untilMs)
  const n = rows.length
  if (n === 0) return { n, auc: null, ece: null, logLoss: null, baseRate: null }
  const labels = rows.map((row) => row.label)
  const scores = rows.map((row) => row.score)
  const area = auc(labels, scores)
  return {
    n,
    auc: Number.isNaN(area) ? null : area,
    ece: ece(labels, scores),
    logLoss: logLoss(labels, scores),
    baseRate: labels.reduce((sum, label) => sum + label, 0) / n,
  }
}

function psiOf(desk: Desk, fromMs: UnixMs, untilMs: UnixMs): WeeklyReport['psi'] {
  const model = desk.lineUp.inCharge?.version ?? null
  const rows = model === null ? [] : desk.parts.store.drift.snapshots(desk.symbol, model, fromMs, untilMs)
  const known = rows.flatMap(({ document: { overall_psi: overall } }) => (overall === null ? [] : [overall]))
  return {
    model,
    n: known.length,
    first: known[0] ?? null,
    last: known.at(-1) ?? null,
    lowest: known.length === 0 ? null : Math.min(...known),
    highest: known.length === 0 ? null : Math.max(...known),
    course: rows.map(({ tsMs, document }) => ({
      at: isoTime(tsMs),
      overall_psi: document.overall_psi,
      n: document.current.n,
    })),
  }
}
