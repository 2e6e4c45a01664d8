import type { Command } from 'commander'
import type { FeaturesDocument, GatesDocument, PsiDocument } from '../evidence/documents.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { roomAnswer } from '../api/client.ts'
import type { Desks } from '../room/desk/desks.ts'
import { featuresDocument, psiNow, psiTrend, gatesNow } from '../room/queries/readings.ts'
import { analyseNow } from '../room/queries/feature-analysis.ts'
import { analysisText } from './analyse.ts'
import { judgingOf } from '../room/assemble.ts'
import { contextOf, readHere, parseDuration, withCommon, type CommonOptions, type Context } from './context.ts'
import { gatesText, featuresText, psiText, trendText } from './texts.ts'
import type { Io } from './io.ts'

/** Commands that read and write nothing; the gates of a running room are asked of it, for it knows the last minute. */
export function addReading(program: Command, io: Io): void {
  addGates(program, io)
  addPsi(program, io)
  addFeatures(program, io)
}

function addGates(program: Command, io: Io): void {
  withCommon(program.command('gates'))
    .description('the six promote gates, each with value, threshold and why; exit 1 while any is not PASS')
    .option('--save <label>', 'keep the record as evidence gates_<label>.json')
    .action(async (options: CommonOptions & { save?: string }) => {
      const context = contextOf(options, io)
      const document = await askOrRead<GatesDocument>(
        context,
        gatesPath(context, options.save),
        options.save === undefined ? 'GET' : 'POST',
        (desks) => gatesNow(desks, judgingOf(desks).judge, context.symbol, options.save ?? 'now'),
      )
      context.print(document, () => gatesText(document))
      io.exit(document.verdict === 'ELIGIBLE' ? 0 : 1)
    })
}

function gatesPath(context: Context, save: string | undefined): string {
  const query = context.symbol === undefined ? '' : `?symbol=${encodeURIComponent(context.symbol)}`
  return save === undefined ? `/gates${query}` : `/gates/${encodeURIComponent(save)}${query}`
}

function addPsi(program: Command, io: Io): void {
  withCommon(program.command('psi'))
    .description('PSI now, from the rows; exit 1 while it is not within the limits')
    .option('--model <version>', 'another model than the one that gate 1 judges')
    .option('--quick', 'the last hourly snapshot instead of counting the rows again')
    .option('--trend <duration>', 'the hourly course, for instance 7d')
    .action(async (options: CommonOptions & { model?: string; quick?: boolean; trend?: string }) => {
      const context = contextOf(options, io)
      if (options.trend !== undefined) {
        const span = parseDuration(options.trend)
        const trend = readHere(context, (desks) => psiTrend(desks, context.symbol, options.model, span))
        context.print(trend, () => trendText(trend))
        return
      }
      const document = readHere<PsiDocument>(context, (desks) =>
        psiNow(desks, context.symbol, options.model, options.quick === true),
      )
      context.print(document, () => psiText(document))
      io.exit(document.slo_check.pass ? 0 : 1)
    })
}

function addFeatures(program: Command, io: Io): void {
  withCommon(program.command('features [what]'))
    .description('status: rows, completeness, gaps, missing values; analyse: which features will drift')
    .option('--window <duration>', 'how far analyse looks back', '14d')
    .action(async (what: string | undefined, options: CommonOptions & { window: string }) => {
      const context = contextOf(options, io)
      switch (what) {
        case undefined:
        case 'status': {
          const document = readHere<FeaturesDocument>(context, (desks) => featuresDocument(desks, context.symbol))
          context.print(document, () => featuresText(document))
          return
        }
        case 'analyse': {
          const span = parseDuration(options.window)
          const document = readHere(context, (desks) => analyseNow(desks, context.symbol, span))
          context.print(document, () => analysisText(document))
          return
        }
        default:
          throw new OperatorError(
            `features ${what} is not there`,
            'it is status or analyse',
            'ask: onay features',
            'usage',
          )
      }
    })
}

async function askOrRead<T>(
  context: Context,
  path: string,
  method: 'GET' | 'POST',
  reading: (desks: Desks) => T,
): Promise<T> {
  const answer = await roomAnswer<T>(context.dataDir, method, path)
  if (answer !== null) return answer
  if (method === 'POST') {
    throw new OperatorError(
      'no room runs on this data directory',
      'a record is kept by the room',
      'start it with: onay start, or leave --save out',
      'no_room',
    )
  }
  return readHere(context, reading)
}
