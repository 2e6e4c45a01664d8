import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { buildReference } from '../../../src/engine/drift/reference.ts'
import { columnOf, emptyTable } from '../../../src/engine/features/row.ts'
import { tableOf } from '../../kit/tables.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { psi } from '../../../src/engine/stats/psi.ts'
import { quantileSorted } from '../../../src/engine/stats/quantile.ts'
import { noiseRows, noiseTable } from './rows.ts'
import { START } from '../../kit/moments.ts'

/** Not on an hour, as a training window that begins with the first bar of a recording. */
const FIRST = START + 17 * MINUTE_MS
const window = { fromMs: FIRST, untilMs: FIRST + 9 * DAY_MS }

describe('a drift reference', () => {
  it('keeps bins and counts of every drift feature, and no rows', () => {
    const reference = buildReference(
      'v1',
      noiseTable({ seed: 1, fromMs: FIRST, minutes: 3000 }),
      ['mid', 'spread_bp'],
      window,
    )
    expect(Object.keys(reference.features)).toEqual(['mid', 'spread_bp'])
    for (const { counts } of Object.values(reference.features)) expect(counts.reduce((sum, n) => sum + n, 0)).toBe(3000)
    expect(JSON.parse(JSON.stringify(reference))).toEqual(reference)
  })

  it('measures every 7 days of its own, from each hour after its first row, against the whole, gaps included', () => {
    const rows = noiseRows({ seed: 4, fromMs: FIRST, minutes: 8 * 1440, gap: (m) => m > 4000 && m < 6000 })
    const { withinReference } = buildReference('v1', tableOf(rows), ['mid', 'spread_bp'], window)
    const columns = ['mid', 'spread_bp'] as const
    const table = tableOf(rows)
    const own: number[][] = []
    for (let from = FIRST; from + 7 * DAY_MS <= FIRST + 8 * DAY_MS; from += HOUR_MS) {
      const inside = rows.map(({ tsMs }) => tsMs >= from && tsMs < from + 7 * DAY_MS)
      own.push(
        columns.map((name) => {
          const all = columnOf(table, name)
          return psi(
            all,
            all.filter((_, i) => inside[i]),
          )
        }),
      )
    }
    const p95 = (values: readonly number[]) =>
      quantileSorted(
        values.toSorted((a, b) => a - b),
        0.95,
      )
    expect(withinReference?.windows).toBe(own.length)
    columns.forEach((name, i) =>
      expect(withinReference?.features[name]).toBeCloseTo(p95(own.map((window) => window[i] ?? NaN)), 14),
    )
    const means = own.map(([mid = NaN, spread = NaN]) => (mid + spread) / 2)
    expect(withinReference?.overallP95).toBeCloseTo(p95(means), 14)
  })

  it('knows nothing of its own windows when it is shorter than 7 days', () => {
    const almost = noiseTable({ seed: 1, fromMs: FIRST, minutes: 7 * 1440 - 1 })
    expect(buildReference('v1', almost, ['mid'], window).withinReference).toBeNull()
    const enough = noiseTable({ seed: 1, fromMs: FIRST, minutes: 7 * 1440 })
    expect(buildReference('v1', enough, ['mid'], window).withinReference).toMatchObject({ windows: 1, overallP95: 0 })
  })

  it('passes over windows that a gap left without rows', () => {
    const rows = noiseRows({ seed: 1, fromMs: FIRST, minutes: 20 * 1440, gap: (m) => m > 1440 && m < 18 * 1440 })
    const own = buildReference('v1', tableOf(rows), ['mid'], window).withinReference
    expect(own?.windows).toBeLessThan(13 * 24 + 1)
    expect(own?.overallP95).toBeGreaterThan(0)
  })

  it('is refused without rows or features', () => {
    expect(() => buildReference('v1', emptyTable(builtInCatalogue, 0), ['mid'], window)).toThrow(RangeError)
    expect(() => buildReference('v1', noiseTable({ seed: 1, fromMs: FIRST, minutes: 5 }), [], window)).toThrow(
      RangeError,
    )
  })
})
