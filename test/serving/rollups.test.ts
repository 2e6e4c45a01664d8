import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../src/db/latency-histogram.ts'
import { SOURCES, type Source, TIMED_SOURCES } from '../../src/engine/shadow/source.ts'
import { RollupBook } from '../../src/serving/rollups.ts'
import { addTotals, noTotals, type Totals } from '../../src/serving/totals.ts'
import { shape } from '../kit/desk.ts'
import { DAY, MINUTE, THREE_WEEKS_ON as T } from '../kit/moments.ts'

const MODELS = ['a', 'b']
const BOUND_MS = [0, 0.001, 59.9, 60, 60.1, 80, 80.1, 120, 120.1, 500]

interface Happened {
  readonly tsMs: number
  readonly model: string
  readonly source: Source
  readonly what:
    | { readonly kind: 'answered'; readonly abstained: boolean; readonly latencyMs: number | null }
    | { readonly kind: 'tried'; readonly ok: boolean; readonly modelMs: number | null }
    | { readonly kind: 'compared'; readonly delta: number; readonly matched: boolean }
}

const latency = fc.option(fc.oneof(fc.constantFrom(...BOUND_MS), fc.double({ min: 0.001, max: 5_000, noNaN: true })))
const what: fc.Arbitrary<Happened['what']> = fc.oneof(
  fc.record({ kind: fc.constant('answered' as const), abstained: fc.boolean(), latencyMs: latency }),
  fc.record({ kind: fc.constant('tried' as const), ok: fc.boolean(), modelMs: latency }),
  fc.record({ kind: fc.constant('compared' as const), delta: fc.constantFrom(0, 0.25, 0.5), matched: fc.boolean() }),
)
/** Minutes of the first to the third hour dense, then thin over the day: both whole hours and single minutes are summed. */
const minute = fc.oneof(fc.integer({ min: 0, max: 180 }), fc.integer({ min: 0, max: 1_439 }))
const event = fc.tuple(minute, fc.constantFrom(...MODELS), fc.constantFrom(...SOURCES), what)
const day: fc.Arbitrary<Happened[]> = fc
  .array(event, { maxLength: 120 })
  .map((all) => all.map(([at, model, source, one]) => ({ tsMs: T + at * MINUTE, model, source, what: one })))
  .map((all) => all.sort((a, b) => a.tsMs - b.tsMs))

function tell(book: RollupBook, { what, ...key }: Happened): void {
  const full = { ...key, phase: '' }
  if (what.kind === 'answered') book.answered(full, what.abstained, what.latencyMs)
  else if (what.kind === 'tried') book.tried(full, what.ok, what.modelMs)
  else book.compared(full, what.delta, what.matched)
}

function bookOf(events: readonly Happened[]): RollupBook {
  const book = new RollupBook('AAAUSDT')
  for (const one of events) tell(book, one)
  return book
}

/** The same counted one by one, from nothing but the events. */
function recount(events: readonly Happened[]): Totals {
  const sum = noTotals()
  for (const { what: one } of events) {
    const own = noTotals()
    if (one.kind === 'answered') {
      own.requests = 1
      own.abstained = one.abstained ? 1 : 0
      own.timed = one.latencyMs === null ? 0 : 1
      own.above80 = (one.latencyMs ?? 0) > 80 ? 1 : 0
      own.above120 = (one.latencyMs ?? 0) > 120 ? 1 : 0
    } else if (one.kind === 'tried') {
      own.tried = 1
      own.errors = one.ok ? 0 : 1
      own.modelTimed = one.modelMs === null ? 0 : 1
      own.modelAbove60 = (one.modelMs ?? 0) > 60 ? 1 : 0
      own.modelAbove80 = (one.modelMs ?? 0) > 80 ? 1 : 0
      own.modelAbove120 = (one.modelMs ?? 0) > 120 ? 1 : 0
    } else {
      Object.assign(own, { compared: 1, matched: one.matched ? 1 : 0, deltaSum: one.delta, deltaMax: one.delta })
    }
    addTotals(sum, own)
  }
  return sum
}

function inSpan(
  events: readonly Happened[],
  from: number,
  until: number,
  sources: readonly Source[],
  model?: string,
): Happened[] {
  return events.filter(
    (one) =>
      one.tsMs >= from &&
      one.tsMs < until &&
      sources.includes(one.source) &&
      (model === undefined || one.model === model),
  )
}

function dayShape(events: readonly Happened[], kind: 'answered' | 'tried', model?: string): readonly (number | null)[] {
  const histogram = LatencyHistogram.empty()
  for (const { what: one, source, model: by } of events) {
    if (one.kind !== kind || !TIMED_SOURCES.includes(source) || (model !== undefined && by !== model)) continue
    const ms = one.kind === 'answered' ? one.latencyMs : one.modelMs
    if (ms !== null) histogram.record(ms)
  }
  return shape(histogram)
}

