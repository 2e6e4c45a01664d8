import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/db/store.ts'
import type { Bar } from '../../../src/engine/market/bar.ts'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import type { LabelSpec } from '../../../src/engine/models/contract.ts'
import { heuristicModel, heuristicScore } from '../../../src/engine/models/heuristic.ts'
import { rowLogLoss } from '../../../src/engine/stats/calibration.ts'
import { Settlement } from '../../../src/room/desk/settlement.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { barAt } from '../../kit/bars.ts'
import { loaded, modelOf } from '../../kit/desk.ts'
import { eachSymbol } from '../../kit/each-symbol.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'

const SPEC: LabelSpec = { kind: 'move', horizonMin: 5, thresholdBp: 6 }
const FALLBACK = heuristicModel(SPEC, builtInCatalogue)
const VARIANCE = builtInCatalogue.place('ewma_var_1m')
let store: Store
let symbol: string
let book: Settlement

eachSymbol((database, named) => {
  store = database
  symbol = named
  book = anew()
})

const anew = () => new Settlement(symbol, store, SPEC, FALLBACK)
const at = (minute: number) => START + minute * MINUTE

function lineUp(cast: { candidate?: boolean; baseline?: boolean; since?: number } = {}): LineUp {
  const { candidate = true, baseline = true, since = 0 } = cast
  const of = (version: string) => loaded(modelOf(version, () => 0.5))
  return new LineUp({
    inCharge: baseline ? of('v1') : null,
    candidate: candidate ? { ...of('v2'), sinceMs: at(since) } : null,
  })
}

const SAID = { v1: 0.9, v2: 0.6, fallback: 0.5 }

function score(minute: number, said: Readonly<Record<string, number>> = SAID): void {
  for (const [model, value] of Object.entries(said)) book.scored(at(minute), model, value)
}

function settle(minute: number, close: number, line = lineUp()): void {
  const bar = barAt(minute, close)
  book.sawBar(bar)
  store.db.transaction(() => book.settle(bar, line, bar.tsMs + MINUTE))
}

/** The pair of losses of a minute on which that happened. */
function lossOf(label: 0 | 1, said = SAID) {
  const of = (value: number) => [rowLogLoss(label, value)]
  return { candidate: of(said.v2), baseline: of(said.v1), fallback: of(said.fallback) }
}

function losses() {
  const { candidate, baseline, fallback } = book.losses()
  return { candidate: [...candidate], baseline: [...baseline], fallback: [...fallback] }
}

const outcomes = () =>
  store.db.raw.prepare('SELECT ts_ms, label, settled_ms FROM outcomes WHERE symbol = ? ORDER BY ts_ms').all(symbol)

describe('a minute that was scored', () => {
  it.each([
    ['has moved', 101, 1],
    ['has not', 100, 0],
  ] as const)('is settled by the bar at the end of its horizon: the market %s', (_, close, label) => {
    score(0)
    for (const minute of [0, 1, 2, 3, 4]) settle(minute, 100)
    expect([outcomes(), book.pairs]).toEqual([[], 0])
    settle(5, close)
    expect(outcomes()).toEqual([{ ts_ms: at(0), label, settled_ms: at(6) }])
    expect([losses(), book.pairs, book.newest()]).toEqual([lossOf(label), 1, null])
  })

  it('keeps what each model said of it first', () => {
    score(0)
    score(0, { v1: 0.1, v2: 0.1 })
    settle(0, 100)
    settle(5, 100)
    expect(losses()).toEqual(lossOf(0))
  })

  it('is settled once, and not where its own bar or its score is missing', () => {
    settle(0, 100)
    settle(5, 101)
    score(1)
    settle(6, 101)
    score(5)
    settle(10, 100)
    settle(10, 105)
    expect(outcomes()).toEqual([{ ts_ms: at(5), label: 1, settled_ms: at(11) }])
    expect(book.pairs).toBe(1)
  })

  it.each([
    ['without a candidate', { candidate: false }, 0],
    ['without a model in charge', { baseline: false }, 0],
    ['before the candidate came', { since: 1 }, 0],
    ['in the minute in which the candidate came', { since: 0 }, 1],
  ])('is settled and paired or not: %s', (_, cast, pairs) => {
    score(0)
    settle(0, 100)
    settle(5, 101, lineUp(cast))
    expect([outcomes().length, book.pairs]).toEqual([1, pairs])
  })

  it.each(['v1', 'v2', 'fallback'])('is not paired where %s has said nothing of it', (silent) => {
    score(0, Object.fromEntries(Object.entries(SAID).filter(([model]) => model !== silent)))
    settle(0, 100)
    settle(5, 101)
    expect(book.pairs).toBe(0)
  })

  it('is not paired where the fallback could not say anything', () => {
    score(0, { ...SAID, fallback: Number.NaN })
    settle(0, 100)
    settle(5, 101)
    expect(book.pairs).toBe(0)
  })

  it('is the newest until a newer one is, and is forgotten once its horizon has passed by', () => {
    score(0)
    score(1, { v1: 0.2 })
    expect(book.newest()).toEqual({ tsMs: at(1), scores: new Map([['v1', 0.2]]) })
    book.sawBar(barAt(7, 100))
    expect(book.newest()?.tsMs).toBe(at(1))
    book.sawBar(barAt(8, 100))
    expect(book.newest()).toBeNull()
  })
})

