import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../src/db/latency-histogram.ts'
import type { Source } from '../../src/engine/shadow/source.ts'
import { addLatencies, Latencies, LatencyBooks } from '../../src/serving/histogram.ts'
import { RollupBook } from '../../src/serving/rollups.ts'
import { DAY, HOUR, MINUTE, THREE_WEEKS_ON as T } from '../kit/moments.ts'

const countOf = (latencies: Latencies) => latencies.read()?.count ?? null

describe('the latencies of a minute', () => {
  it('are none until one comes', () => {
    const none = new Latencies()
    expect([none.some, none.read(), none.encode(false), none.encode(true)]).toEqual([false, null, null, null])
    const into = LatencyHistogram.empty()
    addLatencies(into, none)
    expect(into.count).toBe(0)
  })

  it('go on after they were stored, sealed or not, and are read the same', () => {
    for (const seal of [false, true]) {
      const latencies = new Latencies()
      latencies.record(5)
      latencies.record(7)
      const stored = latencies.encode(seal)
      expect([latencies.some, countOf(latencies)]).toEqual([true, 2])
      latencies.record(9)
      expect(countOf(latencies)).toBe(3)
      expect(countOf(new Latencies(latencies.encode(seal)))).toBe(3)
      expect(countOf(new Latencies(stored))).toBe(2)
      const into = LatencyHistogram.empty()
      addLatencies(into, latencies)
      expect(into.count).toBe(3)
    }
  })

  it('stay open for the next one unless they are sealed', () => {
    const latencies = new Latencies()
    latencies.record(5)
    const open = latencies.read()
    latencies.encode(false)
    expect(latencies.read()).toBe(open)
    latencies.encode(true)
    expect(latencies.read()).not.toBe(open)
  })

  it('have a book for each name, one and the same', () => {
    const books = new LatencyBooks()
    books.of('a').record(1)
    expect([books.of('a').count, books.of('b').count]).toEqual([1, 0])
  })
})

const key = (atMin: number, change: { model?: string; source?: Source; phase?: string } = {}) => ({
  tsMs: T + atMin * MINUTE,
  model: 'a',
  source: 'caller' as Source,
  phase: '',
  ...change,
})

/** Two models' answers and own latencies over three minutes, and a probe and history that nobody waited for. */
function day(): RollupBook {
  const book = new RollupBook('AAAUSDT')
  for (const minute of [0, 1, 2]) {
    book.answered(key(minute), false, 10 + minute)
    book.tried(key(minute), true, 1)
    book.tried(key(minute, { model: 'b', source: 'minute' }), true, 2)
    book.tried(key(minute, { model: 'b', source: 'probe' }), true, 3)
    book.answered(key(minute, { source: 'history' }), false, 4)
  }
  return book
}

describe('the latencies of a span', () => {
  it('are those of requests that somebody waited for, its end not included', () => {
    const { service, own } = day().latencies(T, T + 2 * MINUTE)
    expect([service.count, service.quantileMs(1), own.count]).toEqual([2, expect.closeTo(11, 1), 4])
    expect(day().latencies(T + MINUTE, T + 3 * MINUTE).service.count).toBe(2)
    expect(day().latencies(T + 1, T + MINUTE).service.count).toBe(0)
  })

  it('are of one model where one is asked for', () => {
    const of = (model: string) => day().latencies(T, T + HOUR, model)
    expect([of('a').own.count, of('b').own.count, of('c').own.count]).toEqual([3, 3, 0])
    expect(of('b').service.count).toBe(3)
    expect([day().modelDay('a').count, day().modelDay('b').count, day().serviceDay().count]).toEqual([3, 3, 3])
  })

  it('are of the whole day in one book, less the minutes before a span that ends with it', () => {
    const book = day()
    book.expire(T + DAY)
    expect(book.serviceOver(T, T + DAY)).toBe(book.serviceDay())
    expect(book.serviceOver(T, T + DAY - MINUTE)).toBe(book.serviceDay())
    expect(book.serviceOver(T + MINUTE, T + DAY)?.count).toBe(2)
    expect(book.serviceDay().count).toBe(3)
    expect(book.serviceOver(T + HOUR, T + DAY)).toBeNull()
    book.answered(key(24 * 60), false, 1)
    expect(book.serviceOver(T, T + DAY)).toBeNull()
  })

  it('are not counted for the day of a row that is older, and stay with their minute', () => {
    const book = day()
    book.expire(T + DAY + 2 * MINUTE)
    expect([book.serviceDay().count, book.modelDay('a').count]).toEqual([1, 1])
    book.answered(key(1), false, 5)
    book.tried(key(1), true, 5)
    expect([book.serviceDay().count, book.modelDay('a').count]).toEqual([1, 1])
    // At the very edge of the day a minute counts.
    book.answered(key(2), false, 5)
    book.tried(key(2), true, 5)
    expect([book.serviceDay().count, book.modelDay('a').count]).toEqual([2, 2])
  })
})

