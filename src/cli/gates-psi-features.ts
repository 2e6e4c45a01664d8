import type { Command } from 'commander'
import { analyseNow } from '../room/queries/feature-analysis.ts'
import { analysisText } from './analyse.ts'
import { addColumns } from './own-features.ts'
import { askRunning, read, readHere } from './ask-room.ts'
import { contextOf, noSuchCommand, openForReading, parseDuration, withCommon, type CommonOptions } from './context.ts'
import { gatesText, featuresText, psiText, trendText } from './document-texts.ts'
import type { Io } from './io.ts'

/** Commands that read and write nothing; the gates are read of a room that runs, for it knows the last minute. */
export function addReading(program: Command, io: Io): void {
  for (const add of [addGates, addPsi, addFeatures]) add(program, io)
}

function addGates(program: Command, io: Io): void {
  withCommon(program.command('gates'))
    .description('the six promote gates, each with value, threshold and why; exit 1 while any is not PASS')
    .option('--save <label>', 'keep the record as evidence gates_<label>.json')
    .action(async (options: CommonOptions & { save?: string }) => {
      const context = contextOf(options, io)
      const { symbol } = context
      const { save: label } = options
      const document =
        label === undefined
          ? await read(context, 'gates', { symbol })
          : await askRunning(context, 'a running room keeps the record', 'saveGates', { symbol, label })
      context.print(document, () => gatesText(document))
      io.exit(document.verdict === 'ELIGIBLE' ? 0 : 1)
    })
}

function addPsi(program: Command, io: Io): void {
  withCommon(program.command('psi'))
    .description('PSI now, from the rows; exit 1 while it is not within the limits')
    .option('--model <version>', 'another model than the one that gate 1 judges')
    .option('--quick', 'the last hourly snapshot instead of counting the rows again')
    .option('--trend <duration>', 'the hourly course over a span, for instance 7d')
    .action(async (options: CommonOptions & { model?: string; quick?: boolean; trend?: string }) => {
      const context = contextOf(options, io)
      const { symbol } = context
      const { model } = options
      if (options.trend !== undefined) {
        const spanMs = parseDuration(options.trend)
        const trend = await readHere(context, 'psiTrend', { symbol, model, spanMs })
        context.print(trend, () => trendText(trend))
        return
      }
      const document = await readHere(context, 'psi', { symbol, model, quick: options.quick })
      context.print(document, () => psiText(document))
      io.exit(document.slo_check.pass ? 0 : 1)
    })
}

function addFeatures(program: Command, io: Io): void {
  withCommon(program.command('features [what] [file]'))
    .description(
      'status: rows, completeness, gaps, missing values, your own columns; analyse: which features will drift; add FILE: declare columns of your own',
    )
    .option('--window <duration>', 'how far analyse looks back', '14d')
    .action(async (what: string | undefined, file: string | undefined, options: CommonOptions & { window: string }) => {
      const context = contextOf(options, io)
      switch (what) {
        case undefined:
        case 'status': {
          const document = await readHere(context, 'features', { symbol: context.symbol })
          context.print(document, () => featuresText(document))
          return
        }
        case 'add': {
          await addColumns(context, file)
          return
        }
        case 'analyse': {
          const span = parseDuration(options.window)
          const desks = openForReading(context)
          try {
            const document = analyseNow(desks, context.symbol, span)
            context.print(document, () => analysisText(document))
          } finally {
            desks.close()
          }
          return
        }
        default:
          throw noSuchCommand('features', what, 'status, analyse and add', 'features')
      }
    })
}
