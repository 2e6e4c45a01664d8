import { describe, expect, it } from 'vitest'
import { labelOf } from '../../../src/room/desk/settlement.ts'

describe('the label', () => {
  const move = { kind: 'move', horizonMin: 5, thresholdBp: 6 } as const
  const up = { kind: 'up', horizonMin: 5, thresholdBp: 6 } as const

  it('is 1 beyond the threshold in basis points of log return: either way for move, upwards for up', () => {
    const later = (bp: number): number => 100 * Math.exp(bp / 1e4)
    const labels = [-7, -5.9, 0, 5.9, 7].map((bp) => [labelOf(100, later(bp), move), labelOf(100, later(bp), up)])
    expect(labels).toEqual([
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 1],
    ])
  })

  it('is 0 at the very threshold', () => {
    const moved = Math.abs(Math.log(100.06 / 100)) * 1e4
    for (const [thresholdBp, label] of [
      [moved, 0],
      [moved * (1 - Number.EPSILON), 1],
    ] as const) {
      expect(labelOf(100, 100.06, { ...move, thresholdBp })).toBe(label)
      expect(labelOf(100, 100.06, { ...up, thresholdBp })).toBe(label)
    }
  })
})
