/**
 * Holds a room at one exact statement, so that it can be killed there: triggers in its database that never end. A transition
 * is named by the entry that it appends to the evidence chain.
 */
import { statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { databaseIn, reading } from '../../kit/contents.ts'
import type { Room, Running } from '../../kit/program.ts'
import { done } from '../../kit/torture.ts'
import { until } from '../../kit/until.ts'

export interface ChainMark {
  readonly kind: string
  /** Members of the entry's detail. */
  readonly detail: Readonly<Record<string, string | number>>
}

/** Before: in the transaction, with the entry written. After: at the first write that follows the commit. */
export type KillPoint = 'before' | 'after'

/**
 * What a room writes at its kill point before it hangs. Its cache is far too small for that, so that most of it goes to the
 * write-ahead log at once, which tells from outside that it is there: nothing else comes near it before a checkpoint.
 */
const SPILLED_BYTES = 48_000_000
const SEEN_BYTES = 32_000_000
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
  const hang = `BEGIN INSERT INTO kill_point_spilled VALUES (zeroblob(${SPILLED_BYTES})); SELECT i FROM kill_point_endless; END`
  const triggers =
    point === 'before'
      ? [`CREATE TRIGGER kill_point_chain AFTER INSERT ON chain WHEN ${condition(mark, 'new')} ${hang}`]
      : WRITES_AFTER.map(
          ([table, write]) =>
            `CREATE TRIGGER kill_point_${table}_${write} AFTER ${write} ON ${table}
             WHEN EXISTS (SELECT 1 FROM chain WHERE ${condition(mark, 'chain')}) ${hang}`,
        )
  changing(dataDir, (db) => {
    db.exec('CREATE TABLE kill_point_spilled (bytes BLOB)')
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
export async function reached(
  room: Room<Running>,
  point: KillPoint,
  mark: ChainMark,
  answered: () => boolean,
): Promise<void> {
  await until(`the kill point ${point} ${mark.kind} ${JSON.stringify(mark.detail)}`, () => {
    if (!room.process.alive) throw new Error(`the room ended: ${room.process.stderr}`)
    if (point === 'before') return hangs(room)
    return (answered() || hangs(room)) && timesCommitted(room.dataDir, mark) > 0
  })
}

/** A room that is asked for something, killed at a statement of what that does. */
export async function killAt(
  room: Room<Running>,
  point: KillPoint,
  mark: ChainMark,
  cause: (room: Room<Running>) => Promise<unknown>,
): Promise<void> {
  setKillPoint(room.dataDir, point, mark)
  let answered = false
  // Nobody answers from a process that was killed.
  void cause(room).then(
    () => (answered = true),
    () => undefined,
  )
  await reached(room, point, mark, () => answered)
  await room.process.kill()
  done('kills')
  clearKillPoint(room.dataDir)
}

/** Whether a room is in the transaction that does not end. */
function hangs({ dataDir }: Room<Running>): boolean {
  return (statSync(`${databaseIn(dataDir)}-wal`, { throwIfNoEntry: false })?.size ?? 0) > SEEN_BYTES
}

function condition({ kind, detail }: ChainMark, row: string): string {
  const members = Object.entries(detail).map(
    ([name, value]) => `json_extract(${row}.detail, '$.${name}') = ${typeof value === 'number' ? value : `'${value}'`}`,
  )
  return [`${row}.kind = '${kind}'`, ...members].join(' AND ')
}
