import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { Metrics } from '../api/metrics.ts'
import { lockDirectory } from '../db/lock.ts'
import { databasePath } from '../db/store.ts'
import { monotonicMs, wallClock } from '../engine/kernel/clock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { roomSymbol } from '../feeds/exchange-plan.ts'
import { LiveRoom } from '../room/live-room.ts'
import { parseSpeed } from '../room/drivers/player.ts'
import { contextOf, withPlaces, type CommonOptions, type Context } from './context.ts'
import { openLog, type Log } from './log.ts'
import { notifierOf } from './notify.ts'
import { feedOf, type FeedOptions } from './room-feed.ts'
import { serveRoom } from './room-server.ts'
import type { Io } from './io.ts'

interface RoomCommandOptions extends Omit<CommonOptions, 'symbol'>, FeedOptions {
  readonly port: string
  readonly host: string
  readonly speed?: string
}

/** `onay start` and `onay serve`: the room, with its screen and without. */
export function addRoom(program: Command, io: Io): void {
  const command = (name: string, description: string): Command =>
    withPlaces(program.command(name))
      .description(description)
      .option('--symbol <symbol>', 'the market; with --feed exchange or push it may be repeated', gathered)
      .option('--port <port>', 'where it listens; 0 takes a free one', '4010')
      .option('--host <address>', 'on which address', '127.0.0.1')
      .option(
        '--feed <kind>',
        'exchange: live public market data; push: your own program posts bars; default: a recording',
      )
      .option('--exchange <name>', 'with --feed exchange: binance, kraken, ..., as ccxt calls it')
      .option('--recording <file...>', 'play a file, with --symbol; several as SYMBOL=FILE')
      .option('--features <file>', 'with a recording: values of your own columns, brought in before it is played')
      .option('--speed <speed>', '1, 60, 600 or max')
      .option('--from <time>', 'leave out the bars before')
      .option('--until <time>', 'stop here; with --speed max the room opens here and waits')
  command('start', 'open the control room (the default)').action((options: RoomCommandOptions) =>
    openRoom(options, io, true),
  )
  command('serve', 'the room without its screen').action((options: RoomCommandOptions) => openRoom(options, io, false))
}

async function openRoom(options: RoomCommandOptions, io: Io, wantsScreen: boolean): Promise<void> {
  const { symbol: symbols, ...rest } = options
  const context = contextOf(rest, io)
  const port = portOf(options.port)
  const speed = options.speed === undefined ? null : parseSpeed(options.speed)
  const feed = feedOf(options, context, speed === 'max')
  const screen = wantsScreen && io.isTerminal.out ? await import('./screen.ts') : null
  screen?.refuseUnfit()
  const lock = lockDirectory(context.dataDir, wantsScreen ? 'start' : 'serve')
  const stop = new AbortController()
  let onHangup = (): void => stop.abort()
  for (const name of ['SIGINT', 'SIGTERM'] as const) io.signals.on(name, () => stop.abort())
  io.signals.on('SIGHUP', () => onHangup())
  const earlier = !existsSync(databasePath(context.dataDir)) && existsSync(join(context.evidenceDir, 'ml'))
  io.livesLong()
  const log = await openLog(context.dataDir, screen === null && !context.json, io)
  if (earlier)
    log.info(
      `there is no database in ${context.dataDir}, and evidence of an earlier room in ${context.evidenceDir}: a new history begins, and its documents take the places of those of the same name; put the database back to go on, or name another --evidence-dir`,
    )
  const metrics = new Metrics()
  try {
    const room = new LiveRoom({
      dataDir: context.dataDir,
      evidenceDir: context.evidenceDir,
      config: context.config,
      version: context.version,
      feed,
      speed,
      wall: wallClock,
      stopwatch: monotonicMs,
      signal: stop.signal,
      meter: metrics,
      log,
      program: io.program,
      notify: notifierOf(context, log),
    })
    const detached = (url: string): void => {
      // Whoever closes the terminal now does not mean the room.
      onHangup = () => undefined
      io.out(`the room runs on at ${url}\nonay attach shows it again, Ctrl+C ends it\n`)
    }
    const shown = symbols?.[0] === undefined ? undefined : roomSymbol(symbols[0])
    await runRoom(room, { context, port, host: options.host, log, metrics, lock, stop, screen, shown, detached })
  } finally {
    metrics.close()
    lock.release()
    log.close()
    if (screen !== null) io.endHungUp()
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
  /** The symbol that the screen begins with. */
  readonly shown: string | undefined
  /** Called when the screen is gone and the room runs on. */
  readonly detached: (url: string) => void
}

async function runRoom(room: LiveRoom, running: Running): Promise<void> {
  const { context, log, metrics, stop, screen } = running
  let server: Awaited<ReturnType<typeof serveRoom>> | null = null
  let shown: Promise<void> = Promise.resolve()
  try {
    const onBug = (error: unknown): void => log.error(error)
    server = await serveRoom(room, context, { host: running.host, port: running.port, metrics, onBug })
    running.lock.announce(server.url)
    log.info(`onay ${context.version} listens on ${server.url}, data in ${context.dataDir}`)
    const { url } = server
    const detached = (): void => running.detached(url)
    shown = screen === null ? Promise.resolve() : screen.show(room, running.shown, stop, detached)
    const ran = room.run(() => log.info(`the room is open: ${room.desks.symbols.join(', ')}`))
    // The screen ends the room by the signal; a room that was left to run on ends as one without a screen does.
    await (screen === null ? ran : Promise.all([ran, shown]))
  } finally {
    stop.abort()
    await shown
    await server?.close()
    await room.close()
    log.info('the room is closed')
  }
}

function gathered(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new OperatorError(
      `"${text}" is not a valid port`,
      'a number from 0 to 65535 is needed',
      'choose one with --port',
      'port',
    )
  return port
}
