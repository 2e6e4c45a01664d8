import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BREAKER_LIMITS, CircuitBreaker } from '../../../src/engine/shadow/breaker.ts'
import { compareScores, faultOfScore, MATCH_TOLERANCE } from '../../../src/engine/shadow/compare.ts'

/** The breaker told again from its whole past, without anything kept between two tries. */
class NaiveBreaker {
  private tries: boolean[] = []
  private sinceOpened: boolean[] | null = null
  private predictions = 0

  get open(): boolean {
    return this.sinceOpened !== null
  }

  admits(): boolean {
    if (this.sinceOpened === null) return true
    this.predictions++
    return this.predictions % 20 === 0
  }

  record(ok: boolean): 'opened' | 'closed' | null {
    if (this.sinceOpened !== null) {
      this.sinceOpened.push(ok)
      if (this.sinceOpened.length < 50 || this.sinceOpened.slice(-50).includes(false)) return null
      this.sinceOpened = null
      this.tries = []
      return 'closed'
    }
    this.tries.push(ok)
    const last = this.tries.slice(-200)
    if (last.length < 50 || last.filter((one) => !one).length / last.length <= 0.02) return null
    this.sinceOpened = []
    this.predictions = 0
    return 'opened'
  }
}

function opened(): CircuitBreaker {
  const breaker = new CircuitBreaker()
  for (let i = 0; i < 49; i++) breaker.record(false)
  expect(breaker.record(true)).toBe('opened')
  return breaker
}

describe('the circuit breaker', () => {
  it('does as its whole past says, in any order of clean tries and errors', () => {
    const stretch = fc.record({ tries: fc.integer({ min: 1, max: 120 }), errorEvery: fc.integer({ min: 1, max: 80 }) })
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 25 }), (stretches) => {
        const breaker = new CircuitBreaker()
        const naive = new NaiveBreaker()
        for (const { tries, errorEvery } of stretches) {
          for (let i = 1; i <= tries; i++) {
            const admitted = breaker.admits()
            expect(admitted).toBe(naive.admits())
            if (!admitted) continue
            const ok = i % errorEvery !== 0
            expect(breaker.record(ok)).toBe(naive.record(ok))
            expect(breaker.open).toBe(naive.open)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('judges no fewer than 50 tries', () => {
    const breaker = new CircuitBreaker()
    for (let i = 0; i < 49; i++) expect(breaker.record(false)).toBeNull()
    expect(breaker.record(false)).toBe('opened')
  })

  it('opens above 2 % of the last 200, not at it', () => {
    const breaker = new CircuitBreaker()
    for (let i = 0; i < 196; i++) breaker.record(true)
    for (let i = 0; i < 4; i++) expect(breaker.record(false)).toBeNull()
    expect(breaker.record(false)).toBe('opened')
  })

  it('forgets an error after 200 tries', () => {
    const breaker = new CircuitBreaker()
    for (let i = 0; i < 196; i++) breaker.record(true)
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 4; i++) expect(breaker.record(false)).toBeNull()
      for (let i = 0; i < 196; i++) expect(breaker.record(true)).toBeNull()
    }
  })

  it('while open has every 20th prediction tried', () => {
    const breaker = opened()
    const admitted = Array.from({ length: 60 }, () => breaker.admits())
    expect(admitted.flatMap((yes, i) => (yes ? [i + 1] : []))).toEqual([20, 40, 60])
  })

  it('is closed by 50 clean tries in a row, and judges anew from there', () => {
    const breaker = opened()
    for (let i = 0; i < 49; i++) breaker.record(true)
    breaker.record(false)
    for (let i = 0; i < 49; i++) expect(breaker.record(true)).toBeNull()
    expect(breaker.record(true)).toBe('closed')
    expect(breaker.admits()).toBe(true)
    for (let i = 0; i < 49; i++) expect(breaker.record(false)).toBeNull()
  })

  it('opens and closes a second time as it did the first', () => {
    const breaker = opened()
    // Seven predictions that are no multiple of the twentieth: the next opening counts from its own.
    for (let i = 0; i < 7; i++) breaker.admits()
    for (let i = 0; i < 50; i++) breaker.record(true)
    for (let i = 0; i < 49; i++) breaker.record(true)
    // One error of fifty is 2 %: what was counted before the closing no longer counts.
    expect(breaker.record(false)).toBeNull()
    expect(breaker.record(false)).toBe('opened')
    expect(Array.from({ length: 20 }, () => breaker.admits()).indexOf(true)).toBe(19)
    for (let i = 0; i < 49; i++) expect(breaker.record(true)).toBeNull()
    expect(breaker.record(true)).toBe('closed')
  })

  it('comes back open after a restart, with its clean tries still to be made', () => {
    const breaker = CircuitBreaker.resumedOpen()
    expect(breaker.open).toBe(true)
    expect(Array.from({ length: 20 }, () => breaker.admits()).indexOf(true)).toBe(19)
    for (let i = 1; i < BREAKER_LIMITS.cleanToClose; i++) expect(breaker.record(true)).toBeNull()
    expect(breaker.record(true)).toBe('closed')
  })
})

describe('a comparison', () => {
  it('matches within 0.05, that included', () => {
    expect(MATCH_TOLERANCE).toBe(0.05)
    expect(compareScores(0.5, 0.25, 0.25)).toEqual({ delta: 0.25, matched: true })
    expect(compareScores(0.25, 0.5, 0.2)).toEqual({ delta: 0.25, matched: false })
  })

  it('is an error where the score is none: NaN, or outside 0 to 1', () => {
    const faults = [0, 1, -0.001, 1.001, Number.NaN, Infinity, -Infinity].map(faultOfScore)
    expect(faults).toEqual([null, null, 'range', 'range', 'nan', 'range', 'range'])
  })
})
