import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PushedValues } from '../../../src/control/own-commands.ts'
import type { OwnColumn } from '../../../src/engine/features/own-column.ts'
import { columnOf } from '../../../src/engine/features/row.ts'
import type { Bar } from '../../../src/engine/market/bar.ts'
import { declareColumns, declareSet } from '../../../src/room/desk/declarations.ts'
import type { Desk } from '../../../src/room/desk/desk.ts'
import { takeValues } from '../../../src/room/drivers/own-values.ts'
import { takeRow } from '../../../src/room/timeline/intake.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
const COLUMNS: readonly OwnColumn[] = [
  { name: 'funding_rate', maxAgeMs: 30 * MINUTE, unit: '1', about: 'of the perpetual' },
  { name: 'basis_bp', maxAgeMs: 5 * MINUTE, unit: 'bp', about: '' },
]
const NAMES = COLUMNS.map(({ name }) => name)

/** Values at odd times over two hours. */
const pushes = fc.uniqueArray(
  fc.record({
    tsMs: fc.integer({ min: -20, max: 720 }).map((at) => START + at * 10_000),
    values: fc.record({
      funding_rate: fc.option(fc.integer({ min: 1, max: 99 })),
      basis_bp: fc.option(fc.integer({ min: 1, max: 99 })),
    }),
  }),
  { selector: ({ tsMs }) => tsMs, maxLength: 60 },
)

/** Bars between which nothing comes, in one transaction, as history takes them in. */
function takeIn(desk: Desk, ...bars: readonly Bar[]): void {
  desk.transaction(() => {
    for (const bar of bars) takeRow(desk, { line: 0, bar }, bar.tsMs + MINUTE, 1_000)
    desk.persist()
  })
}

function opened(dir = fresh()): DeskKit {
  const kit = aDesk(dir)
  declareColumns(kit.desk, COLUMNS)
  return kit
}

/** From its definition: the newest value at or before the minute's end, unless it is too old. */
function expected(known: readonly PushedValues[], { name, maxAgeMs }: OwnColumn, minuteMs: number): number {
  const endMs = minuteMs + MINUTE
  const there = known
    .filter(({ tsMs, values }) => tsMs <= endMs && (values[name] ?? null) !== null)
    .toSorted((a, b) => b.tsMs - a.tsMs)
    .at(0)
  return there === undefined || endMs - there.tsMs > maxAgeMs ? Number.NaN : (there.values[name] ?? Number.NaN)
}

function stored(desk: Desk, name: string): number[] {
  const { store } = desk.parts
  return [...store.features.each(SYMBOL, 0, Number.MAX_SAFE_INTEGER)].map(
    ({ values }) => values[desk.catalogue.place(name)] ?? Number.NaN,
  )
}

