import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countRows } from '../../../src/engine/drift/counts.ts'
import { HourlyCounts } from '../../../src/engine/drift/hourly.ts'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { buildReference } from '../../../src/engine/drift/reference.ts'
import { tableOf } from '../../kit/tables.ts'
import { DAY_MS, HOUR_MS } from '../../../src/engine/kernel/units.ts'
import { noiseRows, noiseTable, rowOf } from './rows.ts'
import { START } from '../../kit/moments.ts'

const reference = buildReference(
  'v1',
  noiseTable({ seed: 1, fromMs: START, minutes: 2000 }),
  ['mid', 'spread_bp', 'rsi14'],
  { fromMs: START, untilMs: START + 2 * DAY_MS },
)

describe('hourly bin counts', () => {
  it('sum to what counting the rows gives, over any hours and with gaps', () => {
    const rows = noiseRows({ seed: 2, fromMs: START, minutes: 3 * 1440, gap: (minute) => minute % 500 < 130 })
    const counts = new HourlyCounts(reference, builtInCatalogue)
    for (const row of rows) counts.add(row)
    const table = tableOf(rows)
    const hour = fc.integer({ min: 0, max: 75 })
    fc.assert(
      fc.property(hour, hour, (a, b) => {
        const [from, until] = [START + Math.min(a, b) * HOUR_MS, START + Math.max(a, b) * HOUR_MS]
        expect(counts.sum(from, until)).toEqual(countRows(reference.features, table, from, until))
      }),
    )
  })

  it('go on after a restart from the hours that were stored', () => {
    const rows = noiseRows({ seed: 3, fromMs: START, minutes: 600 })
    const ran = new HourlyCounts(reference, builtInCatalogue)
    for (const row of rows) ran.add(row)
    const again = new HourlyCounts(reference, builtInCatalogue)
    for (let ms = START; ms < START + 10 * HOUR_MS; ms += HOUR_MS) {
      const stored = ran.hour(ms)
      if (stored !== null) again.load(ms, stored.n, stored.counts)
    }
    const next = rowOf(START + 10 * HOUR_MS, { mid: 100.5 })
    for (const counts of [ran, again]) counts.add(next)
    expect(again.sum(START, START + DAY_MS)).toEqual(ran.sum(START, START + DAY_MS))
  })

  it('hand out copies', () => {
    const counts = new HourlyCounts(reference, builtInCatalogue)
    counts.add(rowOf(START, { mid: 100.5 }))
    counts.sum(START, START + HOUR_MS).counts['mid']?.fill(99)
    const before = counts.hour(START)
    counts.add(rowOf(START + 60_000, { mid: 100.5 }))
    expect(before?.n).toBe(1)
    expect(counts.hour(START)?.n).toBe(2)
    expect(counts.sum(START, START + HOUR_MS).counts['mid']?.reduce((sum, n) => sum + n, 0)).toBe(2)
  })

  it('put missing values in the last bin', () => {
    const counts = new HourlyCounts(reference, builtInCatalogue)
    counts.add(rowOf(START, { mid: 100.5 }))
    expect(counts.hour(START)?.counts['rsi14']?.at(-1)).toBe(1)
    expect(counts.hour(START)?.counts['mid']?.at(-1)).toBe(0)
  })

  it('keep eight days, and say so rather than give less than was asked for', () => {
    const counts = new HourlyCounts(reference, builtInCatalogue)
    for (let hour = 0; hour < 24 * 30; hour++) counts.add(rowOf(START + hour * HOUR_MS, { mid: 100 }))
    const end = START + 30 * DAY_MS
    expect(counts.sum(end - 8 * DAY_MS, end).n).toBe(8 * 24)
    expect(counts.hour(end - 8 * DAY_MS - HOUR_MS)).toBeNull()
    expect(() => counts.sum(end - 9 * DAY_MS, end)).toThrow(RangeError)
    counts.add(rowOf(START, { mid: 100 }))
    expect(counts.hour(START)).toBeNull()
  })

  it('refuse windows that begin or end within an hour, and counts of other bins', () => {
    const counts = new HourlyCounts(reference, builtInCatalogue)
    expect(() => counts.sum(START + 1, START + HOUR_MS)).toThrow(RangeError)
    expect(() => counts.load(START, 1, { mid: [1, 2], spread_bp: [1], rsi14: [1] })).toThrow(RangeError)
    expect(() => counts.sum(START, START + HOUR_MS - 1)).toThrow(RangeError)
    expect(() => counts.load(START, 1, {})).toThrow(RangeError)
    counts.add(rowOf(START, { mid: 100.5 }))
    const { n, counts: bins } = counts.hour(START) ?? { n: 0, counts: {} }
    expect(() => counts.load(START + 1, n, bins)).toThrow(RangeError)
  })

  it('take no hour back that was dropped, and the first one that is kept', () => {
    const counts = new HourlyCounts(reference, builtInCatalogue)
    counts.add(rowOf(START, { mid: 100.5 }))
    const { n, counts: bins } = counts.hour(START) ?? { n: 0, counts: {} }
    counts.dropBefore(START + 2 * HOUR_MS)
    // Less was asked for before: what is gone stays gone.
    counts.dropBefore(START + HOUR_MS)
    for (const hour of [0, 1, 2]) counts.load(START + hour * HOUR_MS, n, bins)
    expect([0, 1, 2].map((hour) => counts.hour(START + hour * HOUR_MS)?.n ?? null)).toEqual([null, null, 1])
    expect(() => counts.sum(START + HOUR_MS, START + 3 * HOUR_MS)).toThrow(RangeError)
    expect(counts.sum(START + 2 * HOUR_MS, START + 3 * HOUR_MS).n).toBe(1)
  })
})
