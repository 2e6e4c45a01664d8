import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LONGEST_PAUSE_MS, nextTry, type RetryLimits } from '../../src/notify/retry.ts'

const LIMITS: RetryLimits = { firstMs: 5_000, lastMs: 60_000, tries: 6 }
const NOW = 1_000_000
const limits = fc.record({
  firstMs: fc.integer({ min: 1, max: LONGEST_PAUSE_MS }),
  lastMs: fc.integer({ min: 1, max: LONGEST_PAUSE_MS }),
  tries: fc.integer({ min: 1, max: 100 }),
})

function pauses(of: RetryLimits, afterMs: number | null): number[] {
  return Array.from({ length: of.tries - 1 }, (_, i) => {
    const next = nextTry(i + 1, NOW, of, afterMs)
    return next.kind === 'again' ? next.atMs - NOW : Number.NaN
  })
}

describe('when a message that failed is tried again', () => {
  it('doubles each pause up to the longest, and gives up at the limit', () => {
    expect(pauses(LIMITS, null)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000])
    expect(nextTry(6, NOW, LIMITS, null)).toEqual({ kind: 'givenUp' })
  })

  it('is never before the time that the server asked for, and never later than the longest pause of all', () => {
    expect(nextTry(1, NOW, LIMITS, 30_000)).toEqual({ kind: 'again', atMs: NOW + 30_000 })
    expect(nextTry(5, NOW, LIMITS, 30_000)).toEqual({ kind: 'again', atMs: NOW + 60_000 })
    expect(nextTry(1, NOW, LIMITS, 1e12)).toEqual({ kind: 'again', atMs: NOW + LONGEST_PAUSE_MS })
  })

  it('grows from try to try within its limits, whatever they are', () => {
    fc.assert(
      fc.property(limits, fc.option(fc.nat()), (of, afterMs) => {
        const all = pauses(of, afterMs)
        expect(all.every((pause) => pause > 0 && pause <= LONGEST_PAUSE_MS)).toBe(true)
        expect(all.every((pause, i) => i === 0 || pause >= (all[i - 1] ?? 0))).toBe(true)
        expect(all.every((pause) => pause >= Math.min(afterMs ?? 0, LONGEST_PAUSE_MS))).toBe(true)
        if (afterMs === null) expect(Math.max(0, ...all)).toBeLessThanOrEqual(of.lastMs)
      }),
    )
  })

  it('gives up from the last try on, whatever the server asks for', () => {
    fc.assert(
      fc.property(limits, fc.nat(1_000), fc.option(fc.nat()), (of, more, afterMs) => {
        expect(nextTry(of.tries + more, NOW, of, afterMs)).toEqual({ kind: 'givenUp' })
      }),
    )
  })
})