describe('values of a user', () => {
  it('join the rows as they were known at each minute, in whatever order they arrive, when none comes late', () => {
    const bars = walk(
      Array.from({ length: 121 }, (_, i) => i).filter((i) => i % 17 !== 5),
      3,
    )
    fc.assert(
      fc.property(pushes, fc.nat(1e6), (known, seed) => {
        const { desk, desks } = opened()
        // Each is pushed at some moment before the end of its minute, with others that are already due or not.
        const left = known.toSorted((a, b) => ((a.tsMs * 31 + seed) % 1_009) - ((b.tsMs * 31 + seed) % 1_009))
        for (const bar of bars) {
          const now = left.filter(({ tsMs }) => tsMs <= bar.tsMs + MINUTE || (tsMs + seed) % 3 === 0)
          const answer = takeValues(desk, now)
          expect(answer.late).toBe(0)
          for (const one of now) left.splice(left.indexOf(one), 1)
          takeIn(desk, bar)
        }
        for (const column of COLUMNS)
          expect(stored(desk, column.name), column.name).toEqual(bars.map(({ tsMs }) => expected(known, column, tsMs)))
        desks.close()
      }),
      { numRuns: 25 },
    )
  })

  it('that come late leave rows as they were scored, count as late, and serve those who look back', () => {
    fc.assert(
      fc.property(pushes, fc.nat(120), (known, at) => {
        const { desk, desks } = opened()
        const bars = walk(
          Array.from({ length: 121 }, (_, i) => i),
          5,
        )
        takeIn(desk, ...bars.slice(0, at))
        const before = NAMES.map((name) => stored(desk, name))
        const answer = takeValues(desk, known)
        const endMs = at === 0 ? Number.NEGATIVE_INFINITY : START + at * MINUTE
        const count = (of: readonly PushedValues[]): number =>
          of.reduce((sum, { values }) => sum + Object.values(values).filter((value) => value !== null).length, 0)
        expect(answer).toMatchObject({ added: count(known), late: count(known.filter(({ tsMs }) => tsMs <= endMs)) })
        expect(NAMES.map((name) => stored(desk, name))).toEqual(before)
        for (const bar of bars.slice(at)) takeIn(desk, bar)
        // From the push on rows have what was known, also what came late; the earlier ones are filled for who looks back.
        const table = desk.parts.store.features.table(SYMBOL, 0, Number.MAX_SAFE_INTEGER, NAMES)
        for (const column of COLUMNS) {
          const whole = bars.map(({ tsMs }) => expected(known, column, tsMs))
          expect([...columnOf(table, column.name)], column.name).toEqual(whole)
          expect(stored(desk, column.name).slice(at), column.name).toEqual(whole.slice(at))
        }
        desks.close()
      }),
      { numRuns: 25 },
    )
  })

  it('are the same after a restart, and after a transaction that was undone', () => {
    const dir = fresh()
    const bars = walk(
      Array.from({ length: 60 }, (_, i) => i),
      8,
    )
    const known = Array.from({ length: 30 }, (_, i) => ({
      tsMs: START + i * 100_000,
      values: { funding_rate: i % 4 === 0 ? i : null, basis_bp: i },
    }))
    const first = opened(dir)
    takeValues(first.desk, known)
    for (const bar of bars.slice(0, 20)) takeIn(first.desk, bar)
    first.desks.close()
    const second = aDesk(dir)
    expect(second.desk.catalogue.own).toEqual(COLUMNS)
    expect(() =>
      second.desk.transaction(() => {
        takeRow(second.desk, { line: 0, bar: bars[20] ?? bars[0]! }, START + 21 * MINUTE, 1_000)
        throw new Error('undone')
      }),
    ).toThrow('undone')
    for (const bar of bars.slice(20)) takeIn(second.desk, bar)
    for (const column of COLUMNS)
      expect(stored(second.desk, column.name)).toEqual(bars.map(({ tsMs }) => expected(known, column, tsMs)))
    second.desks.close()
  })

  it('stay as they came first: the same again changes nothing, another one is named', () => {
    const { desk, desks } = opened()
    const row = { tsMs: START, values: { funding_rate: 1, basis_bp: null } }
    expect(takeValues(desk, [row])).toMatchObject({ added: 1, known: 0, different: 0 })
    expect(takeValues(desk, [row])).toMatchObject({ added: 0, known: 1, different: 0 })
    expect(takeValues(desk, [{ tsMs: START, values: { funding_rate: 2, basis_bp: 7 } }])).toMatchObject({
      added: 1,
      known: 0,
      different: 1,
      different_named: [{ ts_ms: START, name: 'funding_rate' }],
    })
    takeIn(desk, walk([0], 1)[0]!)
    expect([stored(desk, 'funding_rate'), stored(desk, 'basis_bp')]).toEqual([[1], [7]])
    desks.close()
  })

  it.each([
    ['a column that onay works out', { mid: 1 }, START, /column mid cannot be brought in.*works it out itself/s],
    ['a time in seconds', {}, START / 1_000, /is of 1970-.*in milliseconds since 1970, not in seconds/s],
    ['a column that nobody has declared', { nobody: 1 }, START, /has no column nobody.*onay features add/s],
    ['a time in the future', { basis_bp: 1 }, Date.parse('2026-01-02T03:06:00Z'), /future/],
  ] as const)('are refused as a whole with %s', (_, values, tsMs, said) => {
    const { desk, desks } = opened()
    const sound = { tsMs: START, values: { basis_bp: 1 } }
    expect(() => takeValues(desk, [sound, { tsMs, values: { ...values } }])).toThrow(said)
    expect(desk.parts.store.own.extent(SYMBOL).moments).toBe(0)
    desks.close()
  })
})

