import { invalid } from '../../engine/kernel/errors.ts'
import { DAY_MS, floorTo, isoDate } from '../../engine/kernel/units.ts'
import type { StoredDailyReport } from '../../evidence/documents/documents.ts'
import type { WeeklyReport } from '../../evidence/documents/weekly-document.ts'
import type { Desks } from '../desk/desks.ts'
import { sundayOf, WEEK_ENDS_MS, writeWeek } from './weekly-report.ts'
import { thresholdsOf, writeDay } from './write-reports.ts'

/** The report of a day that has ended. @throws OperatorError when the day has not, or lies before the first bar */
export function reportNow(desks: Desks, symbol: string | undefined, date: string): StoredDailyReport {
  const desk = desks.of(symbol)
  const dayMs = Date.parse(date)
  const nowMs = desk.nowMs()
  const firstMs = desks.store.bars.firstMs(desk.symbol)
  if (Number.isNaN(dayMs) || dayMs % DAY_MS !== 0)
    throw invalid(`"${date}" is not a date`, 'a UTC date is needed', 'write it like 2025-05-25', 'date')
  if (dayMs + DAY_MS > nowMs)
    throw invalid(
      `${date} has not ended`,
      `it is ${isoDate(nowMs)} on the market clock`,
      'ask for an earlier day',
      'date',
    )
  if (firstMs === null || dayMs < floorTo(firstMs, DAY_MS)) {
    throw invalid(
      `there is no data for ${date}`,
      firstMs === null ? 'no bar has been stored yet' : `the bars begin on ${isoDate(firstMs)}`,
      'ask for a later day',
      'date',
    )
  }
  const reporting = { evidence: desks.evidence, config: desks.options.config, withPage: false }
  const report = desk.transaction(() => writeDay(desk, reporting, dayMs, nowMs))
  desks.drainOutbox()
  return report
}

/** The summary of a week that has ended, named by its Sunday; by default the last one. @throws OperatorError when it has not ended, or is unknown */
export function weekNow(desks: Desks, symbol: string | undefined, date: string | undefined): WeeklyReport {
  const desk = desks.of(symbol)
  const nowMs = desk.nowMs()
  const firstMs = desks.store.bars.firstMs(desk.symbol)
  const sundayMs = date === undefined ? sundayOf(nowMs - WEEK_ENDS_MS) : Date.parse(date)
  const said = date ?? 'the last week'
  if (Number.isNaN(sundayMs) || sundayOf(sundayMs) !== sundayMs)
    throw invalid(
      `${said} is not a Sunday`,
      'a week is named by the UTC Sunday that ends it',
      'write it like 2025-05-25',
      'date',
    )
  if (sundayMs + WEEK_ENDS_MS > nowMs)
    throw invalid(
      `the week of ${said} has not ended`,
      `it is ${isoDate(nowMs)} on the market clock`,
      'ask for an earlier week',
      'date',
    )
  if (firstMs === null || sundayMs + DAY_MS <= firstMs) {
    const why = firstMs === null ? 'no bar has been stored yet' : `the bars begin on ${isoDate(firstMs)}`
    throw invalid(`there is no data for the week of ${isoDate(sundayMs)}`, why, 'ask for a later week', 'date')
  }
  const { evidence, options } = desks
  const report = desk.transaction(() => writeWeek(desk, evidence, sundayMs, nowMs, thresholdsOf(options.config)))
  desks.drainOutbox()
  return report
}
