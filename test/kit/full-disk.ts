import Sqlite from 'better-sqlite3'

/** A disk that is full when the test says so: every write to a table then fails, in the middle of its transaction, as SQLite's do. */
export class FullDisk {
  private full = false

  constructor(raw: Sqlite.Database) {
    raw.function('disk_is_full', { deterministic: false }, () => {
      if (this.full) throw new Sqlite.SqliteError('database or disk is full', 'SQLITE_FULL')
      return 0
    })
    const tables = raw
      .prepare("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .pluck()
    for (const table of tables.all().map(String)) {
      for (const write of ['INSERT', 'UPDATE', 'DELETE'])
        raw.exec(
          `CREATE TEMP TRIGGER full_${table}_${write} AFTER ${write} ON main."${table}" BEGIN SELECT disk_is_full(); END`,
        )
    }
  }

  fill(): void {
    this.full = true
  }

  free(): void {
    this.full = false
  }
}
