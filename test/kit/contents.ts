/** What a data directory holds, so that two of them can be compared. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import Sqlite from 'better-sqlite3'

export function databaseIn(dataDir: string): string {
  return join(dataDir, 'onay.db')
}

/** Reads beside whatever process has the directory. */
export function reading<T>(dataDir: string, read: (db: Sqlite.Database) => T): T {
  const db = new Sqlite(databaseIn(dataDir), { readonly: true, fileMustExist: true, timeout: 5_000 })
  try {
    return read(db)
  } finally {
    db.close()
  }
}

/** The predictions among these that a database does not have. All are read at once: none is found by its id alone. */
export function lostPredictions(dataDir: string, ids: readonly string[]): string[] {
  const there = new Set(reading(dataDir, (db) => db.prepare('SELECT id FROM predictions').pluck().all()))
  return ids.filter((id) => !there.has(id))
}

/** Every model that is registered, and who has which role. */
export function registered(dataDir: string): readonly unknown[] {
  return reading(dataDir, (db) => ['models', 'slots'].map((table) => db.prepare(`SELECT * FROM ${table}`).all()))
}

/** `ok`, or what SQLite found. */
export function damageOf(dataDir: string, check: 'integrity_check' | 'quick_check'): string {
  return reading(dataDir, (db) => String(db.pragma(check, { simple: true })))
}

/** Columns that tell how long or when by the machine's clock: two runs never agree on them. */
export type Timed = Readonly<Record<string, readonly string[]>>
export const WALL_COLUMNS: Timed = {
  models: ['seconds'],
  model_sets: ['seconds'],
  phase2_retrain_runs: ['duration_sec'],
  chain: ['hash', 'prev'],
}

export interface TableDigest {
  readonly rows: number
  readonly sha256: string
}

/** Every table's rows in the order of their keys, wall times left out. */
export function tables(dataDir: string, leftOut: Timed = WALL_COLUMNS): Record<string, TableDigest> {
  return reading(dataDir, (db) =>
    Object.fromEntries(
      tableNames(db).map((table) => {
        const columns = columnsOf(db, table, leftOut)
        const hash = createHash('sha256')
        let rows = 0
        for (const row of rowsOf(db, table, columns)) {
          hash.update(`${textOf(row)}\n`)
          rows++
        }
        return [table, { rows, sha256: hash.digest('hex') }]
      }),
    ),
  )
}

/** The first row in which a table of two directories differs, for the failure's message; null when none does. */
export function firstDifference(table: string, a: string, b: string, leftOut: Timed = WALL_COLUMNS): string | null {
  const read = (dataDir: string): string[] =>
    reading(dataDir, (db) => [...rowsOf(db, table, columnsOf(db, table, leftOut))].map(textOf))
  const [mine, theirs] = [read(a), read(b)]
  const at = mine.findIndex((row, i) => row !== theirs[i])
  if (at < 0) return mine.length === theirs.length ? null : `${mine.length} rows instead of ${theirs.length}`
  return `row ${at}: ${mine[at]?.slice(0, 400)} instead of ${theirs[at]?.slice(0, 400)}`
}

function tableNames(db: Sqlite.Database): string[] {
  const sql =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
  return db.prepare<[], string>(sql).pluck().all()
}

function columnsOf(db: Sqlite.Database, table: string, leftOut: Timed): string[] {
  const names = db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  return names.filter((name) => !name.endsWith('wall_ms') && !(leftOut[table] ?? []).includes(name))
}

function rowsOf(db: Sqlite.Database, table: string, columns: readonly string[]): IterableIterator<unknown[]> {
  const list = columns.map((name) => `"${name}"`).join(', ')
  const order = columns.map((_, i) => i + 1).join(', ')
  return db.prepare<[], unknown[]>(`SELECT ${list} FROM "${table}" ORDER BY ${order}`).raw().iterate()
}

function textOf(row: readonly unknown[]): string {
  return headless(JSON.stringify(row.map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : value))))
}

const SHA256 = /\b[0-9a-f]{64}\b/g

/**
 * A daily report names the chain's head, and the chain holds wall times: the head is cut out of reports, and the report's own
 * hash out of what names it.
 */
function headless(text: string): string {
  return text.includes('chain_head') || text.includes('daily/report_') ? text.replaceAll(SHA256, 'a head') : text
}

/** SHA-256 of every file under a directory, by its path in it. */
export function fileDigests(dir: string, keep: (path: string) => boolean = () => true): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names
      .map((name) => join(dir, name))
      .filter((path) => statSync(path).isFile() && keep(relative(dir, path)))
      .map((path) => [relative(dir, path), digestOf(path)]),
  )
}

function digestOf(path: string): string {
  const bytes = readFileSync(path)
  const content = /daily\/report_[^/]*\.json$/.test(path) ? headless(bytes.toString('utf8')) : bytes
  return createHash('sha256').update(content).digest('hex')
}
