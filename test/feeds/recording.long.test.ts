import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultOf, knownAt } from '../../src/engine/market/bar.ts'
import { type RecordedRow, RecordingFeed } from '../../src/feeds/recording.ts'
import { type Survey, surveyOf } from '../../src/feeds/survey.ts'
import { freshDirectories } from '../kit/directories.ts'
import { DAY, MINUTE, START } from '../kit/moments.ts'

const ALL = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY }
const fresh = freshDirectories()

function file(lines: readonly string[]): Promise<Survey> {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  const path = join(dir, 'bars.csv')
  writeFileSync(path, `ts_ms,open,high,low,close,volume\n${lines.join('\n')}\n`)
  return surveyOf(path)
}

const bar = (minute: number): string => `${START + minute * MINUTE},1,2,0.5,1.5,10`
const minutesOf = (rows: readonly RecordedRow[]): (number | string)[] =>
  rows.map((row) => ('bar' in row ? (row.bar.tsMs - START) / MINUTE : row.fault))
const lineOf = (row: RecordedRow): number => row.line

async function everything(feed: RecordingFeed): Promise<RecordedRow[]> {
  const rows = await feed.takeKnown(Number.MAX_SAFE_INTEGER)
  await feed.close()
  return rows
}

/** Lines of a recording that goes on minute by minute with gaps, and what a dirty one has among them. */
const recording: fc.Arbitrary<string[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ step: fc.constant(1) }) },
      { weight: 1, arbitrary: fc.record({ step: fc.integer({ min: 2, max: 4_000 }) }) },
      { weight: 1, arbitrary: fc.record({ back: fc.integer({ min: 0, max: 4_000 }) }) },
      { weight: 1, arbitrary: fc.record({ ahead: fc.integer({ min: 1, max: 500_000 }) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          bad: fc.constantFrom('nonsense', '1,2,3', `${START},-1,2,0.5,1.5,10`, `${START + 1},1,2,0.5,1.5,10`),
        }),
      },
    ),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 0
    const lines = steps.map((step) => {
      if ('bad' in step) return step.bad
      if ('back' in step) return bar(Math.max(0, at - step.back))
      if ('ahead' in step) return bar(at + step.ahead)
      at += step.step
      return bar(at)
    })
    return [...lines, bar(at + 1)]
  })

const moments = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 }).map((all) => all.sort((a, b) => a - b))

