import { and, asc, eq, max } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { DailyReport, StoredDailyReport } from '../evidence/documents/documents.ts'
import type { WeeklyReport } from '../evidence/documents/weekly-document.ts'
import type { Database } from './connect.ts'
import { reports } from './schema-record.ts'
import { DailyShape, WeeklyShape } from './shapes-reports.ts'
import { jsonColumn, rowCheck } from './stored.ts'

/** A report as it stands in its row. */
export type ReportRow = typeof reports.$inferSelect

interface ReportTimes {
  readonly tsMs: UnixMs
  readonly wallMs: number
}

/** Daily and weekly reports, each written once. Reads throw an OperatorError where a row is not one. */
export interface ReportRepo {
  daily(symbol: string, date: string): StoredDailyReport | null
  /** All of a symbol, ascending by date. */
  dailies(symbol: string): StoredDailyReport[]
  weekly(symbol: string, date: string): WeeklyReport | null
  /** Keeps the first report of a day. Inside the caller's transaction. */
  putDaily(report: DailyReport, times: ReportTimes): void
  /** Keeps the first report of a week. Inside the caller's transaction. */
  putWeekly(report: WeeklyReport, times: ReportTimes): void
  countDailies(symbol: string): number
  lastDate(symbol: string, period: 'daily' | 'weekly'): string | null
}

export function reportRepo(db: Database): ReportRepo {
  const { orm, raw } = db
  const check = rowCheck(reports)
  const daily = jsonColumn(reports, 'document', DailyShape)
  const weekly = jsonColumn(reports, 'document', WeeklyShape)
  const count = raw.prepare<[string], { n: number }>(
    "SELECT count(*) AS n FROM reports WHERE symbol = ? AND period = 'daily'",
  )
  const one = (symbol: string, period: 'daily' | 'weekly', date: string) => {
    const row = orm
      .select()
      .from(reports)
      .where(and(eq(reports.symbol, symbol), eq(reports.period, period), eq(reports.date, date)))
      .get()
    return row === undefined ? null : check(row)
  }
  const put = (symbol: string, period: 'daily' | 'weekly', date: string, document: string, times: ReportTimes) => {
    db.assertTransaction()
    orm
      .insert(reports)
      .values({ symbol, period, date, document, ...times })
      .onConflictDoNothing()
      .run()
  }
  return {
    daily: (symbol, date) => {
      const row = one(symbol, 'daily', date)
      return row === null ? null : daily.value(row)
    },
    dailies: (symbol) =>
      orm
        .select()
        .from(reports)
        .where(and(eq(reports.symbol, symbol), eq(reports.period, 'daily')))
        .orderBy(asc(reports.date))
        .all()
        .map((row) => daily.value(check(row))),
    weekly: (symbol, date) => {
      const row = one(symbol, 'weekly', date)
      return row === null ? null : weekly.value(row)
    },
    putDaily: (report, times) => put(report.symbol, 'daily', report.date, daily.text(report), times),
    putWeekly: (report, times) => put(report.symbol, 'weekly', report.date, weekly.text(report), times),
    countDailies: (symbol) => count.get(symbol)?.n ?? 0,
    lastDate: (symbol, period) =>
      orm
        .select({ date: max(reports.date) })
        .from(reports)
        .where(and(eq(reports.symbol, symbol), eq(reports.period, period)))
        .get()?.date ?? null,
  }
}
