import { beforeAll, describe, expect, it } from 'vitest'
import type { FeedRow } from '../../../src/db/feeds.ts'
import { BUILT_IN } from '../../../src/engine/features/built-in.ts'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { barLines, content, files, run, SYMBOL, writeRecording } from '../../kit/room.ts'
import { MINUTE, START } from '../../kit/moments.ts'

const fresh = freshDirectories()
const LINES = barLines(1_500)
/** Ten minutes are missing from it, which is a gap to tell, and three, which is not. */
const CLEAN = LINES.filter((_, i) => !(i >= 100 && i < 110) && !(i >= 300 && i < 303))
const numbers = '1,2,0.5,1.5,3'

/** A line, and after which line of the clean recording it comes. */
const DIRT: readonly [after: number, line: string, fault: string, tsMs: number | null][] = [
  [0, `${START + 400 * 1_440 * MINUTE},${numbers}`, 'wild_time', null],
  [50, LINES[50] ?? '', 'duplicate', START + 50 * MINUTE],
  [60, LINES[10] ?? '', 'duplicate', START + 10 * MINUTE],
  [200, LINES[105] ?? '', 'late', START + 105 * MINUTE],
  [210, `${START + 2_000 * MINUTE},${numbers}`, 'future', null],
  [220, `${START - 5 * MINUTE},${numbers}`, 'late', START - 5 * MINUTE],
  [250, `${START + 263 * MINUTE},-1,2,0.5,1.5,3`, 'price', START + 263 * MINUTE],
  [251, `${START + 264 * MINUTE},1,2,0.5,1.5,-3`, 'negative_volume', START + 264 * MINUTE],
  [252, `${START + 265 * MINUTE},1,0.5,2,1.5,3`, 'high_below_low', START + 265 * MINUTE],
  [253, `${START + 266 * MINUTE + 1},${numbers}`, 'off_minute', START + 266 * MINUTE + 1],
  [254, 'half a line', 'unparsable', null],
  [255, `${START + 268 * MINUTE},NaN,2,0.5,1.5,3`, 'unparsable', null],
  [1_486, 'the end', 'unparsable', null],
]

const DIRTY = CLEAN.flatMap((line, i) => [line, ...DIRT.filter(([after]) => after === i).map(([, dirt]) => dirt)])

describe('a recording with bars that do not fit', () => {
  let clean: string
  let dirty: string
  let feed: Partial<FeedRow>

  beforeAll(async () => {
    clean = fresh()
    dirty = fresh()
    await run(clean, writeRecording(clean, CLEAN))
    await run(dirty, writeRecording(dirty, DIRTY), {
      look: (desks) => {
        feed = { ...desks.of(SYMBOL).tape.feed }
      },
    })
  })

  it('has them counted by what is wrong', () => {
    expect(feed).toMatchObject({ bars: CLEAN.length, badRows: 8, duplicates: 2, late: 2, future: 1 })
    expect(feed.line).toBe(DIRTY.length + 1)
  })

  it('has each named by its line', () => {
    const named = DIRT.map(([after, , fault, tsMs], i) => ({
      line: after + i + 3,
      fault,
      ts_ms: tsMs,
    }))
    const rows = content(dirty).dropped_bars?.map((row) => row as { line: number; fault: string; ts_ms: number | null })
    expect(rows?.map(({ line, fault, ts_ms }) => ({ line, fault, ts_ms }))).toEqual(named)
  })

  it('ends with the rows, the reports, the chain and the files of the clean one', () => {
    const [a, b] = [content(clean), content(dirty)].map(({ feeds, dropped_bars, meta, ...rest }) => rest)
    for (const table of Object.keys(a ?? {})) expect({ [table]: b?.[table] }).toEqual({ [table]: a?.[table] })
    expect(files(dirty)).toEqual(files(clean))
  })

  it('tells gaps of more than five minutes as events, at the moment at which bars come again', () => {
    const events = content(clean).events?.map((row) => row as { kind: string; text: string; ts_ms: number })
    expect(events?.filter((event) => event.kind === 'gap')).toMatchObject([
      { text: 'gap: 10 minutes missing from 2025-05-05 01:40 UTC', ts_ms: START + 111 * MINUTE },
    ])
  })

  it('lacks what a gap takes away, and nothing is filled', () => {
    const rows = content(clean).feature_rows?.map((row) => row as Record<string, number | null>) ?? []
    const after = rows.find((row) => row.ts_ms === START + 110 * MINUTE)
    expect(rows).toHaveLength(CLEAN.length)
    expect([after?.mid_change_1m, after?.mid_logret_1m, after?.mid_logret_5m, after?.rv_15m_log]).toEqual(
      Array(4).fill(null),
    )
    expect(after?.mid).not.toBeNull()
    expect(Object.keys(after ?? {}).filter((name) => builtInCatalogue.names.includes(name))).toHaveLength(
      BUILT_IN.length,
    )
  })
})

describe('a recording that is given twice', () => {
  it('changes nothing but the count of what came twice', async () => {
    const dir = fresh()
    const first = writeRecording(`${dir}/first`, LINES.slice(0, 200))
    const second = writeRecording(`${dir}/second`, LINES.slice(100, 300))
    await run(dir, first)
    await run(dir, second)
    const tables = content(dir)
    expect(tables.bars).toHaveLength(300)
    expect(tables.feeds).toMatchObject([{ bars: 300, duplicates: 100, late: 0, bad_rows: 0 }])
  })
})

describe('a recording that repeats itself for longer than rows are taken at a time', () => {
  it('counts every row, and ends with the rows of one that does not', async () => {
    const [once, often] = [fresh(), fresh()]
    const middle = Array.from({ length: 25_000 }, (_, i) => LINES[i % 40] ?? '')
    const end = Array.from({ length: 25_000 }, () => LINES[59] ?? '')
    await run(once, writeRecording(once, LINES.slice(0, 60)))
    await run(often, writeRecording(often, [...LINES.slice(0, 40), ...middle, ...LINES.slice(40, 60), ...end]))
    const [a, b] = [content(once), content(often)].map(({ feeds, dropped_bars, meta, ...rest }) => rest)
    expect(b).toEqual(a)
    expect(content(often).feeds).toMatchObject([{ bars: 60, duplicates: 50_000, late: 0, bad_rows: 0, line: 50_061 }])
  })
})
