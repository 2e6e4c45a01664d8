import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Bar } from '../../../src/engine/market/bar.ts'
import type { RecordedRow } from '../../../src/feeds/recording.ts'
import { historyId, takeRow } from '../../../src/room/timeline/intake.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { barAt } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
const GAP_MIN = 5

let kit: DeskKit

/** Takes rows in, as moments that are long past know them unless told otherwise. */
function take(rows: readonly RecordedRow[], nowMs = START + 1_000 * MINUTE) {
  const { desk } = kit
  return desk.transaction(() => rows.map((row) => takeRow(desk, row, nowMs, GAP_MIN)))
}

const row = (bar: Bar, line = 0): RecordedRow => ({ line, bar })
const at = (minute: number, line = 0): RecordedRow => row(barAt(minute, 100), line)
const events = (): string[] =>
  kit.desks.store.journal
    .events(SYMBOL, 50)
    .map(({ severity, text }) => `${severity}: ${text}`)
    .toReversed()

describe('a row of a feed that fits', () => {
  beforeEach(() => {
    kit = aDesk(fresh())
    registerModel(kit.desk, 'baseline', 'v1', { sinceMs: START })
  })

  it('is stored as it was observed, with its features, and counted', () => {
    const { desk, desks } = kit
    expect(take([at(0, 7)])).toEqual([{ ok: true }])
    expect(desks.store.bars.observedBetween(SYMBOL, START, START + MINUTE)).toEqual([barAt(0, 100)])
    expect(desks.store.features.newest(SYMBOL)?.tsMs).toBe(START)
    expect(desk.tape.feed).toMatchObject({ bars: 1, line: 7 })
    expect(desk.drift.countsOf('v1')?.hour(START)?.n).toBe(1)
    expect(desks.store.feeds.dropped(SYMBOL)).toEqual([])
    desks.close()
  })

  it('leaves the line of a recording where it is when it comes from elsewhere', () => {
    take([at(0, 7), at(1)])
    expect(kit.desk.tape.feed).toMatchObject({ bars: 2, line: 7 })
    kit.desks.close()
  })

  it('may be of the minute that ends at this very moment', () => {
    expect(take([at(0)], START + MINUTE)).toEqual([{ ok: true }])
    kit.desks.close()
  })

  it('stores an hour of drift with the first bar of another', () => {
    const { desks } = kit
    const hours = () => desks.store.drift.hours(SYMBOL, 'v1', 0).map(({ hourMs, n }) => [hourMs - START, n])
    take([at(57), at(58), at(59)])
    expect(hours()).toEqual([])
    take([at(60), at(61)])
    expect(hours()).toEqual([[0, 3]])
    take([at(180)])
    expect(hours()).toEqual([
      [0, 3],
      [HOUR, 2],
    ])
    desks.close()
  })

  it('lets a minute be settled once the bar at its horizon has come', () => {
    const { desk, desks } = kit
    const { horizonMin } = desk.parts.limits.label
    take([at(0)])
    desk.settlement.scored(START, 'v1', 0.5)
    take([at(horizonMin)])
    desk.transaction(() => desk.settlement.settle(barAt(horizonMin, 101), desk.lineUp, START + HOUR))
    expect(desks.store.predictions.isSettled(SYMBOL, START)).toBe(true)
    desks.close()
  })

  it('tells a gap of more minutes than may be missing, from the first of them on, and none before the first bar', () => {
    take([100, 100 + GAP_MIN + 1, 113, 140].map((minute) => at(minute)))
    expect(events()).toEqual([
      'warning: gap: 6 minutes missing from 2025-05-05 01:47 UTC',
      'warning: gap: 26 minutes missing from 2025-05-05 01:54 UTC',
    ])
    kit.desks.close()
  })
})

describe('a row of a feed that does not fit', () => {
  beforeAll(() => {
    kit = aDesk(fresh())
    take([at(10, 1), at(11, 2), at(13, 3)])
  })
  afterAll(() => kit.desks.close())

  const KNOWN_MS = START + 14 * MINUTE
  const text = (bar: Bar): string => [bar.tsMs, bar.open, bar.high, bar.low, bar.close, bar.volume].join()
  const WRONG = barAt(14, -1)
  const NO_TIME = barAt(14, 1, { tsMs: Number.NaN, high: 2, low: 0.5 })

  it.each([
    ['the newest again', at(13, 4), 'duplicate', START + 13 * MINUTE, text(barAt(13, 100))],
    ['an older one again', at(10, 4), 'duplicate', START + 10 * MINUTE, text(barAt(10, 100))],
    ['of a minute that was left out', at(12, 4), 'late', START + 12 * MINUTE, text(barAt(12, 100))],
    ['of a minute that has not ended', at(14, 4), 'future', START + 14 * MINUTE, text(barAt(14, 100))],
    ['with a wrong price', row(WRONG, 4), 'price', START + 14 * MINUTE, text(WRONG)],
    ['without a time', row(NO_TIME, 4), 'unparsable', null, 'NaN,1,2,0.5,1,10'],
    ['no bar at all', { line: 4, fault: 'unparsable', text: 'half a line' }, 'unparsable', null, 'half a line'],
    ['an endless line', { line: 4, fault: 'unparsable', text: 'x'.repeat(500) }, 'unparsable', null, 'x'.repeat(120)],
    ['an empty line', { line: 4, fault: 'unparsable', text: '' }, 'unparsable', null, ''],
    ['no line of a recording', at(13), 'duplicate', START + 13 * MINUTE, text(barAt(13, 100))],
  ] as const)('is counted, named and dropped: %s', (_, given, fault, tsMs, named) => {
    const { desk, desks } = kit
    const stored = desks.store.bars.span(SYMBOL)
    const { bars, badRows, duplicates, late, future } = desk.tape.feed
    expect(take([given], KNOWN_MS + MINUTE - 1)).toEqual([{ ok: false, fault }])
    const dropped = desks.store.feeds.dropped(SYMBOL).at(-1)
    expect(dropped).toMatchObject({ tsMs, line: given.line === 0 ? null : 4, fault, text: named })
    expect(desk.tape.feed).toMatchObject({
      bars,
      badRows: badRows + (['unparsable', 'price'].includes(fault) ? 1 : 0),
      duplicates: duplicates + (fault === 'duplicate' ? 1 : 0),
      late: late + (fault === 'late' ? 1 : 0),
      future: future + (fault === 'future' ? 1 : 0),
    })
    expect([desks.store.bars.span(SYMBOL), desk.tape.newestBar?.tsMs]).toEqual([stored, START + 13 * MINUTE])
  })
})

describe('a prediction of history', () => {
  it('has an id that is the same in every run and sorts by its minute', () => {
    const ids = [START, START + MINUTE, START + HOUR].map(historyId)
    expect(ids.every((id) => id.endsWith('-h'))).toBe(true)
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(3)
  })
})
