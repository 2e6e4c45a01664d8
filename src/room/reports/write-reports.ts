import type { DailyReport, StoredDailyReport } from '../../evidence/documents/documents.ts'
import { reportCsv } from '../../evidence/report-csv.ts'
import { DAY_MS, floorTo, isoDate, type UnixMs } from '../../engine/kernel/units.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { recordHead } from '../record/head-signing.ts'
import { dailyReport, type DayThresholds } from './daily-report.ts'
import { owePage } from './report-pages.ts'
import { sundayOf, WEEK_ENDS_MS, WEEK_MS, writeWeek } from './weekly-report.ts'

/** Days written at once when a room comes back after a long time. */
const MAX_MISSED_DAYS = 400
const MAX_MISSED_WEEKS = 60

const NO_BAR: JobResult = { ok: true, result: 'no bar yet' }
const WRITTEN: JobResult = { ok: true, result: 'written before' }

/** What writing a report needs beside its desk. */
export interface Reporting {
  readonly evidence: EvidenceWriter
  readonly config: Config
  /** Days that a room lives through get a page; of days of history it is made when somebody asks. */
  readonly withPage: boolean
}

/** Writes the daily reports that are due: of the day that ended, and of days missed; inside the caller's transaction. */
export function reportDays(desk: Desk, reporting: Reporting, atMs: UnixMs): JobResult {
  const { bars, reports } = desk.parts.store
  const firstMs = bars.firstMs(desk.symbol)
  if (firstMs === null) return NO_BAR
  const last = reports.lastDate(desk.symbol, 'daily')
  const untilMs = floorTo(atMs, DAY_MS)
  const fromMs = Math.max(
    last === null ? floorTo(firstMs, DAY_MS) : Date.parse(last) + DAY_MS,
    untilMs - MAX_MISSED_DAYS * DAY_MS,
  )
  let result = WRITTEN
  for (let dayMs = fromMs; dayMs < untilMs; dayMs += DAY_MS)
    result = { ok: true, result: writeDay(desk, reporting, dayMs, atMs).overall_status }
  return result
}

/** Writes the weekly summaries that are due: of the week that ends on this Sunday, and of weeks missed; as `reportDays`. */
export function reportWeeks(desk: Desk, { evidence, config }: Reporting, atMs: UnixMs): JobResult {
  const { bars, reports } = desk.parts.store
  const firstMs = bars.firstMs(desk.symbol)
  if (firstMs === null) return NO_BAR
  const last = reports.lastDate(desk.symbol, 'weekly')
  const untilMs = sundayOf(atMs - WEEK_ENDS_MS)
  const fromMs = Math.max(
    last === null ? sundayOf(firstMs + 6 * DAY_MS) : Date.parse(last) + WEEK_MS,
    untilMs - MAX_MISSED_WEEKS * WEEK_MS,
  )
  let result = WRITTEN
  for (let sundayMs = fromMs; sundayMs <= untilMs; sundayMs += WEEK_MS) {
    const { overall_status: status } = writeWeek(desk, evidence, sundayMs, atMs, thresholdsOf(config))
    result = { ok: true, result: status ?? 'unknown' }
  }
  return result
}

/** Writes the report of one day, once; asked again, gives what was written. Inside the caller's transaction. */
export function writeDay(
  desk: Desk,
  { evidence, config, withPage }: Reporting,
  dayMs: UnixMs,
  atMs: UnixMs,
): StoredDailyReport {
  const { symbol } = desk
  const { store, wallNow } = desk.parts
  const date = isoDate(dayMs)
  const written = store.reports.daily(symbol, date)
  if (written !== null) return written
  const last = store.journal.lastEntry()
  const head = last === null ? null : { seq: last.seq, hash: last.hash }
  const report = evidence.stamp(
    'daily_report/1',
    atMs,
    dailyReport(desk, dayMs, head, thresholdsOf(config)),
  ) as DailyReport
  store.reports.putDaily(report, { tsMs: atMs, wallMs: wallNow() })
  evidence.writeDocument(evidence.subject(symbol, `daily/report_${date}.json`), report, atMs)
  evidence.writeText(evidence.subject(symbol, `daily/report_${date}.csv`), reportCsv([report]), atMs)
  const all = store.reports.dailies(symbol)
  evidence.writeText(evidence.subject(symbol, 'daily/ml_daily_reports.csv'), reportCsv(all), atMs)
  if (config.evidence.signing_key !== null) recordHead(evidence, date, atMs)
  if (withPage) owePage(store, symbol, date, atMs)
  const psi = report.metrics.psi_score
  desk.events.log(
    'report',
    SEVERITY[report.overall_status],
    `report ${date}: ${report.overall_status}${psi === null ? '' : `, psi ${psi.toFixed(3)}`}`,
    'always',
  )
  return report
}

export function thresholdsOf({ features }: Config): DayThresholds {
  return { completeness: features.completeness, missingShare: features.missing_share, gapMin: features.gap_min }
}

const SEVERITY = { CRITICAL: 'critical', WARNING: 'warning', OK: 'info' } as const
