import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { randomInt, seededRandom } from '../../../src/engine/kernel/random.ts'
import { DAY_MS, MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import {
  databaseIn,
  damageOf,
  fileDigests,
  firstDifference,
  reading,
  tables,
  WALL_COLUMNS,
} from '../../kit/contents.ts'
import { stage, type Running } from '../../kit/program.ts'
import { BTC } from '../../kit/samples.ts'
import { chanceOf, done, times } from '../../kit/torture.ts'
import { until } from '../../kit/until.ts'

/** Each day before has been reported, and the log of the first one removed. */
const UNTIL = '2025-05-07T02:00'
const FIRST_BAR_MS = Date.parse('2025-05-04T15:33:00Z')
const TRAINING_MS = Date.parse('2025-05-06T00:00:00Z')
const END_MS = Date.parse(`${UNTIL}:00Z`)
const KILLS = times(1, 80)
const ROOM_KILLS = times(1, 30)

const shell = stage()
const HISTORY = ['--symbol', 'BTCUSDT', '--until', UNTIL]
/** A first model after one day: the days from a Sunday on then have every kind of job, and are killed in as well as three weeks. */
let config: readonly string[] = []
let undisturbed = ''

const replay = (dataDir: string): string[] => ['replay', BTC, ...HISTORY, '--data-dir', dataDir, ...config]

beforeAll(async () => {
  config = shell.configured({ training: { window_days: 1 }, retention: { raw_days: 2 } })
  undisturbed = shell.fresh()
  await shell.json(replay(undisturbed))
})

/** Where the market clock of a directory stands; 0 while there is nothing to read. */
function clockOf(dataDir: string): number {
  if (!existsSync(databaseIn(dataDir))) return 0
  try {
    return reading(dataDir, (db) => Number(db.prepare('SELECT max(clock_ms) FROM feeds').pluck().get() ?? 0))
  } catch {
    // The tables are not there yet.
    return 0
  }
}

/** Kills the run as soon as its clock is at the moment; true when it was still running. */
async function killAt(run: Running, dataDir: string, momentMs: number): Promise<boolean> {
  await until(`the clock at ${momentMs}`, () => !run.alive || clockOf(dataDir) >= momentMs)
  const killed = (await run.kill()).signal === 'SIGKILL'
  if (killed) done('kills')
  return killed
}

/** Whole minutes in their order. */
function momentsBetween(fromMs: number, untilMs: number, count: number, seed: number): number[] {
  const random = seededRandom(seed)
  const minutes = (untilMs - fromMs) / MINUTE_MS
  return Array.from({ length: count }, () => fromMs + randomInt(random, minutes) * MINUTE_MS).sort((a, b) => a - b)
}

function expectSameContent(dataDir: string, without: readonly string[]): void {
  const wanted = tables(undisturbed)
  const seen = tables(dataDir)
  for (const name of without) {
    delete wanted[name]
    delete seen[name]
  }
  const different = Object.keys(wanted).filter((name) => wanted[name]?.sha256 !== seen[name]?.sha256)
  expect(different.map((name) => `${name}: ${firstDifference(name, dataDir, undisturbed, WALL_COLUMNS)}`)).toEqual([])
  expect(Object.keys(seen)).toEqual(Object.keys(wanted))
}

/** Everything beside the database: logs, reports, snapshots, artifacts. */
function exported(dataDir: string): Record<string, string> {
  return fileDigests(dataDir, (path) => /^(evidence|ml-artifacts)\//.test(path))
}

describe('history', () => {
  it('ends, however often it is killed, with the rows and files of a run that was not disturbed', async () => {
    const dataDir = shell.fresh()
    const args = replay(dataDir)
    let killed = 0
    // Besides those at random: before anything is there, and in the first model's training.
    const anywhere = momentsBetween(FIRST_BAR_MS, END_MS - DAY_MS, KILLS, chanceOf(20_250_527))
    for (const moment of [0, TRAINING_MS - MINUTE_MS, ...anywhere].sort((a, b) => a - b)) {
      if (await killAt(shell.start(args), dataDir, moment)) killed++
      if (existsSync(databaseIn(dataDir))) expect(damageOf(dataDir, 'quick_check')).toBe('ok')
    }
    expect(killed).toBeGreaterThanOrEqual(KILLS)

    const last = await shell.run(args)
    expect(last).toMatchObject({ code: 0, stderr: '' })
    expect(clockOf(dataDir)).toBe(END_MS)
    expect(damageOf(dataDir, 'integrity_check')).toBe('ok')
    expectSameContent(dataDir, [])
    const files = exported(undisturbed)
    expect(Object.keys(files).filter((path) => path.includes('features_raw')).length).toBeGreaterThan(1)
    expect(exported(dataDir)).toEqual(files)
  })

  it('of a room, killed while it runs, ends where a replay does', async () => {
    const dataDir = shell.fresh()
    const args = ['--recording', BTC, '--speed', 'max', ...HISTORY, ...config]
    for (const moment of momentsBetween(FIRST_BAR_MS, END_MS - 2_000 * MINUTE_MS, ROOM_KILLS, chanceOf(7))) {
      const room = shell.start(['serve', '--port', '0', '--data-dir', dataDir, ...args])
      expect(await killAt(room, dataDir, moment)).toBe(true)
    }
    const room = await shell.open(dataDir, args)
    expect((await room.health()).market_time).toBe(new Date(END_MS).toISOString())
    expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
    // A room has a token of its own, and notes that it was opened.
    expectSameContent(dataDir, ['tokens', 'meta'])
    expect(exported(dataDir)).toEqual(exported(undisturbed))
  })

  it('run again at its end changes nothing', async () => {
    const before = tables(undisturbed)
    const again = await shell.json(replay(undisturbed))
    expect(again).toMatchObject({
      bars: 0,
      predictions: 0,
      duplicates: 0,
      reports: 0,
      until: new Date(END_MS).toISOString(),
    })
    expect(tables(undisturbed)).toEqual(before)
  })
})
