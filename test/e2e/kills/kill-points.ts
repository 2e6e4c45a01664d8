/**
 * Holds a room at one exact statement, so that it can be killed there: triggers in its database that never end. A transition
 * is named by the entry that it appends to the evidence chain.
 */
import { existsSync, readFileSync } from 'node:fs'
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

/** What a room may burn in one transaction, of its processor's time: no transaction that ends takes as much, on a busy machine either. */
const ENDLESS_MS = 250
/** Where the system does not tell what a process has burned, that much of the clock's time stands for it. */
const ENDLESS_BY_THE_CLOCK_MS = 2_000
const LOOK_EVERY_MS = 15
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
export async function reached(
  room: Room<Running>,
  point: KillPoint,
  mark: ChainMark,
  answered: () => boolean,
): Promise<void> {
  await until(`the kill point ${point} ${mark.kind} ${JSON.stringify(mark.detail)}`, async () => {
    if (!room.process.alive) throw new Error(`the room ended: ${room.process.stderr}`)
    if (point === 'before') return hangs(room)
    return timesCommitted(room.dataDir, mark) > 0 && (answered() || (await hangs(room)))
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

/** Whether a room is in a transaction that does not end: it answers nobody, holds the lock all the while, and works. */
async function hangs({ url, dataDir, process: { child } }: Room<Running>): Promise<boolean> {
  const asked = new AbortController()
  const seen = { answered: false }
  const answer = fetch(`${url}/healthz`, { signal: asked.signal }).then(
    () => (seen.answered = true),
    () => undefined,
  )
  try {
    const begun = burnedMs(child.pid)
    while (!seen.answered && isLocked(dataDir)) {
      if (burnedMs(child.pid) - begun > ENDLESS_MS) return true
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
    }
    return false
  } finally {
    asked.abort()
    await answer
  }
}

/** Processor time of a process so far, in ms. */
function burnedMs(pid: number | undefined): number {
  const stat = `/proc/${pid}/stat`
  if (!existsSync(stat)) return (performance.now() * ENDLESS_MS) / ENDLESS_BY_THE_CLOCK_MS
  // Behind the name, which may have blanks: the 12th and 13th field, in hundredths of a second.
  const fields = readFileSync(stat, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

/** Whether somebody is in a transaction that writes. */
function isLocked(dataDir: string): boolean {
  const db = new Sqlite(databaseIn(dataDir), { fileMustExist: true, timeout: 0 })
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
