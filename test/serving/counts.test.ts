import { describe, expect, it } from 'vitest'
import type { Source } from '../../src/engine/shadow/source.ts'
import { triedBy } from '../../src/serving/record.ts'
import { RollupBook } from '../../src/serving/rollups.ts'
import { freshBenches, modelOf, ROW_MS } from '../kit/desk.ts'
import { HOUR, MINUTE, THREE_WEEKS_ON as T } from '../kit/moments.ts'

const bench = freshBenches()
const key = (atMin: number, model = 'a', source: Source = 'caller') => ({
  tsMs: T + atMin * MINUTE,
  model,
  source,
  phase: '',
})

/** A minute with a figure on each side of each bound. */
function counted(atMin = 0): RollupBook {
  const book = new RollupBook('AAAUSDT')
  for (const ms of [80, 80.1, 120, 120.1]) book.answered(key(atMin), false, ms)
  book.answered(key(atMin), true, null)
  for (const ms of [60, 60.1, 80, 80.1, 120, 120.1]) book.tried(key(atMin), true, ms)
  book.tried(key(atMin), false, null)
  book.compared(key(atMin), 0.25, true)
  book.compared(key(atMin), 0.5, false)
  book.compared(key(atMin), 0.125, true)
  return book
}

const COUNTED = {
  requests: 5,
  abstained: 1,
  timed: 4,
  above80: 3,
  above120: 1,
  tried: 7,
  errors: 1,
  modelTimed: 6,
  modelAbove60: 5,
  modelAbove80: 3,
  modelAbove120: 1,
  compared: 3,
  matched: 2,
  deltaSum: 0.875,
  deltaMax: 0.5,
}

describe('what is counted of a minute', () => {
  it('are slow beyond the bounds that the book was given', () => {
    const book = new RollupBook('AAAUSDT', { answers: [10, 20], shadow: 5, model: [30, 40] })
    for (const ms of [10, 10.1, 20, 20.1]) book.answered(key(0), false, ms)
    for (const ms of [5, 5.1, 30, 30.1, 40, 40.1]) book.tried(key(0), true, ms)
    expect(book.totals(T, T + MINUTE, ['caller'])).toMatchObject({
      above80: 3,
      above120: 1,
      modelAbove60: 5,
      modelAbove80: 3,
      modelAbove120: 1,
    })
  })

  it('is beyond a bound when it is above it, and timed when somebody measured', () => {
    expect(counted().totals(T, T + MINUTE, ['caller'])).toEqual(COUNTED)
  })

  it('is summed alike by the minute and by the whole hour, and again after more has come', () => {
    const book = counted(59)
    const hour = () => book.totals(T, T + HOUR, ['caller'])
    expect([hour(), hour(), book.totals(T + 59 * MINUTE, T + HOUR, ['caller'])]).toEqual([COUNTED, COUNTED, COUNTED])
    book.answered(key(0), false, 1)
    book.answered(key(60), false, 1)
    expect(hour().requests).toBe(6)
    expect(book.totals(T, T + HOUR + MINUTE, ['caller']).requests).toBe(7)
    expect(book.totals(T + MINUTE, T + HOUR, ['caller']).requests).toBe(5)
    expect(book.totals(T, T + HOUR, ['minute']).requests).toBe(0)
  })

  it('is told by who answered, for those who asked', () => {
    const book = counted()
    book.answered(key(1, 'b'), false, 1)
    book.answered(key(2, 'b', 'minute'), false, 1)
    book.tried(key(2, 'c'), true, 1)
    expect(book.answersBy(T, T + HOUR, ['caller'])).toEqual(
      new Map([
        ['a', 5],
        ['b', 1],
      ]),
    )
    expect(book.answersBy(T, T + HOUR, ['caller', 'minute']).get('b')).toBe(2)
  })
})

describe('who was asked for an answer', () => {
  it.each([
    ['baseline', null, 'v1'],
    ['fallback', null, null],
    ['fallback', 'missing', null],
    ['fallback', 'not_asked', null],
    ['fallback', 'throw', 'v2'],
  ] as const)('by the %s with the fault %s is %s', (servedBy, fault, tried) => {
    expect(triedBy({ servedBy, model: 'v1', fault }, 'v2')).toBe(tried)
  })
})

describe('the scores that settlement waits for', () => {
  it("are those of the room's own minutes, where there is one", async () => {
    const room = bench({ candidate: modelOf('v2', () => Number.NaN), former: modelOf('v0', () => 0.25) })
    await room.askWithShadow()
    expect(room.store.predictions.scoresAt('AAAUSDT', ROW_MS)).toEqual([])
    await room.askWithShadow({ source: 'minute' })
    const stored = room.store.predictions.scoresAt('AAAUSDT', ROW_MS)
    expect(new Map(stored.map(({ model, score }) => [model, score]))).toEqual(
      new Map([
        ['base', 0.5],
        ['v0', 0.25],
      ]),
    )
  })
})
