import type { Command } from 'commander'
import { OperatorError } from '../engine/kernel/errors.ts'
import { weeklyText } from '../evidence/documents/weekly-document.ts'
import { ask } from './ask-room.ts'
import { contextOf, noSuchCommand, withCommon, type CommonOptions } from './context.ts'
import { reportText } from './document-texts.ts'
import type { Io } from './io.ts'

interface ReportOptions extends CommonOptions {
  readonly date?: string
  readonly html?: boolean
}

export function addReport(program: Command, io: Io): void {
  withCommon(program.command('report <daily|weekly>'))
    .description('report daily, or weekly: written now, for a day or a week that has ended; default the last one')
    .option('--date <date>', 'the UTC day, like 2025-05-25; of a week its Sunday')
    .option('--html', 'daily: also make the page with charts, and print its path')
    .action(async (period: string, options: ReportOptions) => {
      const context = contextOf(options, io)
      const { symbol } = context
      const { date, html } = options
      switch (period) {
        case 'daily': {
          const document = await ask(context, 'report daily', 'reportDay', { symbol, date, html })
          const { page } = document
          context.print(document, () => `${reportText(document)}${page === undefined ? '' : `\n  page: ${page}`}`)
          return
        }
        case 'weekly': {
          if (html === true)
            throw new OperatorError(
              'the weekly report has no page',
              'it is JSON and plain text',
              'leave --html out',
              'usage',
            )
          const document = await ask(context, 'report weekly', 'reportWeek', { symbol, date })
          context.print(document, () => weeklyText(document).trimEnd())
          return
        }
        default:
          throw noSuchCommand('report', period, 'daily and weekly', 'report daily')
      }
    })
}
