import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KsHours, ksOfRows, ksReferences } from '../../../src/engine/drift/ks-hours.ts'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { columnOf } from '../../../src/engine/features/row.ts'
import { DAY_MS, HOUR_MS } from '../../../src/engine/kernel/units.ts'
import { ksTwoSample } from '../../../src/engine/stats/ks.ts'
import { START } from '../../kit/moments.ts'
import { tableOf } from '../../kit/tables.ts'
import { noiseRows, noiseTable, rowOf } from './rows.ts'

const FEATURES = ['mid', 'spread_bp', 'rsi14']
const then = noiseTable({ seed: 1, fromMs: START, minutes: 2000 })
const references = ksReferences(FEATURES, then)

describe('exact distances', () => {
  it('of windows of hours are those of the rows, whatever window was asked for before', () => {
    const rows = noiseRows({ seed: 2, fromMs: START, minutes: 3 * 1440, gap: (minute) => minute % 500 < 130 })
    const table = tableOf(rows)
    const hours = new KsHours(references, builtInCatalogue)
    for (const row of rows) hours.add(row)
    const hour = fc.integer({ min: 0, max: 75 })
    fc.assert(
      fc.property(hour, hour, (a, b) => {
        const [from, until] = [START + Math.min(a, b) * HOUR_MS, START + Math.max(a, b) * HOUR_MS]
        expect(hours.distances(from, until)).toEqual(ksOfRows(references, table, from, until))
      }),
    )
  })

  it('of rows are the two-sample statistics, missing values left out', () => {
    const now = noiseTable({ seed: 3, fromMs: START, minutes: 300, shift: 0.2 })
    const distances = ksOfRows(references, now, START, START + 4 * HOUR_MS)
    for (const name of FEATURES) {
      const { statistic } = ksTwoSample(columnOf(then, name), columnOf(now, name).subarray(0, 240))
      expect(distances[name]).toBe(statistic)
    }
  })

  it('follow rows that come into the window that was asked for last', () => {
    const rows = noiseRows({ seed: 4, fromMs: START, minutes: 300, shift: 0.3 })
    const hours = new KsHours(references, builtInCatalogue)
    const late = rows.splice(100, 30)
    for (const row of rows) hours.add(row)
    hours.distances(START, START + 5 * HOUR_MS)
    for (const row of late) hours.add(row)
    const whole = tableOf([...rows, ...late].toSorted((a, b) => a.tsMs - b.tsMs))
    expect(hours.distances(START, START + 5 * HOUR_MS)).toEqual(ksOfRows(references, whole, START, START + 5 * HOUR_MS))
  })

  it('leave out a feature without a value, and refuse hours that were dropped', () => {
    const hours = new KsHours(references, builtInCatalogue)
    hours.add(rowOf(START, { mid: 100.5 }))
    expect(Object.keys(hours.distances(START, START + HOUR_MS))).toEqual(['mid'])
    hours.distances(START + 9 * DAY_MS, START + 10 * DAY_MS)
    expect(() => hours.distances(START, START + HOUR_MS)).toThrow(RangeError)
  })
})
