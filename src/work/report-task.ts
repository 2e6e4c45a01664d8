import { openStore } from '../db/store.ts'
import { dailyPage } from '../evidence/pages/daily-page.ts'
import type { DailyReport, StoredDailyReport } from '../evidence/documents/documents.ts'
import { drawDay } from './report-charts.ts'
import { readDay } from './report-figures.ts'
import type { ReportOutcome, ReportTask } from './task.ts'

/** Reads a day that has its report and lays its page out. @throws RangeError when the day has none */
export async function renderReport({ dataDir, symbol, date, limits, figures }: ReportTask): Promise<ReportOutcome> {
  const store = openStore(dataDir, 'read')
  try {
    const report = store.reports.daily(symbol, date)
    if (report === null) throw new RangeError(`there is no daily report of ${date}`)
    if (!isOfNow(report))
      throw new RangeError('its report was written by an earlier version, which did not record the models of that day')
    const day = readDay(store, report, figures)
    const charts = await drawDay(day, limits, Date.parse(date))
    return { html: dailyPage({ report, figures: day, charts, limits }) }
  } finally {
    store.db.close()
  }
}

function isOfNow(report: StoredDailyReport): report is DailyReport {
  return report.models !== undefined && report.chain !== undefined
}
