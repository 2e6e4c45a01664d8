import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/db/store.ts'
import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import { columnOf, type FeatureRow } from '../../src/engine/features/row.ts'
import { FeatureStream } from '../../src/engine/features/stream.ts'
import type { Bar } from '../../src/engine/market/bar.ts'
import { minutesWithGaps, valueOf, walk } from '../kit/bars.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
let store: Store
let symbols = 0

beforeAll(() => {
  store = openStore(fresh(), 'write')
})
afterAll(() => store.db.close())

const WANTED = ['rsi14_z@15m', 'mid_logret_1m@60m', 'vol1m_log@5m', 'rv_15m_log', 'mid@15m']

/** Stores what a room would. @returns the rows as they were when they came in */
function stored(symbol: string, bars: readonly Bar[]): FeatureRow[] {
  const stream = new FeatureStream(builtInCatalogue)
  return store.db.transaction(() =>
    bars.map((bar) => {
      const row = stream.push(bar)
      store.features.insert(symbol, row, 1)
      for (const frame of stream.closedFrames) store.frames.insert(symbol, frame, 1)
      return row
    }),
  )
}

describe('columns of longer frames in stored rows', () => {
  it('are those that the rows came in with, by table, one by one and alone, from whatever row on', () => {
    fc.assert(
      fc.property(minutesWithGaps, fc.nat(), fc.integer({ min: 1, max: 1e6 }), (minutes, cutAt, seed) => {
        const symbol = `S${symbols++}`
        const live = stored(symbol, walk(minutes, seed))
        const from = live[cutAt % live.length]?.tsMs ?? 0
        const until = (live.at(-1)?.tsMs ?? 0) + 1
        const later = live.filter(({ tsMs }) => tsMs >= from)
        const table = store.features.table(symbol, from, until, WANTED)
        const rows = [...store.features.each(symbol, from, until, WANTED)]
        const alone = [...store.features.eachOf(symbol, from, until, WANTED)]
        for (const name of WANTED) {
          const expected = later.map((row) => valueOf(row, name))
          expect([...columnOf(table, name)], name).toEqual(expected)
          expect([...store.features.values(symbol, name, from, until)], name).toEqual(expected)
          expect(
            rows.map((row) => valueOf(row, name)),
            name,
          ).toEqual(expected)
          expect(
            alone.map((row) => valueOf(row, name)),
            name,
          ).toEqual(expected)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('are left out of a table that nobody asked for them in', () => {
    stored('plain', walk([0, 1, 2, 3, 4, 5], 3))
    expect(() => columnOf(store.features.table('plain', 0, Number.MAX_SAFE_INTEGER), 'mid@5m')).toThrow('mid@5m')
  })
})