describe('a recording that is played', () => {
  it('gives every row once, in the order of its file, at whatever moments it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(recording, moments, async (lines, asked) => {
        const path = await file(lines)
        const whole = await everything(new RecordingFeed(path, 0, ALL))
        expect(whole.map(lineOf)).toEqual(lines.map((_, i) => i + 2))
        const feed = new RecordingFeed(path, 0, ALL)
        const parts: RecordedRow[] = []
        for (const minute of asked) parts.push(...(await feed.takeKnown(START + minute * MINUTE)))
        parts.push(...(await everything(feed)))
        expect(parts).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('gives no sound bar before the moment at which it is known, and says when the next one is', async () => {
    await fc.assert(
      fc.asyncProperty(recording, moments, async (lines, asked) => {
        const feed = new RecordingFeed(await file(lines), 0, ALL)
        for (const minute of asked) {
          const moment = START + minute * MINUTE
          for (const row of await feed.takeKnown(moment)) {
            if ('bar' in row && faultOf(row.bar) === null) expect(knownAt(row.bar)).toBeLessThanOrEqual(moment)
          }
          const next = await feed.nextKnownMs()
          if (next === null) expect(await feed.takeKnown(Number.MAX_SAFE_INTEGER)).toEqual([])
          else expect(next).toBeGreaterThan(moment)
        }
        await feed.close()
      }),
      { numRuns: 60 },
    )
  })

  it('goes on behind any line with the same rows, wherever it was left', async () => {
    await fc.assert(
      fc.asyncProperty(recording, fc.nat(), async (lines, cut) => {
        const path = await file(lines)
        const whole = await everything(new RecordingFeed(path, 0, ALL))
        const head = whole.slice(0, cut % (whole.length + 1))
        const sound = head.flatMap((row) => ('bar' in row && faultOf(row.bar) === null ? [row.bar.tsMs] : []))
        const newest = sound.length === 0 ? null : Math.max(...sound)
        const tail = await everything(new RecordingFeed(path, head.at(-1)?.line ?? 0, ALL, newest))
        expect([...head, ...tail]).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('knows a bar a minute after it began', async () => {
    const feed = new RecordingFeed(await file([bar(0), bar(1)]), 0, ALL)
    expect(await feed.nextKnownMs()).toBe(START + MINUTE)
    expect(await feed.takeKnown(START + MINUTE - 1)).toEqual([])
    expect(minutesOf(await feed.takeKnown(START + MINUTE))).toEqual([0])
    expect(minutesOf(await feed.takeKnown(START + 2 * MINUTE))).toEqual([1])
    expect(await feed.nextKnownMs()).toBeNull()
    expect(feed.endMs()).toBe(START + 2 * MINUTE)
  })

  it('counts only bars of its span, the end left out, and ends there', async () => {
    const lines = ['bad', ...Array.from({ length: 10 }, (_, i) => bar(i)), 'bad too']
    const feed = new RecordingFeed(await file(lines), 0, { fromMs: START + 3 * MINUTE, untilMs: START + 6 * MINUTE })
    expect(await feed.nextKnownMs()).toBe(START + 4 * MINUTE)
    expect(minutesOf(await everything(feed))).toEqual(['unparsable', 3, 4, 5])
    expect(feed.endMs()).toBe(START + 6 * MINUTE)
  })

  it('ends with its last bar where the span goes on beyond it, and nowhere without a bar', async () => {
    const feed = new RecordingFeed(await file([bar(0), bar(1)]), 0, { fromMs: START, untilMs: START + DAY })
    await everything(feed)
    expect(feed.endMs()).toBe(START + 2 * MINUTE)
    const none = new RecordingFeed(await file([bar(0), 'bad']), 0, { ...ALL, fromMs: START + DAY })
    expect(minutesOf(await everything(none))).toEqual(['unparsable'])
    expect(none.endMs()).toBeNull()
  })
})

describe('a bar that leaps ahead of those that follow it', () => {
  it('counts as one from the future and moves no clock: in the middle, at the beginning, one after another', async () => {
    const wild = bar(6 * 1_440)
    for (const [lines, rows] of [
      [
        [bar(0), bar(1), wild, bar(2), bar(3)],
        [0, 1, 'future', 2, 3],
      ],
      [
        [wild, bar(0), bar(1), bar(2)],
        ['future', 0, 1, 2],
      ],
      [
        [bar(0), wild, wild, bar(1), bar(2), bar(3), bar(4)],
        [0, 'future', 'future', 1, 2, 3, 4],
      ],
      [
        [bar(0), bar(120), bar(1), bar(2), bar(3)],
        [0, 'future', 1, 2, 3],
      ],
      [
        [bar(0), wild, 'bad', bar(1)],
        [0, 'future', 'unparsable', 1],
      ],
    ] as const) {
      const feed = new RecordingFeed(await file(lines), 0, ALL)
      expect(minutesOf(await feed.takeKnown(START + 10 * MINUTE))).toEqual(rows)
      expect(await feed.nextKnownMs()).toBeNull()
    }
  })

  it('is taken at its word when the others go on from there: a gap, or the last bar of all', async () => {
    const later = 3 * 1_440
    for (const lines of [
      [bar(0), bar(later), bar(later + 1)],
      [bar(0), bar(later)],
    ]) {
      const feed = new RecordingFeed(await file(lines), 0, ALL)
      expect(minutesOf(await feed.takeKnown(START + MINUTE))).toEqual([0])
      expect(await feed.nextKnownMs()).toBe(START + (later + 1) * MINUTE)
      await feed.close()
    }
  })
  it('is taken at its word by few minutes: then it is the others that come late', async () => {
    const feed = new RecordingFeed(await file([bar(0), bar(4), bar(1), bar(5), bar(6)]), 0, ALL)
    expect(minutesOf(await everything(feed))).toEqual([0, 4, 1, 5, 6])
  })
})

describe('a file that repeats itself, or holds nothing, for longer than memory lasts', () => {
  const HELD = 15_000

  it('is taken bit by bit: rows of one minute, in their order, until the last', async () => {
    const survey = await file([bar(0), ...Array.from({ length: 40_000 }, () => bar(1)), bar(2)])
    const feed = new RecordingFeed(survey, 0, ALL)
    const parts: RecordedRow[][] = []
    while (((await feed.nextKnownMs()) ?? Number.POSITIVE_INFINITY) <= START + 2 * MINUTE)
      parts.push(await feed.takeKnown(START + 2 * MINUTE))
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(HELD)
    expect(parts.flat().map(lineOf)).toEqual(Array.from({ length: 40_001 }, (_, i) => i + 2))
    expect(minutesOf(await everything(feed))).toEqual([2])
  })

  it('has bad rows named to the thousandth of a run and counted together after it, none lost', async () => {
    const bad = (i: number): string => (i % 3 === 0 ? 'nonsense' : `${START + i * MINUTE},-1,2,0.5,1.5,10`)
    const lines = [bar(0), ...Array.from({ length: 30_000 }, (_, i) => bad(i)), bar(1), 'nonsense', bar(2)]
    const rows = await everything(new RecordingFeed(await file(lines), 0, ALL))
    expect(rows.length).toBeLessThan(1_100)
    const times = (row: RecordedRow): number => ('times' in row ? (row.times ?? 1) : 1)
    expect(rows.reduce((sum, row) => sum + times(row), 0)).toBe(lines.length)
    expect(rows.map(lineOf)).toEqual(rows.map(lineOf).toSorted((a, b) => a - b))
    expect(rows.filter((row) => times(row) > 1)).toEqual([
      { line: 30_000, fault: 'unparsable', text: 'further rows', times: 9_666 },
      { line: 30_002, fault: 'price', text: 'further rows', times: 19_334 },
    ])
  })

  it('leaves rows before its span out without holding them', async () => {
    const lines = [...Array.from({ length: 20_000 }, () => bar(0)), bar(5)]
    const feed = new RecordingFeed(await file(lines), 0, { ...ALL, fromMs: START + 5 * MINUTE })
    expect(minutesOf(await everything(feed))).toEqual([5])
  })
})
