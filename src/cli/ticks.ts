import type { Command } from 'commander'
import type { ImportedTicks, TicksDocument } from '../control/tick-answers.ts'
import { grouped } from '../engine/kernel/figures.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { fileFingerprint } from '../feeds/bars-file.ts'
import { openTicks } from '../feeds/ticks-file.ts'
import { sampledTicks } from '../room/queries/tick-readings.ts'
import { knownTickFile, takeTicks } from '../room/trading/import-ticks.ts'
import { asWriter, stopped, stopSignal } from './as-writer.ts'
import {
  contextOf,
  openForReading,
  parseCount,
  parseSymbol,
  parseTime,
  withCommon,
  type CommonOptions,
} from './context.ts'
import type { Io } from './io.ts'
import { progressLine } from './progress.ts'

const MOST_SAMPLED = 10_000

interface TicksOptions extends CommonOptions {
  readonly from?: string
  readonly until?: string
  readonly sample: string
}

/** `onay ticks`: single trades of a market, one for each of so many slices of a span. */
export function addTicks(program: Command, io: Io): void {
  withCommon(program.command('ticks'))
    .description('single trades that were brought in: the first of each of so many equal slices of a span')
    .option('--from <time>', 'where the span begins; at the first that is stored unless named')
    .option('--until <time>', 'where it ends')
    .option('--sample <n>', 'how many slices', String(MOST_SAMPLED))
    .action(async (options: TicksOptions) => {
      const context = contextOf(options, io)
      const asked = {
        fromMs: options.from === undefined ? undefined : parseTime(options.from),
        untilMs: options.until === undefined ? undefined : parseTime(options.until),
        sample: parseCount(options.sample, '--sample', [1, MOST_SAMPLED]),
      }
      // A market may have ticks and no bars yet.
      const desks = openForReading(context, context.symbol === undefined ? [] : [context.symbol])
      try {
        const document = await sampledTicks(desks.of(context.symbol), asked)
        context.print(document, () => ticksText(document), 'ticks/1')
      } finally {
        desks.close()
      }
    })
}

function ticksText({ symbol, from, until, slices, items }: TicksDocument): string {
  if (from === null || until === null) return `${symbol}: no ticks there; bring them in with: onay import ticks FILE`
  return [
    `${symbol}  ${minuteText(from)} to ${minuteText(until)} UTC, ${slices} slices, ${items.length} with a tick`,
    ...items.map(
      ({ at, price, qty, buyer_maker: maker }) =>
        `${at.slice(0, 23).replace('T', ' ')}  ${String(price).padStart(12)}  ${String(qty).padStart(12)}  ${maker === null ? '-' : maker ? 'sell' : 'buy'}`,
    ),
  ].join('\n')
}

/** `onay import ticks FILE`. */
export async function importTicks(path: string, options: CommonOptions, io: Io): Promise<void> {
  const context = contextOf(options, io)
  const symbol = parseSymbol(options.symbol ?? '')
  const signal = stopSignal(io)
  const progress = progressLine(context)
  let rows = 0
  try {
    const { sha256 } = await fileFingerprint(path, signal)
    const document = await asWriter(context, { what: 'import ticks', symbols: [symbol] }, (desks) => {
      const desk = desks.of(symbol)
      const known = knownTickFile(desk, sha256)
      const from = known?.done === 1 ? Number.MAX_SAFE_INTEGER : (known?.line ?? 0)
      return takeTicks(desk, desks.evidence, {
        sha256,
        rows: openTicks(path, { skipLines: from, signal }),
        onRows: (read) => {
          rows = read
          progress.say(`${grouped(read)} ticks`)
        },
      })
    })
    progress.end()
    context.print(document, () => importText(document), 'import_ticks/1')
  } catch (error) {
    progress.end()
    if (signal.aborted) throw stopped('import', `${grouped(rows)} rows; what was stored stays`, 'it goes on from there')
    throw error
  }
}

function importText(document: ImportedTicks): string {
  const { symbol, rows, added, known, from, until, bad_rows: bad, dropped, differences } = document
  const { minutes, compared, without_bar: lacking, differing } = document
  return [
    from === null || until === null
      ? `${symbol}: nothing new in it`
      : `${symbol}: ${grouped(rows)} ticks, ${minuteText(from)} to ${minuteText(until)} UTC: ${grouped(added)} new, ${grouped(known)} known`,
    ...(bad === 0 ? [] : [`  ${bad} bad rows`, ...dropped.map(({ line, why }) => `    line ${line}: ${why}`)]),
    `  ${minutes} minutes; ${compared} compared with bars, ${differing} of them differ; ${lacking} have no bar`,
    ...differences.map(({ minute, fields }) => `    ${minuteText(minute)}: ${fields.join(', ')}`),
  ].join('\n')
}
