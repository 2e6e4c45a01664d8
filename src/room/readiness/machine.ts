/** What is to be known of a machine before a room is started on it. It is looked at, and nothing is changed. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import * as z from 'zod'
import { holderOf } from '../../db/lock.ts'
import { sqliteFault } from '../../db/native.ts'
import { ownTokenPath } from '../../db/own-token.ts'
import { databasePath, openStore } from '../../db/store.ts'
import type { MachineFacts } from '../../engine/approval/doctor.ts'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { isRecord, tryJson } from '../../engine/kernel/json.ts'
import { DAY_MS, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { type Config, defaultConfig } from '../config/config.ts'
import { CONFIG_FILE, loadConfig, shownConfig } from '../config/load-config.ts'

/** Versions of Node that onay is tested on, as in package.json. */
export const NODE_RANGE = { least: [20, 19], below: 27, text: '20.19 to 26' } as const
const ANSWER_MS = 2_000

interface MachinePlaces {
  readonly cwd: string
  readonly dataDir: string
  readonly evidenceDir: string
  /** The file that the command line names. */
  readonly config: string | undefined
  readonly host: string
  readonly port: number
  readonly nodeVersion: string
  readonly nowMs: UnixMs
}

export async function machineFacts(places: MachinePlaces): Promise<MachineFacts> {
  const { dataDir, evidenceDir, nodeVersion } = places
  const native = sqliteFault()
  const room = native === null ? roomOf(dataDir) : null
  const memory = native === null ? memoryOf(places) : { database: null, clock: null, perDay: null }
  return {
    node: { version: nodeVersion, range: NODE_RANGE.text, isWithin: isSupported(nodeVersion) },
    sqliteFault: native,
    config: configOf(places),
    data: placeOf(dataDir, ['onay.db', 'room.lock', 'token']),
    evidence: placeOf(evidenceDir, []),
    tokenMode: modeOf(ownTokenPath(dataDir)),
    database: memory.database,
    disk: { free: freeAt(dataDir), perDay: memory.perDay },
    port: { port: places.port, host: places.host, holder: await holderOfPort(places, room) },
    clock: memory.clock === null ? null : { ...memory.clock, fault: await clockTrouble(room) },
  }
}

export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const [leastMajor, leastMinor] = NODE_RANGE.least
  return (major > leastMajor || (major === leastMajor && minor >= leastMinor)) && major < NODE_RANGE.below
}

/** Fields that have no effect as long as another one has a value. */
const IDLE: readonly (readonly [field: string, while_: string, is: (config: Config) => boolean])[] = [
  ['kill.staleness_for_min', 'kill.staleness is off', ({ kill }) => kill.staleness === 'off'],
  ['paper.set_threshold', 'paper.sets is false', ({ paper }) => !paper.sets],
  ['training.threads', 'paper.sets is false', ({ paper }) => !paper.sets],
]

function configOf({ cwd, config, dataDir }: MachinePlaces): MachineFacts['config'] {
  const named = resolve(cwd, config ?? CONFIG_FILE)
  const file = config !== undefined || existsSync(named) ? named : null
  try {
    const loaded = loadConfig(config, cwd)
    const beside = join(dataDir, CONFIG_FILE)
    const stray = existsSync(beside) && beside !== named ? [`${beside} is not read: ${file ?? 'no file'} is`] : []
    return { file, fault: null, unread: [...stray, ...idleFields(loaded)] }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    return { file, fault: { why: `${error.what}: ${error.why}`, next: error.next }, unread: [] }
  }
}

/** Fields that differ from their default and have no effect, each with why. */
function idleFields(config: Config): readonly string[] {
  const [now, usual] = [shownConfig(config), shownConfig(defaultConfig())]
  const differs = (path: string): boolean => JSON.stringify(at(now, path)) !== JSON.stringify(at(usual, path))
  const off = Object.entries(config.alerts).flatMap(([rule, setting]) =>
    setting.off
      ? ['limit', 'for_min', 'clear_min'].map((name) => [`alerts.${rule}.${name}`, 'the rule is off'] as const)
      : [],
  )
  const idle = IDLE.flatMap(([field, why, is]) => (is(config) ? [[field, why] as const] : []))
  return [...idle, ...off].flatMap(([field, why]) => (differs(field) ? [`${field} has no effect: ${why}`] : []))
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((part, name) => (isRecord(part) ? part[name] : undefined), value)
}