describe('roll-ups', () => {
  const span = fc.tuple(
    fc.integer({ min: -90, max: 1_500 }),
    fc.integer({ min: 0, max: 1_600 }),
    fc.integer({ min: 0, max: MINUTE - 1 }),
  )

  it('over any window equal a recount of what happened, also while more happens', () => {
    const asked = fc.tuple(span, fc.subarray([...SOURCES]), fc.option(fc.constantFrom(...MODELS), { nil: undefined }))
    fc.assert(
      fc.property(day, fc.array(asked, { minLength: 1, maxLength: 8 }), (events, windows) => {
        const book = new RollupBook('AAAUSDT')
        const half = Math.floor(events.length / 2)
        for (const [told, known] of [
          [events.slice(0, half), events.slice(0, half)],
          [events.slice(half), events],
        ] as const) {
          for (const one of told) tell(book, one)
          for (const [[fromMin, minutes, off], sources, model] of windows) {
            const from = T + fromMin * MINUTE + off
            const until = from + minutes * MINUTE
            expect(book.totals(from, until, sources, model)).toEqual(
              recount(inSpan(known, from, until, sources, model)),
            )
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('tell who answered, by model', () => {
    fc.assert(
      fc.property(day, (events) => {
        const by = bookOf(events).answersBy(T, T + DAY, TIMED_SOURCES)
        for (const model of MODELS) {
          expect(by.get(model) ?? 0).toBe(recount(inSpan(events, T, T + DAY, TIMED_SOURCES, model)).requests)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('forget what is older than 24 hours: the histogram of the day is one built from what is left', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 1_440 }), (events, minutes) => {
        const book = bookOf(events)
        book.takeDirty()
        const now = T + DAY + minutes * MINUTE
        book.expire(now)
        const left = events.filter((one) => one.tsMs >= now - DAY)
        expect(shape(book.serviceDay())).toEqual(dayShape(left, 'answered'))
        for (const model of MODELS) expect(shape(book.modelDay(model))).toEqual(dayShape(left, 'tried', model))
        expect(book.totals(now - DAY, now, SOURCES)).toEqual(recount(left))
        // The day as a report asks for it: there where it is exactly those hours, and otherwise not.
        expect(book.serviceOver(now - DAY, now)).toBe(book.serviceDay())
        expect(book.serviceOver(now - DAY - MINUTE, now - MINUTE)).toBeNull()
        const later = left.filter((one) => one.tsMs >= now - DAY + 5 * MINUTE)
        expect(shape(book.serviceOver(now - DAY + 5 * MINUTE, now) ?? LatencyHistogram.empty())).toEqual(
          dayShape(later, 'answered'),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('come back from the database with equal totals and equal histograms, up to the minutes that are counted anew', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 1_440 }), span, (events, cut, [fromMin, minutes]) => {
        const written = new Map<string, ReturnType<RollupBook['takeDirty']>[number]>()
        const book = new RollupBook('AAAUSDT')
        for (const [i, one] of events.entries()) {
          tell(book, one)
          if (i % 7 !== 0 && i !== events.length - 1) continue
          for (const row of book.takeDirty()) written.set(`${row.tsMs}/${row.model}/${row.source}`, row)
        }
        const rows = [...written.values()].sort((a, b) => a.tsMs - b.tsMs)
        const again = new RollupBook('AAAUSDT')
        const anewMs = T + cut * MINUTE
        again.load(rows, anewMs)
        const kept = events.filter((one) => one.tsMs < anewMs)
        const from = T + fromMin * MINUTE
        const until = from + minutes * MINUTE
        expect(again.totals(from, until, SOURCES)).toEqual(recount(inSpan(kept, from, until, SOURCES)))
        expect(shape(again.serviceDay())).toEqual(dayShape(kept, 'answered'))
        for (const one of events.slice(kept.length)) tell(again, one)
        expect(again.totals(from, until, SOURCES)).toEqual(recount(inSpan(events, from, until, SOURCES)))
        again.expire(T + DAY + 60 * MINUTE)
        expect(shape(again.serviceDay())).toEqual(
          dayShape(
            events.filter((one) => one.tsMs >= T + 60 * MINUTE),
            'answered',
          ),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('give each minute once to be written, and again only when it has changed', () => {
    const book = new RollupBook('AAAUSDT')
    const key = { tsMs: T, model: 'a', source: 'caller' as const, phase: '' }
    book.answered(key, false, 1)
    expect(book.takeDirty()).toMatchObject([{ symbol: 'AAAUSDT', tsMs: T, requests: 1, timed: 1 }])
    expect(book.takeDirty()).toEqual([])
    book.answered(key, true, 2)
    expect(book.takeDirty()).toMatchObject([{ requests: 2, abstained: 1, timed: 2 }])
  })

  it('stay right when answers go on upon a row that is older than 24 hours', () => {
    const book = new RollupBook('AAAUSDT')
    const key = { tsMs: T, model: 'a', source: 'caller' as const, phase: '' }
    for (let i = 0; i < 10; i++) book.answered(key, false, 5)
    book.takeDirty()
    book.expire(T + DAY + MINUTE)
    book.answered(key, false, 5)
    expect(book.takeDirty()).toMatchObject([{ requests: 11 }])
    book.expire(T + DAY + 2 * MINUTE)
    expect(book.serviceDay().count).toBe(0)
  })
})
