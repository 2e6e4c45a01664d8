import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { barLines, configWith, content, files, run, type RunOptions, SYMBOL, writeRecording } from '../../kit/room.ts'

const fresh = freshDirectories()
const SAMPLE = join(import.meta.dirname, '../../../samples/btcusdt_1m.csv.gz')

interface Whole {
  readonly content: Record<string, unknown[]>
  readonly files: Record<string, string>
}

function whole(dir: string): Whole {
  return { content: content(dir), files: files(dir) }
}

/** Runs in parts of so many blocks each, every part in a room of its own, as after a kill. */
async function inParts(path: string, options: RunOptions, parts: readonly number[]): Promise<Whole> {
  const dir = fresh()
  for (const blocks of parts) await run(dir, path, { ...options, blocks })
  await run(dir, path, options)
  return whole(dir)
}

/** Table by table, so that a difference names its table. Only what differs is given to `expect`, which is slow with many rows. */
function same(a: Whole, b: Whole): void {
  expect(Object.keys(a.content)).toEqual(Object.keys(b.content))
  for (const [table, rows] of Object.entries(a.content))
    if (!isDeepStrictEqual(rows, b.content[table])) expect({ [table]: rows }).toEqual({ [table]: b.content[table] })
  expect(a.files).toEqual(b.files)
}

describe('history that is killed between blocks ends with the same rows, files and chain as one that was not', () => {
  // The first midnight lies in the gap, the second among the bars.
  const beganMs = START + 19 * HOUR
  const lines = barLines(31 * 60, beganMs)
  const gap = [...lines.slice(0, 120), ...lines.slice(120 + 1_440)]
  let path: string
  let calmDir: string
  let calm: Whole

  beforeAll(async () => {
    calmDir = fresh()
    path = writeRecording(calmDir, gap)
    await run(calmDir, path)
    calm = whole(calmDir)
  })

  it.each([[[1]], [[2]], [[3]], [[1, 1, 1]], [[4, 2]], [Array(30).fill(1)]])(
    'after %j blocks, over a gap of a day',
    async (parts) => {
      same(await inParts(path, {}, parts), calm)
    },
  )

  it('and when it is run again after its end, nothing changes', async () => {
    const dir = fresh()
    cpSync(calmDir, dir, { recursive: true })
    expect(await run(dir, path)).toBe(0)
    same(whole(dir), calm)
  })

  it('and when it stops at a time, and goes on from there', async () => {
    const dir = fresh()
    const untilMs = beganMs + HOUR
    await run(dir, path, { untilMs })
    const { feeds, bars } = content(dir)
    expect(feeds).toMatchObject([{ clock_ms: untilMs }])
    expect(bars).toHaveLength(60)
    await run(dir, path)
    same(whole(dir), calm)
  })
})

describe('a history that trains on its way', () => {
  /** A window of a day, so that two of the recording and a few hours are enough. */
  const options = {
    config: configWith(1),
    fromMs: Date.parse('2025-05-04T23:00:00Z'),
    untilMs: Date.parse('2025-05-07T02:00:00Z'),
  }
  let dir = ''
  let blocks = 0

  beforeAll(async () => {
    dir = fresh()
    blocks = await run(dir, SAMPLE, options)
  })

  it('has the first model at the first midnight with the window behind it, and a prediction a minute from then', () => {
    const tables = content(dir)
    const at = Date.parse('2025-05-06T00:00:00Z')
    expect(tables.slots).toMatchObject([{ symbol: SYMBOL, slot: 'baseline', version: 'v1.8-b0', since_ms: at }])
    expect(tables.predictions).toHaveLength((options.untilMs - at) / MINUTE)
    // At its first moment, and at every hour after it.
    expect(tables.psi_snapshots).toHaveLength(27)
    // Three days, and the week that ended on 4 May.
    expect(tables.reports).toHaveLength(4)
  })

  it('is the same when it was killed after every block, trainings and reports among them', async () => {
    same(await inParts(SAMPLE, options, Array(blocks).fill(1)), whole(dir))
  })
})

describe('the order at a moment', () => {
  it('does all that is due at the moment where a run stops, midnight among them', async () => {
    const dir = fresh()
    await run(dir, writeRecording(dir, barLines(1_600)), { untilMs: START + DAY })
    const { feeds, reports, bars, jobs } = content(dir)
    expect(feeds).toMatchObject([{ clock_ms: START + DAY }])
    expect(bars).toHaveLength(1_440)
    expect(reports).toMatchObject([{ date: '2025-05-05', ts_ms: START + DAY }])
    // The week has not ended.
    expect(jobs).toHaveLength(13)
  })
})