/** @param files in it that a room writes to where they are there */
function placeOf(path: string, files: readonly string[]): MachineFacts['data'] {
  const isThere = existsSync(path)
  const place = isThere ? path : nearest(path)
  try {
    if (!statSync(place).isDirectory()) return { path, isThere, fault: `${place} is not a directory` }
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK)
    for (const file of files)
      if (isThere && existsSync(join(path, file))) accessSync(join(path, file), constants.R_OK | constants.W_OK)
    return { path, isThere, fault: null }
  } catch (error) {
    return { path, isThere, fault: messageOf(error) }
  }
}

/** The directory above that is there. */
function nearest(path: string): string {
  const above = dirname(path)
  return existsSync(above) || above === path ? above : nearest(above)
}

function modeOf(path: string): string | null {
  return existsSync(path) ? (statSync(path).mode & 0o777).toString(8).padStart(3, '0') : null
}

/** Bytes that this user may still write. */
function freeAt(path: string): number {
  const { bavail, bsize } = statfsSync(existsSync(path) ? path : nearest(path))
  return bavail * bsize
}

/** What the database says, read as any command reads it. */
function memoryOf({ dataDir, nowMs }: MachinePlaces): {
  readonly database: MachineFacts['database']
  readonly clock: MachineFacts['clock']
  readonly perDay: number | null
} {
  if (!existsSync(databasePath(dataDir))) return { database: null, clock: null, perDay: null }
  try {
    const store = openStore(dataDir, 'read')
    try {
      const feeds = store.feeds.all()
      const newest = feeds.filter(({ clockKind }) => clockKind === 'real').map(({ clockMs }) => clockMs)
      const bars = feeds.reduce((sum, feed) => sum + feed.bars, 0)
      const perBar = bars === 0 ? null : statSync(store.db.path).size / bars
      return {
        database: { fault: null },
        clock: newest.length === 0 ? null : { fault: null, aheadMs: Math.max(...newest) - nowMs },
        perDay: perBar === null ? null : perBar * (DAY_MS / MINUTE_MS) * feeds.length,
      }
    } finally {
      store.db.close()
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    const { code, what, why, next } = error
    return { database: { fault: { code, said: `${what}: ${why}`, next } }, clock: null, perDay: null }
  }
}

interface RunningRoom {
  readonly pid: number
  readonly url: string
}

/** The room that runs on the directory, where that can be told. */
function roomOf(dataDir: string): RunningRoom | null {
  try {
    const holder = holderOf(dataDir)
    return holder === null || holder.url === null ? null : { pid: holder.pid, url: holder.url }
  } catch (error) {
    // Whoever may not read the directory is told so by another check.
    if (error instanceof OperatorError) return null
    throw error
  }
}

/** How a room's troubles name those of the clock. */
const CLOCK_TROUBLE = 'clock: '
const Health = z.object({ troubles: z.array(z.string()) })

/** What a running room has found of the machine's clock, beside the exchange's. */
async function clockTrouble(room: RunningRoom | null): Promise<string | null> {
  const health = room === null ? undefined : Health.safeParse(await answerAt(`${room.url}/healthz`)).data
  const trouble = health?.troubles.find((line) => line.startsWith(CLOCK_TROUBLE))
  return trouble?.slice(CLOCK_TROUBLE.length) ?? null
}

type PortHolder = MachineFacts['port']['holder']

async function holderOfPort({ host, port }: MachinePlaces, room: RunningRoom | null): Promise<PortHolder> {
  const fault = await listenFault(host, port)
  if (fault === null) return { kind: 'nobody' }
  if (fault.code !== 'EADDRINUSE') return { kind: 'not allowed', why: messageOf(fault) }
  if (room !== null && new URL(room.url).port === String(port)) return { kind: 'this room', pid: room.pid }
  const answer = await answerAt(`http://${host.includes(':') ? `[${host}]` : host}:${port}/access`)
  return { kind: Access.safeParse(answer).success ? 'another room' : 'another program' }
}

/** Listens for an instant. @returns why that cannot be done; null where it can */
function listenFault(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', done)
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(null)))
  })
}

const Access = z.object({ service: z.literal('onay') })

/** The JSON that is answered there; undefined where none is, in time. */
async function answerAt(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
    return tryJson(await response.text())
  } catch {
    return undefined
  }
}
