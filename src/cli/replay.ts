import { resolve } from 'node:path'
import type { Command } from 'commander'
import { monotonicMs } from '../engine/kernel/clock.ts'
import { isoTime, minuteText, DAY_MS } from '../engine/kernel/units.ts'
import { judgingOf, timelineOf } from '../room/timeline/assemble.ts'
import { gapsOf } from '../room/queries/readings.ts'
import { NO_SCORING } from '../room/timeline/scoring.ts'
import type { Desks } from '../room/desk/desks.ts'
import { runHistory } from '../room/drivers/history-run.ts'
import { openRecording } from '../room/drivers/recordings.ts'
import { contextOf, parseDuration, parseSymbol, parseTime, withCommon, type CommonOptions } from './context.ts'
import { surveyLines, type Survey } from '../feeds/survey.ts'
import { progressLine } from './progress.ts'
import { recordingDocument } from './recording-document.ts'
import { asWriter, stopSignal, stopped } from './as-writer.ts'
import type { Io } from './io.ts'

interface ReplayOptions extends CommonOptions {
  readonly from?: string
  readonly until?: string
  readonly bootstrap?: string
}

/** `onay replay FILE`: a recording through the whole room at full speed, without screen and server. */
export function addReplay(program: Command, io: Io): void {
  withCommon(program.command('replay <file>'))
    .description('run a recording of bars through the whole room at full speed, then end')
    .option('--from <time>', 'leave out the bars before')
    .option('--until <time>', 'stop here; run again to continue from there')
    .option('--bootstrap <duration>', 'bars that the first model is trained on, default 14d')
    .action(async (file: string, options: ReplayOptions) => {
      await replay(file, options, io)
    })
}

async function replay(file: string, options: ReplayOptions, io: Io): Promise<void> {
  const context = contextOf(options, io)
  const symbol = parseSymbol(options.symbol ?? '')
  const began = monotonicMs()
  const fromMs = options.from === undefined ? Number.NEGATIVE_INFINITY : parseTime(options.from)
  const untilMs = options.until === undefined ? Number.POSITIVE_INFINITY : parseTime(options.until)
  const days =
    options.bootstrap === undefined ? context.config.training.window_days : parseDuration(options.bootstrap) / DAY_MS
  const config = { ...context.config, training: { ...context.config.training, window_days: days } }
  const path = resolve(io.cwd, file)
  const signal = stopSignal(context.io)
  const progress = progressLine(context)
  const onTraining = (_: string, share: number, step: string): void =>
    progress.say(`training: ${step}, ${Math.round(share * 100)} %`)
  let said: readonly string[] = []
  const document = await asWriter(context, { what: 'replay', symbols: [symbol], config }, async (desks) => {
    const before = countsOf(desks, symbol)
    const { feed, survey } = await openRecording(desks, symbol, path, { fromMs, untilMs }, { signal })
    said = surveyLines(survey)
    const timeline = timelineOf(desks, judgingOf(desks), {
      scoring: NO_SCORING,
      meter: null,
      pages: null,
      signal,
      onProgress: onTraining,
    })
    const onProgress = (atMs: number): void => progress.say(`${symbol} ${minuteText(atMs)} UTC`)
    try {
      await runHistory({ timeline, desk: desks.of(symbol), feed, untilMs, signal, onProgress })
    } finally {
      progress.end()
      await feed.close()
    }
    return summary(desks, symbol, { before, survey, seconds: (monotonicMs() - began) / 1_000 })
  }).catch((error: unknown) => {
    throw signal.aborted ? stopped('replay', 'the rows stored so far', 'it continues from there') : error
  })
  context.print(
    document,
    () =>
      [
        `${symbol}: ${document.bars} bars to ${document.until ?? 'no bar'} in ${document.seconds.toFixed(1)} s, ${Math.round(document.bars_per_sec)} bars/s`,
        `  dropped: ${document.bad_rows} bad, ${document.duplicates} duplicates, ${document.late} late, ${document.future} from the future; ${document.gaps} gaps`,
        ...said.map((line) => `  ${line}`),
        ...(document.no_model === null ? [] : [`  no model: ${document.no_model}`]),
        `  ${document.predictions} predictions, ${document.comparisons} comparisons, ${document.psi_snapshots} PSI snapshots, ${document.reports} daily reports`,
      ].join('\n'),
    'replay/1',
  )
  if (signal.aborted) throw stopped('replay', document.until ?? 'no bar', 'it continues from there')
}

type Counts = ReturnType<typeof countsOf>

/** What this run took in: counts of rows that it added, whatever was there before. */
function summary(
  desks: Desks,
  symbol: string,
  run: { readonly before: Counts; readonly survey: Survey; readonly seconds: number },
) {
  const { before, survey, seconds } = run
  const after = countsOf(desks, symbol)
  const { clockMs } = desks.of(symbol).tape.feed
  const { firstMs } = desks.store.bars.span(symbol)
  return {
    symbol,
    bars: after.bars - before.bars,
    bad_rows: after.badRows - before.badRows,
    duplicates: after.duplicates - before.duplicates,
    late: after.late - before.late,
    future: after.future - before.future,
    gaps: gapsOf(desks.of(symbol)).length,
    predictions: after.predictions - before.predictions,
    comparisons: after.comparisons - before.comparisons,
    psi_snapshots: after.snapshots - before.snapshots,
    reports: after.reports - before.reports,
    model: desks.of(symbol).lineUp.inCharge?.version ?? null,
    no_model: noModel(desks, symbol),
    from: firstMs === null ? null : isoTime(firstMs),
    until: clockMs === 0 ? null : isoTime(clockMs),
    seconds,
    bars_per_sec: (after.bars - before.bars) / seconds,
    file: recordingDocument(survey),
  }
}

/** Why there is no model after all these bars; null where there is one. */
function noModel(desks: Desks, symbol: string): string | null {
  if (desks.of(symbol).lineUp.inCharge !== null) return null
  const { firstMs, lastMs } = desks.store.bars.span(symbol)
  const days = firstMs === null || lastMs === null ? 0 : (lastMs - firstMs) / DAY_MS
  const needed = desks.options.config.training.window_days
  return days < needed
    ? `the first is trained on ${Number(needed.toFixed(2))} days of bars before a UTC midnight, and there are ${days.toFixed(1)}; --bootstrap 6h tries fewer`
    : 'none could be trained: onay events says why'
}

function countsOf(desks: Desks, symbol: string) {
  const { store } = desks
  const desk = desks.of(symbol)
  return {
    ...desk.tape.feed,
    ...store.predictions.counts(symbol),
    snapshots: store.drift.countSnapshots(symbol),
    reports: store.reports.countDailies(symbol),
  }
}
