import { asc, count, eq, max, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { bars } from '../../src/db/schema-market.ts'
import { select } from '../../src/db/select.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { freshDirectories } from '../kit/directories.ts'
import { THREE_WEEKS_ON as T, MINUTE } from '../kit/moments.ts'

const fresh = freshDirectories()

function storeWith(closes: readonly number[]): Store {
  const store = openStore(fresh(), 'write')
  store.db.transaction(() => {
    closes.forEach((close, i) => {
      const bar = { tsMs: T + i * MINUTE, open: close, high: close, low: close, close, volume: 1 }
      store.bars.insert('AAAUSDT', bar, 0, false)
    })
  })
  return store
}

describe('a select', () => {
  it('is worked out once, when the first database is asked, and reads each of them', () => {
    let built = 0
    const closes = select((from) => {
      built++
      return from
        .select({ at: bars.tsMs, close: bars.close })
        .from(bars)
        .where(eq(bars.symbol, sql.placeholder('symbol')))
        .orderBy(asc(bars.tsMs))
    })
    const [one, other] = [storeWith([1, 2]), storeWith([3])]
    const [ofOne, ofOther] = [closes(one.db), closes(other.db)]
    expect(built).toBe(0)
    expect(ofOne.all({ symbol: 'AAAUSDT' })).toEqual([
      { at: T, close: 1 },
      { at: T + MINUTE, close: 2 },
    ])
    expect(ofOther.get({ symbol: 'AAAUSDT' })).toEqual({ at: T, close: 3 })
    expect([ofOther.all({ symbol: 'BBBUSDT' }), ofOther.get({ symbol: 'BBBUSDT' })]).toEqual([[], undefined])
    expect(built).toBe(1)
    one.db.close()
    other.db.close()
  })

  it('has its fields by their names, whole rows and sums alike', () => {
    const { db } = storeWith([5])
    expect(select((from) => from.select().from(bars))(db).all()).toMatchObject([{ symbol: 'AAAUSDT', tsMs: T, low: 5 }])
    const sums = select((from) => from.select({ n: count(), newestMs: max(bars.tsMs) }).from(bars))(db)
    expect(sums.get()).toEqual({ n: 1, newestMs: T })
    db.close()
  })

  it('is refused without a value that it names', () => {
    const { db } = storeWith([])
    const of = select((from) =>
      from
        .select()
        .from(bars)
        .where(eq(bars.symbol, sql.placeholder('symbol'))),
    )(db)
    expect(() => of.all()).toThrow('symbol')
    db.close()
  })
})
