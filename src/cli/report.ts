import type { Command } from 'commander'
import { roomAnswer } from '../api/client.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { DAY_MS, isoDate } from '../engine/kernel/units.ts'
import type { StoredDailyReport } from '../evidence/documents.ts'
import { weeklyText, type WeeklyReport } from '../evidence/weekly-document.ts'
import { reportNow, weekNow } from '../room/reports/report-now.ts'
import { ReportPages } from '../room/reports/report-pages.ts'
import { Turns } from '../work/turns.ts'
import { contextOf, withCommon, type CommonOptions, type Context } from './context.ts'
import { reportText } from './texts.ts'
import { asWriter, stopSignal } from './writing.ts'
import type { Io } from './io.ts'

interface ReportOptions extends CommonOptions {
  readonly date?: string
  readonly html?: boolean
}

/** The daily report with its page where that was asked for. */
type DailyAnswer = StoredDailyReport & { readonly page?: string }

export function addReport(program: Command, io: Io): void {
  withCommon(program.command('report <period>'))
    .description('report daily, or weekly: written now, for a day or a week that has ended; default the last one')
    .option('--date <date>', 'the UTC day, like 2025-05-25; of a week its Sunday')
    .option('--html', 'daily: make the page with charts too, and say where it stands')
    .action(async (period: string, options: ReportOptions) => {
      const context = contextOf(options, io)
      switch (period) {
        case 'daily': {
          const document = await daily(context, options)
          const { page } = document
          context.print(document, () => `${reportText(document)}${page === undefined ? '' : `\n  page: ${page}`}`)
          return
        }
        case 'weekly': {
          if (options.html === true)
            throw new OperatorError(
              'the weekly report has no page',
              'it is JSON and plain text',
              'leave --html out',
              'usage',
            )
          const document = await weekly(context, options.date)
          context.print(document, () => weeklyText(document).trimEnd())
          return
        }
        default:
          throw new OperatorError(
            `report ${period} is not there`,
            'there are report daily and report weekly',
            'write: onay report daily',
            'usage',
          )
      }
    })
}

async function daily(context: Context, { date, html }: ReportOptions): Promise<DailyAnswer> {
  const { dataDir, symbol } = context
  const body = { symbol, date, ...(html === true ? { html } : {}) }
  const answered = await roomAnswer<DailyAnswer>(dataDir, 'POST', '/report/daily', body)
  if (answered !== null) return answered
  return asWriter(context, { what: 'report' }, async (desks) => {
    const day = date ?? isoDate(desks.of(symbol).nowMs() - DAY_MS)
    const report = reportNow(desks, symbol, day)
    if (html !== true) return report
    const pages = new ReportPages(desks, new Turns(), stopSignal(context.io))
    return { ...report, page: await pages.page(report.symbol, report.date) }
  })
}

async function weekly(context: Context, date: string | undefined): Promise<WeeklyReport> {
  const { dataDir, symbol } = context
  const answered = await roomAnswer<WeeklyReport>(dataDir, 'POST', '/report/weekly', { symbol, date })
  return answered ?? asWriter(context, { what: 'report' }, (desks) => weekNow(desks, symbol, date))
}
