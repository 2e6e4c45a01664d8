/** Lets writes of a database fail at will, as a full disk does, by triggers that live in the connection alone. */
import type { Database } from '../../src/db/connect.ts'

/**
 * How SQLite takes a failure: the whole transaction is rolled back at once, as it does when a disk is full, or the statement
 * alone is undone and the caller rolls back.
 */
export type Manner = 'ROLLBACK' | 'ABORT'

export class FailingWrites {
  /** Writes to be let through before the one that fails; null when none fails. */
  private left: number | null = null
  private only: string | null = null
  /** Whether one has failed since `failAt`. */
  failed = false
  /** The table whose write failed last. */
  table = ''

  constructor(db: Database, manner: Manner) {
    const { raw } = db
    const names = raw
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .pluck()
      .all()
    raw.function('write_fails', { deterministic: false }, (table: unknown) => this.fails(String(table)))
    for (const name of names) {
      for (const verb of ['INSERT', 'UPDATE', 'DELETE']) {
        raw.exec(
          `CREATE TEMP TRIGGER fail_${String(name)}_${verb} BEFORE ${verb} ON main.${String(name)} WHEN write_fails('${String(name)}') BEGIN SELECT RAISE(${manner}, 'the disk is full'); END`,
        )
      }
    }
  }

  /** @param n from 1: the write that fails; null lets all through */
  failAt(n: number | null): void {
    this.left = n === null ? null : n - 1
    this.failed = false
  }

  /** The next write of this table fails, whichever it is. */
  failAtTable(table: string): void {
    this.failAt(1)
    this.only = table
  }

  private fails(table: string): number {
    if (this.left === null || (this.only !== null && table !== this.only)) return 0
    if (this.left-- > 0) return 0
    this.left = null
    this.only = null
    this.failed = true
    this.table = table
    return 1
  }
}
