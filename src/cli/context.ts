import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { databasePath, openStore } from '../db/store.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { isDay } from '../feeds/written-time.ts'
import type { DocumentHeader } from '../evidence/documents/documents.ts'
import { type Config, defaultConfig } from '../room/config/config.ts'
import { loadConfig } from '../room/config/load-config.ts'
import { Desks } from '../room/desk/desks.ts'
import { COMMON } from './help.ts'
import type { Io } from './io.ts'
import { VERSION } from './version.ts'

export const DEFAULT_DATA_DIR = '.onay'

/** The options that every command has, as the command line gives them. */
export interface CommonOptions {
  readonly dataDir: string
  readonly evidenceDir?: string
  readonly symbol?: string
  readonly json?: boolean
  readonly config?: string
}

/** What a command works with: where things are, and how it prints. */
export interface Context {
  readonly dataDir: string
  readonly evidenceDir: string
  readonly symbol: string | undefined
  /** Read when it is first needed, where a command may do without. @throws OperatorError where it does not fit */
  readonly config: Config
  readonly json: boolean
  readonly version: string
  readonly io: Io
  /** Prints the document with --json, else the text. @param schema of a document that this process has made, with no header yet */
  print(document: object, text: () => string, schema?: string): void
}

/** The error about a word that a command does not know. @param has the words that it knows, and `run` with one of them */
export function noSuchCommand(command: string, word: string | undefined, has: string, run: string): OperatorError {
  return new OperatorError(`onay ${command} has no command ${word}`, `it has ${has}`, `run: onay ${run}`, 'usage')
}

export function withCommon(command: Command): Command {
  const symbol = common('--symbol <symbol>', 'the market; may be left out where there is only one')
  return withPlaces(command.addOption(symbol))
}

/** The common options without the symbol, for a command that takes several. */
export function withPlaces(command: Command): Command {
  return command
    .addOption(common('--json', 'print one JSON document and nothing else'))
    .addOption(common('--data-dir <directory>', 'where the room keeps its database').default(DEFAULT_DATA_DIR))
    .addOption(common('--evidence-dir <directory>', 'where evidence is written'))
    .addOption(common('--config <file>', 'configuration, default onay.config.json where it exists'))
}

function common(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup(COMMON)
}

export function contextOf(options: CommonOptions, io: Io): Context {
  return contextWith(loadConfig(options.config, io.cwd), options, io)
}

/** For what a running room is asked, which has a configuration of its own: one that does not fit here keeps nobody from stopping it. */
export function contextAsking(options: CommonOptions, io: Io): Context {
  const context = contextWith(defaultConfig(), options, io)
  return Object.defineProperty(context, 'config', { get: () => loadConfig(options.config, io.cwd) })
}

/** For a command that does not take the configuration as it stands in its file. */
export function contextWith(config: Config, options: CommonOptions, io: Io): Context {
  const { cwd } = io
  const dataDir = resolve(cwd, options.dataDir)
  const json = options.json === true
  return {
    dataDir,
    evidenceDir: evidenceDirOf(options, cwd, dataDir),
    symbol: options.symbol,
    config,
    json,
    version: VERSION,
    io,
    print: (document, text, schema) => {
      if (!json) return io.out(`${text()}\n`)
      io.out(`${JSON.stringify(schema === undefined ? document : { ...headerOf(schema), ...document })}\n`)
    },
  }
}

/** Of what a command makes by itself: it has the machine's clock alone. */
function headerOf(schema: string): DocumentHeader {
  return { schema, generated_at: isoTime(wallClock.now()), clock: 'real', onay_version: VERSION }
}

/** `evidence` in the working directory when the data directory is the default one, else inside the data directory. */
function evidenceDirOf(options: CommonOptions, cwd: string, dataDir: string): string {
  if (options.evidenceDir !== undefined)
    return isAbsolute(options.evidenceDir) ? options.evidenceDir : resolve(cwd, options.evidenceDir)
  return options.dataDir === DEFAULT_DATA_DIR ? join(cwd, 'evidence') : join(dataDir, 'evidence')
}

/** The room's memory, opened for reading only; it may be running meanwhile. @param symbols those that it need not have a feed of */
export function openForReading(context: Context, symbols: readonly string[] = []): Desks {
  return new Desks({
    dataDir: context.dataDir,
    evidenceDir: context.evidenceDir,
    mode: 'read',
    config: context.config,
    clockKind: 'replay',
    wall: wallClock,
    version: context.version,
    symbols,
  })
}

/** `2025-05-26`, `2025-05-26T00:00`, full ISO, or Unix ms; always UTC. @throws OperatorError when it is none of these */
export function parseTime(text: string): UnixMs {
  if (/^\d{11,}$/.test(text)) return Number(text)
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const local = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)
  const zoned = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
  const ms = date || zoned ? Date.parse(text) : local ? Date.parse(`${text}Z`) : Number.NaN
  if (Number.isNaN(ms) || !isDay(text.slice(0, 10))) {
    throw new OperatorError(
      `"${text}" is not a valid time`,
      'a date, an ISO time or Unix milliseconds is needed',
      'write it like 2025-05-26 or 2025-05-26T00:00',
      'time',
    )
  }
  return ms
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS }

/** `14d`, `30m`, `6h`. @throws OperatorError for anything else */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text)
  const unit = UNITS[match?.[2] ?? '']
  const length = Number(match?.[1])
  if (unit === undefined || !(length > 0))
    throw new OperatorError(
      `"${text}" is not a valid duration`,
      'a number followed by m, h, d or w is needed',
      'write it like 14d or 30m',
      'duration',
    )
  return length * unit
}

/** An option that counts something. @throws OperatorError for anything but a whole number in its range */
export function parseCount(text: string, option: string, [least, most]: readonly [number, number]): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= least && count <= most) return count
  throw new OperatorError(
    `"${text}" is not a valid ${option}`,
    `a whole number from ${least} to ${most} is needed`,
    `write it like ${option} ${least + 9}`,
    'usage',
  )
}

/** The symbol that was named, or the only one of the directory. @throws OperatorError where neither is */
export function symbolOf(context: Context): string {
  if (context.symbol !== undefined || !existsSync(databasePath(context.dataDir)))
    return parseSymbol(context.symbol ?? '')
  const store = openStore(context.dataDir, 'read')
  try {
    const [only = '', ...others] = new Set([...store.bars.symbols(), ...store.own.symbols()])
    if (others.length === 0) return parseSymbol(only)
    throw new OperatorError(
      'no symbol was given',
      `the room has ${[only, ...others].join(', ')}`,
      `name one: --symbol ${only}`,
      'symbol',
    )
  } finally {
    store.db.close()
  }
}

/** @throws OperatorError for anything but letters, digits, and the separators that exchanges use */
export function parseSymbol(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._:-]{0,29}$/.test(text)) return text
  throw new OperatorError(
    text === '' ? 'no symbol was given' : `"${text}" is not a valid symbol`,
    'letters, digits, dot, colon and dash only, at most 30',
    'write it like --symbol BTCUSDT',
    'symbol',
  )
}
