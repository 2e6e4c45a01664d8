/**
 * Holds a room at one exact statement, so that it can be killed there: triggers in its database that never end. A transition
 * is named by the entry that it appends to the evidence chain.
 */
import Sqlite from 'better-sqlite3'
import { databaseIn, reading } from '../../kit/contents.ts'
import { until, type Room } from '../../kit/program.ts'

export interface ChainMark {
  readonly kind: string
  /** Members of the entry's detail. */
  readonly detail: Readonly<Record<string, string | number>>
}

/** Before: in the transaction, with the entry written. After: at the first write that follows the commit. */
export type KillPoint = 'before' | 'after'

const SILENT_MS = 200
/** No transaction that ends at all takes so long, on a machine busy with other tests either. */
const LOCKED_MS = 1_000
const WRITES_AFTER = [
  ['feeds', 'INSERT'],
  ['feeds', 'UPDATE'],
  ['outbox', 'DELETE'],
] as const

/** Changes a database that no room has. */
export function changing(dataDir: string, change: (db: Sqlite.Database) => void): void {
  const db = new Sqlite(databaseIn(dataDir), { fileMustExist: true })
  try {
    change(db)
  } finally {
    db.close()
  }
}

/** Sets the only kill point of a directory. */
export function setKillPoint(dataDir: string, point: KillPoint, mark: ChainMark): void {
  clearKillPoint(dataDir)
  const hang = 'BEGIN SELECT i FROM kill_point_endless; END'
  const triggers =
    point === 'before'
      ? [`CREATE TRIGGER kill_point_chain AFTER INSERT ON chain WHEN ${condition(mark, 'new')} ${hang}`]
      : WRITES_AFTER.map(
          ([table, write]) =>
            `CREATE TRIGGER kill_point_${table}_${write} AFTER ${write} ON ${table}
             WHEN EXISTS (SELECT 1 FROM chain WHERE ${condition(mark, 'chain')}) ${hang}`,
        )
  changing(dataDir, (db) => {
    db.exec(`CREATE VIEW kill_point_endless AS
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0`)
    for (const trigger of triggers) db.exec(trigger)
  })
}

export function clearKillPoint(dataDir: string): void {
  changing(dataDir, (db) => {
    const made = db
      .prepare<[], { type: string; name: string }>(
        "SELECT type, name FROM sqlite_master WHERE name LIKE 'kill_point_%' ORDER BY type",
      )
      .all()
    for (const { type, name } of made) db.exec(`DROP ${type} ${name}`)
  })
}

/** How often a transition has been committed. */
export function timesCommitted(dataDir: string, mark: ChainMark): number {
  return reading(dataDir, (db) =>
    Number(
      db
        .prepare(`SELECT count(*) FROM chain WHERE ${condition(mark, 'chain')}`)
        .pluck()
        .get(),
    ),
  )
}

/** Resolves when the room hangs at its kill point; after the commit an answer to its caller will do, where no write follows. */
export async function reached(room: Room, point: KillPoint, mark: ChainMark, answered: () => boolean): Promise<void> {
  await until(`the kill point ${point} ${mark.kind} ${JSON.stringify(mark.detail)}`, async () => {
    if (!room.process.alive) throw new Error(`the room ended: ${room.process.stderr}`)
    if (point === 'before') return (await isSilent(room)) && isLocked(room.dataDir)
    return timesCommitted(room.dataDir, mark) > 0 && (answered() || (await isSilent(room)))
  })
}

async function isSilent(room: Room): Promise<boolean> {
  try {
    await fetch(`${room.url}/healthz`, { signal: AbortSignal.timeout(SILENT_MS) })
    return false
  } catch {
    return true
  }
}

/** Whether somebody is in a transaction that does not end. */
function isLocked(dataDir: string): boolean {
  const db = new Sqlite(databaseIn(dataDir), { fileMustExist: true, timeout: LOCKED_MS })
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_BUSY') return true
    throw error
  } finally {
    db.close()
  }
}

function condition({ kind, detail }: ChainMark, row: string): string {
  const members = Object.entries(detail).map(
    ([name, value]) => `json_extract(${row}.detail, '$.${name}') = ${typeof value === 'number' ? value : `'${value}'`}`,
  )
  return [`${row}.kind = '${kind}'`, ...members].join(' AND ')
}
