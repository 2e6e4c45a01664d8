import { describe, expect, it } from 'vitest'
import { restoreRollups } from '../../src/serving/restore-rollups.ts'
import { RollupBook } from '../../src/serving/rollups.ts'
import { ALL_SOURCES, type Bench, freshBenches, modelOf, ROW_MS, rowOf } from '../kit/desk.ts'
import { DAY, MINUTE } from '../kit/moments.ts'

const bench = freshBenches()
const candidate = modelOf('v2', () => 0.5)

/** Writes what was counted so far, up to that minute. */
function store({ rollups, store: { db, rollups: repo } }: Bench, untilMs: number): void {
  const rows = rollups.takeDirty().filter(({ tsMs }) => tsMs <= untilMs)
  db.transaction(() => rows.forEach((row) => repo.put(row)))
}

describe('roll-ups after a restart', () => {
  it('are those that were stored, the newest two minutes counted anew from the rows', async () => {
    const room = bench({ candidate })
    const at = (minute: number) => rowOf([], ROW_MS + minute * MINUTE)
    for (const minute of [0, 1, 2, 3]) {
      room.desk = { ...room.desk, latest: at(minute) }
      await room.askWithShadow()
    }
    // Three minutes are in the table, and the last of them lacks what came after it was written.
    store(room, ROW_MS + 2 * MINUTE)
    await room.askWithShadow()
    const again = new RollupBook('AAAUSDT')
    const clockMs = ROW_MS + 4 * MINUTE
    restoreRollups({ ...room.desk, rollups: again }, room.store, clockMs, 0.05)
    for (const minute of [0, 1, 2, 3]) {
      const fromMs = ROW_MS + minute * MINUTE
      const of = (book: RollupBook) => book.totals(fromMs, fromMs + MINUTE, ALL_SOURCES)
      expect(of(again), `minute ${minute}`).toMatchObject({ requests: minute === 3 ? 2 : 1 })
      expect(of(again)).toEqual(of(room.rollups))
    }
  })

  it('have no latencies of more than 24 hours ago, and none at all before the first row', async () => {
    const room = bench()
    await room.ask()
    store(room, ROW_MS)
    const restored = (clockMs: number, latest = rowOf([], clockMs - MINUTE)) => {
      const again = new RollupBook('AAAUSDT')
      restoreRollups({ ...room.desk, rollups: again, latest }, room.store, clockMs, 0.05)
      return again.serviceDay().count
    }
    expect([restored(ROW_MS + DAY), restored(ROW_MS + DAY + MINUTE)]).toEqual([1, 0])
    const none = new RollupBook('AAAUSDT')
    restoreRollups({ ...room.desk, rollups: none, latest: null }, room.store, ROW_MS + DAY, 0.05)
    expect(none.serviceDay().count).toBe(0)
  })
})
