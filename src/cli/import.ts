import { resolve } from 'node:path'
import type { Command } from 'commander'
import { OperatorError } from '../engine/kernel/errors.ts'
import { isoTime, MINUTE_MS, minuteText } from '../engine/kernel/units.ts'
import { RecordingFeed } from '../feeds/recording.ts'
import { refuseFuture, surveyLines, surveyOf, type Survey } from '../feeds/survey.ts'
import { fillGaps } from '../room/drivers/backfill.ts'
import { judgingOf, timelineOf } from '../room/timeline/assemble.ts'
import type { Desk } from '../room/desk/desk.ts'
import { NO_SCORING } from '../room/timeline/scoring.ts'
import type { Desks } from '../room/desk/desks.ts'
import { runHistory } from '../room/drivers/history-run.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { isRunning } from './ask-room.ts'
import { contextOf, noSuchCommand, parseSymbol, parseTime, withCommon, type Context } from './context.ts'
import { importIntoRoom, type ImportDocument } from './import-running.ts'
import { importFeatures, importOutcomes } from './own-features.ts'
import { importTrades, type TradesOptions } from './import-trades.ts'
import { progressLine } from './progress.ts'
import { recordingDocument } from './recording-document.ts'
import { asWriter, stopSignal, stopped } from './as-writer.ts'
import type { Io } from './io.ts'

const FAULTS_SHOWN = 10

interface ImportOptions extends TradesOptions {
  readonly from?: string
  readonly until?: string
}

/** `onay import bars FILE`: history, for a room that is fed in real time; `onay import trades FILE`: a bot's closed trades. */
export function addImport(program: Command, io: Io): void {
  withCommon(program.command('import <what> <file>'))
    .description(
      'bars: history from CSV, gzip or Parquet; features: values of your own columns; outcomes: what came of minutes; trades: closed trades of your own bot; ticks: single trades of the market; bad rows are named',
    )
    .option('--from <time>', 'leave out the bars before')
    .option('--until <time>', 'leave out the bars from here on')
    .option('--arm <label>', 'of trades: the arm that they are counted under; else the strategy that the file names')
    .option('--arm-by <column>', 'of trades: the column that has the arm')
    .option('--columns <pairs>', 'of trades: columns that have other names, as opened=entry_time,closed=exit_time')
    .option('--all-markets', 'of trades: those of other markets too')
    .action(async (what: string, file: string, options: ImportOptions) => {
      if (what === 'trades') return importTrades(resolve(io.cwd, file), options, io)
      if (what === 'ticks') return (await import('./ticks.ts')).importTicks(resolve(io.cwd, file), options, io)
      if (what === 'outcomes' || what === 'features') refuseSpan(options, what)
      if (what === 'outcomes') return importOutcomes(contextOf(options, io), resolve(io.cwd, file))
      if (what === 'features') return importFeatures(contextOf(options, io), resolve(io.cwd, file))
      if (what !== 'bars')
        throw noSuchCommand('import', what, 'bars, features, outcomes, trades and ticks', 'import bars FILE --symbol S')
      await importBars(resolve(io.cwd, file), options, io)
    })
}

/** What is stored of them stays as it is: a span that is not looked at must not seem to be. */
function refuseSpan({ from, until }: ImportOptions, what: string): void {
  if (from === undefined && until === undefined) return
  throw new OperatorError(
    `--from and --until do not work with ${what}`,
    'the whole file is imported',
    'leave them out, or cut the file',
    'usage',
  )
}