describe('settlement after a restart', () => {
  /** What the database has of these minutes: a bar, a row, the scores of both models. */
  function stored(minutes: readonly number[], settled: readonly number[] = []): void {
    const bars: Bar[] = minutes.map((minute) => barAt(minute, 100))
    store.db.transaction(() => {
      for (const bar of bars) {
        const values = Float64Array.from(builtInCatalogue.names, () => Number.NaN)
        if (bar.tsMs !== at(3)) values[VARIANCE] = 1e-7
        store.bars.insert(symbol, bar, 0, false)
        store.features.insert(symbol, { tsMs: bar.tsMs, values }, 0)
        store.predictions.score(symbol, bar.tsMs, 'v1', 0.9)
        store.predictions.score(symbol, bar.tsMs, 'v2', 0.6)
      }
      for (const minute of settled) store.predictions.settle(symbol, at(minute), 1, at(minute + 6))
    })
  }

  const FALLBACK_SAID = heuristicScore(1e-7, SPEC)
  const all = (n: number) => Array.from({ length: n }, (_, i) => i)

  it('has the minutes open that are not settled, each with what was said of it, the fallback included', () => {
    stored(all(10), [0, 1, 2, 3, 4])
    book.reload(lineUp(), at(9))
    const said = { v1: 0.9, v2: 0.6, fallback: FALLBACK_SAID }
    expect(book.newest()).toEqual({ tsMs: at(9), scores: new Map(Object.entries(said)) })
    settle(10, 101)
    expect(outcomes()).toHaveLength(6)
    expect(losses().fallback.at(-1)).toBe(rowLogLoss(1, FALLBACK_SAID))
  })

  it('settles no minute a second time', () => {
    stored(all(10), [4, 5])
    book.reload(lineUp(), at(9))
    settle(8, 101)
    const before = outcomes()
    expect(before).toHaveLength(3)
    settle(9, 101)
    settle(10, 101)
    expect([outcomes(), book.pairs]).toEqual([before, 2])
  })

  it('has the pairs since the candidate came, but for minutes of which the fallback knew nothing', () => {
    stored(all(10), [0, 1, 2, 3, 4])
    book.reload(lineUp({ since: 2 }), at(9))
    expect(book.pairs).toBe(2)
    expect(losses()).toEqual({
      candidate: Array(2).fill(rowLogLoss(1, 0.6)),
      baseline: Array(2).fill(rowLogLoss(1, 0.9)),
      fallback: Array(2).fill(rowLogLoss(1, FALLBACK_SAID)),
    })
    book.reload(lineUp({ since: 2 }), at(9))
    expect(book.pairs).toBe(2)
  })

  it.each([
    ['a candidate', { candidate: false }],
    ['a model in charge', { baseline: false }],
  ])('has no pairs without %s', (_, cast) => {
    stored(all(10), [0, 1, 2])
    book.reload(lineUp(), at(9))
    book.reload(lineUp(cast), at(9))
    expect([book.pairs, losses().baseline, losses().fallback]).toEqual([0, [], []])
  })

  it('has nothing before the first bar', () => {
    stored(all(3), [0])
    book.reload(lineUp(), null)
    expect([book.pairs, book.newest(), book.day.eceAt(at(9))]).toEqual([0, null, null])
  })

  it('pairs minutes with their labels, whatever they were', () => {
    stored(all(2))
    store.db.transaction(() => {
      store.predictions.settle(symbol, at(0), 0, at(6))
      store.predictions.settle(symbol, at(1), 1, at(7))
    })
    book.reload(lineUp(), at(1))
    expect(losses().candidate).toEqual([rowLogLoss(0, 0.6), rowLogLoss(1, 0.6)])
  })

  it('has the calibration of the last day, of the model in charge alone', () => {
    const newest = 1_441
    store.db.transaction(() => {
      for (let minute = 0; minute <= newest; minute++) {
        // What lies a day back and more is so far off that it would show.
        const score = minute < 1 ? 0 : 1
        store.predictions.score(symbol, at(minute), 'v1', score)
        store.predictions.score(symbol, at(minute), 'v2', 0.2)
        store.predictions.settle(symbol, at(minute), 1, at(minute + 6))
      }
    })
    book.reload(lineUp(), at(newest))
    expect(book.day.eceAt(at(0) + DAY)).toBe(0)
    book.reload(lineUp({ baseline: false }), at(newest))
    expect(book.day.eceAt(at(0) + DAY)).toBeNull()
  })
})