describe('columns of a user', () => {
  it('are in every row from then on, and missing in those before', () => {
    const { desk, desks } = aDesk(fresh())
    const bars = walk([0, 1, 2, 3], 2)
    for (const bar of bars.slice(0, 2)) takeIn(desk, bar)
    declareColumns(desk, COLUMNS)
    takeValues(desk, [{ tsMs: START + 3 * MINUTE, values: { basis_bp: 4 } }])
    for (const bar of bars.slice(2)) takeIn(desk, bar)
    expect(stored(desk, 'basis_bp')).toEqual([Number.NaN, Number.NaN, 4, 4])
    expect(desk.parts.store.features.missing(SYMBOL, 0, Number.MAX_SAFE_INTEGER)).toMatchObject({
      rows: 4,
      missing: { mid: 0, basis_bp: 2, funding_rate: 4 },
    })
    expect(declareColumns(desk, COLUMNS)).toMatchObject({ declared: [], known: NAMES, columns: 2 })
    desks.close()
  })

  it.each([
    ['mid', 60, /onay works out a column of that name itself/],
    ['rsi14_z@15m', 60, /onay works out a column of that name itself/],
    ['Funding', 60, /a name begins with a letter/],
    ['1st', 60, /a name begins with a letter/],
    ['basis_bp', 120, /declared already/],
    ['fresh', 1, /at least 60/],
  ] as const)('are refused, and the others with them: %s for at most %i s', (name, seconds, said) => {
    const { desk, desks } = opened()
    const sound = { name: 'sound', maxAgeMs: MINUTE, unit: '1', about: '' }
    expect(() => declareColumns(desk, [sound, { ...sound, name, maxAgeMs: seconds * 1_000 }])).toThrow(said)
    expect(desk.catalogue.own).toHaveLength(2)
    desks.close()
  })

  it('are 256 at most', () => {
    const { desk, desks } = aDesk(fresh())
    const many = Array.from({ length: 257 }, (_, i) => ({ name: `c${i}`, maxAgeMs: MINUTE, unit: '1', about: '' }))
    expect(() => declareColumns(desk, many)).toThrow('at most 256')
    expect(declareColumns(desk, many.slice(0, 256)).columns).toBe(256)
    desks.close()
  })
})

describe('a feature set of a user', () => {
  it('is kept under its name, and refused with a column that is not there or a name that is taken', () => {
    const dir = fresh()
    const { desk, desks } = opened(dir)
    const set = { name: 'mine', model: ['basis_bp', 'rsi14_z@15m'], drift: ['basis_bp'] }
    declareSet(desk, set)
    declareSet(desk, set)
    expect(() => declareSet(desk, { ...set, model: ['mid'] })).toThrow('there is a feature set mine already')
    expect(() => declareSet(desk, { ...set, name: 'other', drift: ['nobody'] })).toThrow('no column nobody')
    expect(() => declareSet(desk, { ...set, name: 'v1.9' })).toThrow('there is a feature set v1.9 already')
    desks.close()
    const again = aDesk(dir)
    expect(again.desk.catalogue.set('mine')).toEqual(set)
    again.desks.close()
  })
})