describe('what a phase of a canary has counted', () => {
  const phase = 'run/1'
  function counted(): RollupBook {
    const book = day()
    const inPhase = { model: 'b', phase }
    book.tried(key(5, inPhase), true, 61)
    book.compared(key(5, inPhase), 0.25, false)
    book.tried(key(6, { ...inPhase, source: 'probe' }), false, 81)
    book.tried(key(6, { ...inPhase, source: 'probe' }), true, 121)
    book.tried(key(6, { model: 'b', phase: 'run/2' }), true, 500)
    return book
  }

  it('has requests and probes apart, and the latencies of both', () => {
    const { live, probes, own } = counted().phase(phase)
    expect(live).toMatchObject({ tried: 1, errors: 0, compared: 1, matched: 0, deltaMax: 0.25, modelAbove60: 1 })
    expect(probes).toMatchObject({ tried: 2, errors: 1, modelAbove60: 2, modelAbove80: 2, modelAbove120: 1 })
    expect([own.count, own.quantileMs(1)]).toEqual([3, expect.closeTo(121, 0)])
    expect(counted().phase('run/3').own.count).toBe(0)
  })

  it('comes back with what was stored', () => {
    const again = new RollupBook('AAAUSDT')
    again.load(counted().takeDirty(), T + HOUR)
    const [{ live, probes, own }, before] = [again.phase(phase), counted().phase(phase)]
    expect([live, probes, own.count]).toEqual([before.live, before.probes, 3])
    expect([again.serviceDay().count, again.modelDay('b').count]).toEqual([3, 5])
    expect(again.latencies(T, T + HOUR).own.count).toBe(8)
  })
})

describe('the minutes that are kept', () => {
  const requests = (book: RollupBook, atMin: number) =>
    book.totals(T + atMin * MINUTE, T + (atMin + 1) * MINUTE, ['caller']).requests

  it('are those of 24 hours, and older ones while they are not written', () => {
    const book = day()
    book.answered(key(3 * 60), false, null)
    book.expire(T + DAY + 2 * MINUTE)
    expect([0, 1, 2].map((minute) => requests(book, minute))).toEqual([1, 1, 1])
    expect(book.takeDirty().map(({ tsMs }) => (tsMs - T) / MINUTE)).toContain(0)
    book.expire(T + DAY + 2 * MINUTE)
    expect([0, 1, 2, 180].map((minute) => requests(book, minute))).toEqual([0, 0, 1, 1])
  })

  it('have the newest among them, however old: callers are answered from its row', () => {
    const book = day()
    book.takeDirty()
    book.expire(T + 3 * DAY)
    expect([0, 1, 2].map((minute) => requests(book, minute))).toEqual([0, 0, 1])
  })

  it('seal their latencies once a newer one has come, and answer the same', () => {
    const book = day()
    const rows = book.takeDirty()
    expect(rows.filter(({ serviceHist }) => serviceHist !== null)).toHaveLength(6)
    book.answered(key(0), false, 50)
    book.answered(key(2), false, 60)
    expect(book.latencies(T, T + HOUR).service.count).toBe(5)
    expect(book.takeDirty().map(({ tsMs }) => (tsMs - T) / MINUTE)).toEqual(expect.arrayContaining([0, 2]))
  })

  it('tell by a number that grows that something was counted', () => {
    const book = new RollupBook('AAAUSDT')
    const seen = [book.changes]
    book.answered(key(0), false, 1)
    seen.push(book.changes)
    book.tried(key(0), true, 1)
    seen.push(book.changes)
    book.compared(key(0), 0, true)
    seen.push(book.changes)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(new Set(seen).size).toBe(4)
  })
})
