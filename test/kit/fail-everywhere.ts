/** Lets each write of a moment fail in its turn, and compares the books with the database after each failure. */
import { expect } from 'vitest'
import type { Database } from '../../src/db/connect.ts'
import { Desk } from '../../src/room/desk/desk.ts'
import type { DeskKit } from './a-desk.ts'
import { differingBooks } from './book-contents.ts'
import type { FailingWrites } from './failing-writes.ts'

/** Far more than a moment writes. */
const MAX_TRIES = 400

/**
 * Goes through a moment again and again, its first write failing, then its second, and so on; once a transaction of it has
 * been stored, from the first write of what is left. @returns the tables whose writes failed
 */
export async function failEverywhere(kit: DeskKit, writes: FailingWrites, go: () => Promise<void>): Promise<string[]> {
  const tables: string[] = []
  const { db } = kit.desk.parts.store
  let n = 1
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = rowsStored(db)
    writes.failAt(n)
    const ended = await go().then(
      () => null,
      (error: unknown) => error,
    )
    const failed = writes.failed
    writes.failAt(null)
    if (!failed) {
      expect(ended).toBeNull()
      return tables
    }
    tables.push(writes.table)
    if (ended !== null)
      expect(
        differingBooks(kit.desk, new Desk(kit.desk.symbol, kit.desk.parts)),
        `write ${n}, of ${writes.table}`,
      ).toEqual([])
    else return tables
    n = rowsStored(db) === stored ? n + 1 : 1
  }
  throw new Error('the moment never ended')
}

/** Grows with every transaction of a moment. */
function rowsStored({ raw }: Database): string {
  const counts = ['bars', 'predictions', 'comparisons', 'scores', 'outcomes', 'gate_log', 'chain'].map((name) =>
    raw.prepare(`SELECT count(*) FROM ${name}`).pluck().get(),
  )
  return [...counts, raw.prepare('SELECT clock_ms FROM feeds').pluck().get()].join()
}
