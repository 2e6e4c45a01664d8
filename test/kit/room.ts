import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { databasePath } from '../../src/db/store.ts'
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'
import { type Config, defaultConfig } from '../../src/room/config/config.ts'
import { judgingOf, timelineOf } from '../../src/room/timeline/assemble.ts'
import { Desks } from '../../src/room/desk/desks.ts'
import { NO_SCORING } from '../../src/room/timeline/scoring.ts'
import type { Timeline } from '../../src/room/timeline/timeline.ts'
import { runHistory } from '../../src/room/drivers/history-run.ts'
import { openRecording } from '../../src/room/drivers/recordings.ts'
import { bringDatabase } from './migrated.ts'
import { MINUTE, START } from './moments.ts'

export const SYMBOL = 'AAAUSDT'
const WALL_MS = Date.parse('2026-01-02T03:04:05Z')

/** A bar of a market that wanders; the same minute is the same bar in every recording. */
export function barLines(minutes: number, fromMs = START): string[] {
  const random = seededRandom(11)
  let close = 100
  return Array.from({ length: minutes }, (_, i) => {
    const open = close
    close = open * (1 + (random.next() - 0.5) / 500)
    const high = Math.max(open, close) * (1 + random.next() / 2_000)
    const low = Math.min(open, close) * (1 - random.next() / 2_000)
    const numbers = [open, high, low, close, 10 * random.next()].map((x) => x.toFixed(4))
    return [fromMs + i * MINUTE, ...numbers].join(',')
  })
}

export function writeRecording(dir: string, lines: readonly string[]): string {
  mkdirSync(dir, { recursive: true })
  const path = join(dir, 'bars.csv')
  writeFileSync(path, `ts_ms,open,high,low,close,volume\n${lines.join('\n')}\n`)
  return path
}

export function configWith(windowDays: number): Config {
  const config = defaultConfig()
  return { ...config, training: { ...config.training, window_days: windowDays } }
}

/** The desks of a directory; unless told otherwise of a replay, with the configuration as it is shipped. */
export function openDesks(dir: string, options: Partial<Desks['options']> = {}): Desks {
  const dataDir = join(dir, 'data')
  if ((options.mode ?? 'write') === 'write') bringDatabase(options.dataDir ?? dataDir)
  return new Desks({
    dataDir,
    evidenceDir: join(dir, 'evidence'),
    mode: 'write',
    config: defaultConfig(),
    clockKind: 'replay',
    // It stands still, so that a run and its repetition differ in nothing but what they did.
    wall: new ManualClock(WALL_MS),
    version: '0.0.0-test',
    symbols: [SYMBOL],
    ...options,
  })
}

/** A timeline of a room that serves nobody. */
export function timelineFor(desks: Desks, signal = new AbortController().signal): Timeline {
  return timelineOf(desks, judgingOf(desks), { scoring: NO_SCORING, meter: null, pages: null, signal })
}

export interface RunOptions {
  readonly untilMs?: number
  readonly fromMs?: number
  readonly config?: Config
  /** Stops between two blocks, as a process that is killed there does. */
  readonly blocks?: number
  readonly look?: (desks: Desks) => void
}

/** Runs a recording through as `onay replay` does, from where the directory stands. Returns the number of blocks. */
export async function run(dir: string, path: string, options: RunOptions = {}): Promise<number> {
  const {
    untilMs = Number.POSITIVE_INFINITY,
    fromMs = Number.NEGATIVE_INFINITY,
    config = defaultConfig(),
    blocks = Number.POSITIVE_INFINITY,
  } = options
  const stop = new AbortController()
  const desks = openDesks(dir, { config })
  let done = 0
  try {
    const { feed } = await openRecording(desks, SYMBOL, path, { fromMs, untilMs })
    const onProgress = (): void => {
      done++
      if (done >= blocks) stop.abort()
    }
    const timeline = timelineFor(desks, stop.signal)
    await runHistory({ timeline, desk: desks.of(SYMBOL), feed, untilMs, onProgress, signal: stop.signal })
    await feed.close()
    options.look?.(desks)
    return done
  } finally {
    desks.close()
  }
}

/** Every row of every table but those named, times of the machine left out. */
export function content(dir: string, except: readonly string[] = []): Record<string, unknown[]> {
  const raw = new Sqlite(databasePath(join(dir, 'data')), { readonly: true })
  try {
    const names = raw
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .pluck()
      .all()
    const tables = names.map(String).filter((name) => !except.includes(name))
    return Object.fromEntries(
      tables.map((name) => {
        const rows = raw.prepare(`SELECT * FROM ${name}`).all() as Record<string, unknown>[]
        return [name, rows.map(({ seconds, path, ...rest }) => rest)]
      }),
    )
  } finally {
    raw.close()
  }
}

/** The hash of every file under the evidence and the artifacts. */
export function files(dir: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const part of ['evidence', 'data/ml-artifacts']) {
    if (!existsSync(join(dir, part))) continue
    for (const entry of readdirSync(join(dir, part), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) found[path.slice(dir.length)] = sha256Hex(readFileSync(path, 'utf8'))
    }
  }
  return found
}