async function importBars(path: string, options: ImportOptions, io: Io): Promise<void> {
  const context = contextOf(options, io)
  const symbol = parseSymbol(options.symbol ?? '')
  const span = {
    fromMs: options.from === undefined ? Number.NEGATIVE_INFINITY : parseTime(options.from),
    untilMs: options.until === undefined ? Number.POSITIVE_INFINITY : parseTime(options.until),
  }
  const signal = stopSignal(context.io)
  const progress = progressLine(context)
  const work = async () => {
    const survey = await surveyOf(path, signal)
    refuseFuture(survey, wallClock.now(), span.untilMs)
    const run = { survey, span, signal, say: (text: string) => progress.say(text) }
    const document = isRunning(context.dataDir)
      ? await importIntoRoom(context, symbol, run)
      : await importHere(context, symbol, run)
    return { document, said: surveyLines(survey) }
  }
  const { document, said } = await work().catch((error: unknown) => {
    throw signal.aborted
      ? stopped('import', 'the rows stored so far', 'bars already stored count as duplicates')
      : error
  })
  progress.end()
  context.print(
    document,
    () =>
      [
        `${symbol}: ${document.bars} bars imported, ${document.backfilled} filled gaps; ${document.model ?? 'no model yet'}${document.model === null ? '' : ' is in charge'}`,
        `  dropped: ${document.bad_rows} bad, ${document.duplicates} duplicates, ${document.late} late, ${document.future} from the future`,
        ...said.map((line) => `  ${line}`),
        ...document.dropped
          .slice(0, FAULTS_SHOWN)
          .map((drop) => `  line ${drop.line ?? '?'}: ${drop.fault}: ${drop.text}`),
        ...(document.dropped.length > FAULTS_SHOWN
          ? [`  and ${document.dropped.length - FAULTS_SHOWN} more, see --json`]
          : []),
        ...(document.note === null ? [] : [`  ${document.note}`]),
      ].join('\n'),
    'import/1',
  )
  if (signal.aborted)
    throw stopped('import', document.until ?? 'its beginning', 'bars already stored count as duplicates')
}

interface Importing {
  readonly survey: Survey
  readonly span: { readonly fromMs: number; readonly untilMs: number }
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

/** As the one writer of a directory that no room runs on. */
function importHere(
  context: Context,
  symbol: string,
  { survey, span, signal, say }: Importing,
): Promise<ImportDocument> {
  return asWriter(context, { what: 'import', symbols: [symbol], clockKind: 'real' }, async (desks) => {
    const desk = desks.of(symbol)
    const before = { ...desk.tape.feed, drops: desks.store.feeds.dropped(symbol).length }
    const { filled, known } = await fillGaps(desk, desks.evidence, survey, span, signal)
    const played = desk.tape.feed.clockKind === 'replay'
    if (!played) await bringIn(desks, desk, survey, span, { signal, say })
    const { feed } = desk.tape
    const dropped = desks.store.feeds
      .dropped(symbol)
      .slice(before.drops)
      .map((drop) => ({ line: drop.line, fault: drop.fault, text: drop.text }))
    return {
      symbol,
      bars: feed.bars - before.bars,
      backfilled: filled,
      duplicates: known + feed.duplicates - before.duplicates,
      late: feed.late - before.late,
      bad_rows: feed.badRows - before.badRows,
      future: feed.future - before.future,
      dropped,
      file: recordingDocument(survey),
      until: feed.clockMs === 0 ? null : isoTime(feed.clockMs),
      model: desks.of(symbol).lineUp.inCharge?.version ?? null,
      note: played ? 'this directory plays a recording: only its gaps were filled' : null,
    }
  })
}

/** Bars newer than the newest, through the same timeline as everything else. */
async function bringIn(
  desks: Desks,
  desk: Desk,
  survey: Survey,
  span: { readonly fromMs: number; readonly untilMs: number },
  run: { readonly signal: AbortSignal; readonly say: (text: string) => void },
): Promise<void> {
  const newestMs = desk.tape.newestBar?.tsMs ?? Number.NEGATIVE_INFINITY
  const { signal } = run
  const after = {
    fromMs: Math.max(span.fromMs, newestMs + MINUTE_MS),
    untilMs: Math.min(span.untilMs, desks.options.wall.now()),
  }
  const feed = new RecordingFeed(survey, 0, after, null, signal)
  const timeline = timelineOf(desks, judgingOf(desks), { scoring: NO_SCORING, meter: null, pages: null, signal })
  try {
    await runHistory({
      timeline,
      desk,
      feed,
      untilMs: Number.POSITIVE_INFINITY,
      signal,
      onProgress: (atMs) => run.say(`${desk.symbol} ${minuteText(atMs)} UTC`),
    })
  } finally {
    await feed.close()
  }
}
