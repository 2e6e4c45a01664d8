import { describe, expect, it } from 'vitest'
import type { BarFault } from '../../../src/engine/market/bar.ts'
import type { Store } from '../../../src/db/store.ts'
import { Tape } from '../../../src/room/desk/tape.ts'
import { barAt, bitsOf, walk } from '../../kit/bars.ts'
import { rowOf } from '../../kit/desk.ts'
import { eachSymbol } from '../../kit/each-symbol.ts'
import { MINUTE, START } from '../../kit/moments.ts'

let store: Store
let symbol: string
let tape: Tape

eachSymbol((database, named) => {
  store = database
  symbol = named
  tape = new Tape(symbol, store, 'real')
})

const minutes = (n: number) => Array.from({ length: n }, (_, i) => i)

/** Takes bars in and stores them, as a moment does; the clock is left where it is. */
function takeIn(bars: ReturnType<typeof walk>): void {
  store.db.transaction(() => {
    for (const bar of bars) {
      store.bars.insert(symbol, bar, 0, false)
      store.features.insert(symbol, tape.accept(bar), 0)
      for (const frame of tape.closedFrames) store.frames.insert(symbol, frame, 0)
    }
    tape.persist()
  })
}

/** What the next process has of it. */
function restored(): Tape {
  const next = new Tape(symbol, store, 'replay')
  next.restore()
  return next
}

describe('the market clock of a tape', () => {
  it('stands at nothing until it is started with the minute of a first bar, once', () => {
    expect([tape.momentMs, tape.feed.clockMs]).toEqual([0, 0])
    tape.startClock(START + MINUTE + 17)
    tape.startClock(START + 5 * MINUTE)
    expect(tape.feed.clockMs).toBe(START + MINUTE)
  })

  it('follows a moment when that is finished, and not when it is entered', () => {
    tape.enterMoment(START)
    expect([tape.momentMs, tape.feed.clockMs]).toEqual([START, 0])
    tape.finishMoment(START)
    expect(tape.feed.clockMs).toBe(START)
  })

  it('comes back with the moment that it stood at', () => {
    tape.finishMoment(START + MINUTE)
    store.db.transaction(() => tape.persist())
    const { momentMs, feed } = restored()
    expect([momentMs, feed.clockMs, feed.clockKind]).toEqual([START + MINUTE, START + MINUTE, 'real'])
  })
})

describe('the recording that a tape reads', () => {
  it('is read on from its line, and another one from its beginning', () => {
    tape.readFrom('a.csv', 'hash a')
    tape.readLine(7)
    expect(tape.feed).toMatchObject({ path: 'a.csv', sha256: 'hash a', line: 7 })
    tape.readFrom('b.csv', 'hash b')
    expect(tape.feed).toMatchObject({ path: 'b.csv', sha256: 'hash b', line: 0 })
  })
})

describe('a bar', () => {
  it('that is taken in is the newest, arrives with its moment, and waits for the log', () => {
    const bars = walk(minutes(2), 3)
    const rows = bars.map((bar) => tape.accept(bar))
    expect([tape.newestBar, tape.latest, tape.feed.bars]).toEqual([bars[1], rows[1], 2])
    expect(tape.arrived).toEqual(bars.map((bar, i) => ({ bar, row: rows[i], scored: false })))
    expect(tape.unlogged).toEqual(rows)
    tape.clearArrived()
    expect([tape.arrived, tape.unlogged.length]).toEqual([[], 2])
    tape.logged()
    expect(tape.unlogged).toEqual([])
  })

  it.each<[BarFault, object]>([
    ['duplicate', { duplicates: 1 }],
    ['late', { late: 1 }],
    ['future', { future: 1 }],
    ...(['unparsable', 'off_minute', 'price', 'high_below_low', 'negative_volume'] as const).map(
      (fault): [BarFault, object] => [fault, { badRows: 1 }],
    ),
  ])('that is dropped is counted as what it is: %s', (fault, counted) => {
    tape.countDropped(fault)
    const { badRows, duplicates, late, future, bars } = tape.feed
    expect({ badRows, duplicates, late, future, bars }).toEqual({
      badRows: 0,
      duplicates: 0,
      late: 0,
      future: 0,
      bars: 0,
      ...counted,
    })
  })
})

describe('rows that wait for a log which cannot be written', () => {
  it('are the newest ten thousand at most', () => {
    const rows = Array.from({ length: 10_002 }, (_, i) => rowOf([], START + i * MINUTE))
    tape.logAgain(rows.slice(0, 10_000))
    tape.boundUnlogged()
    expect(tape.unlogged).toHaveLength(10_000)
    tape.logAgain(rows)
    tape.boundUnlogged()
    expect(tape.unlogged).toEqual(rows.slice(2))
  })
})

describe('a tape that is taken back to the database', () => {
  it('goes on with the same rows, to the last bit', () => {
    const bars = walk(minutes(90), 5)
    takeIn(bars.slice(0, 60))
    const next = restored()
    expect([next.newestBar, next.feed.bars]).toEqual([bars[59], 60])
    const after = bars.slice(60)
    expect(bitsOf(after.map((bar) => next.accept(bar)))).toEqual(bitsOf(after.map((bar) => tape.accept(bar))))
  })

  it('keeps what is stored for the log, and forgets what is not', () => {
    takeIn(walk(minutes(2), 3))
    tape.accept(barAt(2, 100))
    tape.restore()
    expect(tape.unlogged.map((row) => row.tsMs)).toEqual([START, START + MINUTE])
    expect(tape.feed.bars).toBe(2)
  })

  it('of a symbol without bars has none, nor anything for the log', () => {
    tape.accept(barAt(0, 100))
    tape.restore()
    expect([tape.newestBar, tape.latest, tape.arrived, tape.unlogged, tape.feed.bars]).toEqual([null, null, [], [], 0])
    store.db.transaction(() => tape.persist())
    expect(store.features.state(symbol)).toBeNull()
  })

  it('goes through the bar of a moment that was not finished once more, and through no other', () => {
    const bars = walk(minutes(2), 3)
    takeIn(bars)
    tape.finishMoment(START + 2 * MINUTE - 1)
    store.db.transaction(() => tape.persist())
    expect(restored().arrived).toMatchObject([{ bar: bars[1], scored: false }])
    tape.finishMoment(START + 2 * MINUTE)
    store.db.transaction(() => tape.persist())
    expect(restored().arrived).toEqual([])
  })

  it.each([
    ['minute', 1, true],
    ['history', 1, true],
    ['caller', 1, false],
    ['minute', 2, false],
  ] as const)(
    'knows that such a bar was scored by what the room said of it: %s of minute %i',
    (source, minute, scored) => {
      takeIn(walk(minutes(2), 3))
      const tsMs = START + minute * MINUTE
      store.db.transaction(() =>
        store.predictions.insert({
          symbol,
          id: `${tsMs.toString(36).padStart(9, '0')}-1`,
          tsMs,
          wallMs: 0,
          source,
          key: null,
          score: 0.5,
          decision: 'none',
          model: 'v1',
          servedBy: 'baseline',
          reason: '',
          latencyMs: null,
          modelMs: null,
          fault: null,
          phase: '',
        }),
      )
      expect(restored().arrived.map((arrival) => arrival.scored)).toEqual([scored])
    },
  )
})
