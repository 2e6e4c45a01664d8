import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { Metrics } from '../api/metrics.ts'
import { lockDirectory } from '../db/lock.ts'
import { monotonicMs, wallClock } from '../engine/kernel/clock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { LiveRoom } from '../room/live-room.ts'
import { parseSpeed } from '../room/player.ts'
import type { FeedChoice, RecordingChoice } from '../room/room-feeds.ts'
import { contextOf, parseSymbol, parseTime, withCommon, type CommonOptions, type Context } from './context.ts'
import { openLog, type Log } from './log.ts'
import { notificationDesk } from './notify.ts'
import { rememberedFeeds } from './remembered.ts'
import { serveRoom } from './room-server.ts'

const SAMPLE = 'samples/btcusdt_1m.csv.gz'
const SAMPLE_SYMBOL = 'BTCUSDT'
const DEFAULT_SPEED = '60'

interface RoomCommandOptions extends CommonOptions {
  readonly port: string
  readonly host: string
  readonly feed?: string
  readonly recording?: readonly string[]
  readonly speed?: string
  readonly from?: string
  readonly until?: string
}

/** `onay start` and `onay serve`: the room, with its screen and without. */
export function addRoom(program: Command): void {
  const command = (name: string, description: string, isDefault: boolean): Command =>
    withCommon(program.command(name, { isDefault }))
      .description(description)
      .option('--port <port>', 'where it listens; 0 takes a free one', '4010')
      .option('--host <address>', 'on which address', '127.0.0.1')
      .option('--feed <kind>', 'push: your own program posts bars; default: play a recording')
      .option('--recording <file...>', 'play a file, with --symbol; several as SYMBOL=FILE')
      .option('--speed <speed>', '1, 60, 600 or max')
      .option('--from <time>', 'leave out the bars before')
      .option('--until <time>', 'stop here; with --speed max the room opens here and waits')
  command('start', 'open the control room (the default)', true).action((options: RoomCommandOptions) =>
    openRoom(options, true),
  )
  command('serve', 'the room without its screen', false).action((options: RoomCommandOptions) =>
    openRoom(options, false),
  )
}

async function openRoom(options: RoomCommandOptions, wantsScreen: boolean): Promise<void> {
  const context = contextOf(options)
  const port = portOf(options.port)
  const speed = parseSpeed(options.speed ?? DEFAULT_SPEED)
  const screen = wantsScreen && process.stdout.isTTY ? await import('./screen.ts') : null
  screen?.refuseUnfit()
  const lock = lockDirectory(context.dataDir, wantsScreen ? 'start' : 'serve')
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort())
  const log = openLog(context.dataDir, screen === null && !context.json)
  const metrics = new Metrics()
  try {
    const room = new LiveRoom({
      dataDir: context.dataDir,
      evidenceDir: context.evidenceDir,
      config: context.config,
      version: context.version,
      feed: feedOf(options, context, speed === 'max'),
      speed,
      wall: wallClock,
      stopwatch: monotonicMs,
      signal: stop.signal,
      meter: metrics,
      notify: notificationDesk(context, (line) => log.info(line)),
    })
    await runRoom(room, { context, port, host: options.host, log, metrics, lock, stop, screen })
  } finally {
    metrics.close()
    lock.release()
    log.close()
  }
}

interface Running {
  readonly context: Context
  readonly port: number
  readonly host: string
  readonly log: Log
  readonly metrics: Metrics
  readonly lock: ReturnType<typeof lockDirectory>
  readonly stop: AbortController
  readonly screen: typeof import('./screen.ts') | null
}

async function runRoom(room: LiveRoom, running: Running): Promise<void> {
  const { context, log, metrics, stop, screen } = running
  let server: Awaited<ReturnType<typeof serveRoom>> | null = null
  let shown: Promise<void> = Promise.resolve()
  try {
    const { smokes } = room
    const onBug = (error: unknown): void => log.error(error)
    server = await serveRoom(room, context, { host: running.host, port: running.port, metrics, smokes, onBug })
    running.lock.announce(server.url)
    log.info(`onay ${context.version} listens on ${server.url}, data in ${context.dataDir}`)
    shown = screen === null ? Promise.resolve() : screen.show(room, context.symbol, stop)
    const ran = room.run(() => log.info(`the room is open: ${room.core.symbols.join(', ')}`))
    await (screen === null ? ran : Promise.race([ran, shown]))
    stop.abort()
    await ran
  } finally {
    stop.abort()
    await shown
    await server?.close()
    await room.close()
    log.info('the room is closed')
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new OperatorError(`${text} is no port`, 'a number from 0 to 65535 is needed', 'name one with --port', 'port')
  return port
}

function feedOf(options: RoomCommandOptions, context: Context, atFullSpeed: boolean): FeedChoice {
  const untilMs = options.until === undefined ? Number.POSITIVE_INFINITY : parseTime(options.until)
  if (options.feed === 'push') {
    if (options.recording !== undefined)
      throw new OperatorError(
        '--feed push and --recording exclude each other',
        'bars come from one place',
        'leave one out',
        'usage',
      )
    return { kind: 'push', symbols: options.symbol === undefined ? [] : [parseSymbol(options.symbol)] }
  }
  if (options.feed !== undefined) {
    throw new OperatorError(
      `there is no feed ${options.feed}`,
      'this version has push, and recordings',
      'leave --feed out, or write --feed push',
      'feed',
    )
  }
  const recordings = recordingsOf(options, context)
  return {
    kind: 'recording',
    recordings,
    fromMs: options.from === undefined ? Number.NEGATIVE_INFINITY : parseTime(options.from),
    // At full speed it is only the first stop: the recording goes on from there when it is told to.
    untilMs: atFullSpeed ? Number.POSITIVE_INFINITY : untilMs,
    firstStopMs: atFullSpeed && Number.isFinite(untilMs) ? untilMs : null,
  }
}

function recordingsOf(options: RoomCommandOptions, context: Context): RecordingChoice[] {
  const named = (options.recording ?? []).map((text) => {
    const split = text.indexOf('=')
    const inFront = split > 0 && !existsSync(text)
    const symbol = inFront ? text.slice(0, split) : options.symbol
    if (symbol === undefined)
      throw new OperatorError(
        `${text} has no symbol`,
        'a recording belongs to a market',
        'name it with --symbol, or write --recording SYMBOL=FILE',
        'symbol',
      )
    return { symbol: parseSymbol(symbol), path: resolve(process.cwd(), inFront ? text.slice(split + 1) : text) }
  })
  if (named.length > 0) return named
  const remembered = rememberedFeeds(context.dataDir)
  if (remembered.length > 0) return remembered
  if (options.symbol !== undefined && options.symbol !== SAMPLE_SYMBOL) {
    throw new OperatorError(
      `${options.symbol} has no recording`,
      `the shipped sample is ${SAMPLE_SYMBOL}`,
      'name one with --recording FILE',
      'recording',
    )
  }
  return [{ symbol: SAMPLE_SYMBOL, path: samplePath() }]
}

/** The samples stand beside the program. */
function samplePath(): string {
  const candidates = ['../', '../../'].map((up) => fileURLToPath(new URL(`${up}${SAMPLE}`, import.meta.url)))
  const found = candidates.find((path) => existsSync(path))
  if (found === undefined)
    throw new OperatorError(
      'the sample recording is missing',
      `it is not at ${candidates[0] ?? SAMPLE}`,
      'name a recording with --recording FILE --symbol S',
      'no_sample',
    )
  return found
}
