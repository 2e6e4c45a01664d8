import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnOf, type FeatureTable } from '../../../src/engine/features/row.ts'
import { tableOf } from '../../kit/tables.ts'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import type { LabelSpec } from '../../../src/engine/models/contract.ts'
import { trainingSet } from '../../../src/engine/training/dataset.ts'
import { labelsOf } from '../../../src/engine/training/labels.ts'
import { barAt, minutesWithGaps, rowsOf, walk } from '../../kit/bars.ts'
import { START } from '../../kit/moments.ts'

const MOVE: LabelSpec = { kind: 'move', horizonMin: 5, thresholdBp: 6 }

function tableAt(minutes: readonly number[], seed = 1): FeatureTable {
  return tableOf(rowsOf(walk(minutes, seed)))
}

function windowOf(from: number, until: number): { fromMs: number; untilMs: number } {
  return { fromMs: START + from * MINUTE_MS, untilMs: START + until * MINUTE_MS }
}

function minutes(...at: number[]): number[] {
  return at.map((minute) => minute * MINUTE_MS)
}

describe('labels', () => {
  it('are 1 for a move beyond the threshold either way, 0 within it', () => {
    const mid = [100, 100, 100, 100 * Math.exp(7e-4), 100 * Math.exp(-7e-4), 100 * Math.exp(5e-4)]
    expect([...labelsOf(minutes(0, 1, 2, 5, 6, 7), mid, MOVE)].slice(0, 3)).toEqual([1, 1, 0])
  })

  it('are 1 only for a rise above the threshold where the kind is up', () => {
    const mid = [100, 100, 100 * Math.exp(7e-4), 100 * Math.exp(-7e-4)]
    expect([...labelsOf(minutes(0, 1, 5, 6), mid, { ...MOVE, kind: 'up' })].slice(0, 2)).toEqual([1, 0])
  })

  it('are missing where the bar exactly at the horizon is, whatever bars come near it', () => {
    fc.assert(
      fc.property(minutesWithGaps, fc.integer({ min: 1, max: 30 }), (at, horizonMin) => {
        const labels = labelsOf(
          minutes(...at),
          walk(at, 1).map((bar) => bar.close),
          { ...MOVE, horizonMin },
        )
        const there = new Set(at)
        at.forEach((minute, i) => expect(Number.isNaN(labels[i])).toBe(!there.has(minute + horizonMin)))
      }),
    )
  })
})

describe('a training set', () => {
  it('keeps rows that lack what they may lack, as long as they have something', () => {
    const table = tableAt(range(0, 100))
    const set = trainingSet(table, ['mid', 'mid_logret_5m'], MOVE, windowOf(0, 100), ['mid_logret_5m'])
    expect(set.dropped).toEqual({ missing_features: 0, unknown_label: 5 })
    const bare = trainingSet(table, ['mid_logret_5m'], MOVE, windowOf(0, 100), ['mid_logret_5m'])
    expect(bare.dropped).toEqual({ missing_features: 5, unknown_label: 5 })
  })

  it('holds the rows of the window that have every feature and a known label, and counts those it drops', () => {
    const set = trainingSet(tableAt(range(0, 100)), ['mid', 'mid_logret_5m'], MOVE, windowOf(0, 100))
    expect(set.dropped).toEqual({ missing_features: 5, unknown_label: 5 })
    expect(set.rows).toBe(90)
    expect([...set.indices]).toEqual(range(5, 95))
    expect(set.x.length).toBe(90 * 2)
    expect(set.x[0]).toBe(columnOf(tableAt(range(0, 100)), 'mid')[5])
  })

  it('drops a row whose label would come of a gap', () => {
    const minutes = range(0, 60).filter((minute) => minute !== 30)
    const set = trainingSet(tableAt(minutes), ['mid'], MOVE, windowOf(0, 60))
    expect(set.dropped.unknown_label).toBe(6)
    expect([...set.tsMs]).not.toContain(START + 25 * MINUTE_MS)
  })

  it('is the same whenever it is made: bars after the window settle nothing in it', () => {
    fc.assert(
      fc.property(minutesWithGaps, fc.nat({ max: 400 }), fc.integer({ min: 1, max: 400 }), (minutes, from, length) => {
        const window = windowOf(from, from + length)
        const early = minutes.filter((minute) => minute < from + length)
        const now = trainingSet(tableAt(early), ['mid'], MOVE, window)
        expect(trainingSet(tableAt(minutes), ['mid'], MOVE, window)).toEqual(now)
      }),
    )
  })

  it('accounts for every row of the window', () => {
    fc.assert(
      fc.property(minutesWithGaps, (minutes) => {
        const window = windowOf(0, 500)
        const { rows, dropped } = trainingSet(tableAt(minutes), ['mid_logret_1m', 'rv_15m_log'], MOVE, window)
        const inside = minutes.filter((minute) => minute < 500).length
        expect(rows + dropped.missing_features + dropped.unknown_label).toBe(inside)
      }),
    )
  })

  it('needs at least one feature, and may be empty', () => {
    const table = tableOf(rowsOf([barAt(0, 100)]))
    expect(() => trainingSet(table, [], MOVE, windowOf(0, 10))).toThrow(RangeError)
    expect(trainingSet(table, ['mid'], MOVE, windowOf(0, 10)).rows).toBe(0)
  })
})

function range(from: number, until: number): number[] {
  return Array.from({ length: until - from }, (_, i) => from + i)
}
