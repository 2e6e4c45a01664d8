import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { OperatorError } from '../engine/kernel/errors.ts'
import { damaged, explain, isBusy, isUnwritable } from './faults.ts'
import { checkTables } from './tables.ts'
import { placeGuard } from './place.ts'

/** Raised with every migration; a file that says more than this was written by a newer onay. */
export const SCHEMA_VERSION = 16

/** How long an opening waits for another process that writes. */
const OPENING_TIMEOUT_MS = 5_000
/**
 * How long a statement of an open room waits for one: the event loop waits with it, and everybody whom it serves. While the other
 * process keeps its lock nothing waits any more.
 */
const BUSY_TIMEOUT_MS = 200
const HEADER_BYTES = 100

type Drizzle = BetterSQLite3Database

export interface Database {
  readonly path: string
  readonly orm: Drizzle
  readonly raw: Sqlite.Database
  readonly writable: boolean
  /** Runs `work` in one transaction; nested calls join the outer one. */
  transaction<T>(work: () => T): T
  /** Part of the transaction that is open: what throws in it is undone alone. */
  savepoint<T>(work: () => T): T
  /** For writers that are part of a decision. @throws Error, a bug, when no transaction is open */
  assertTransaction(): void
  /** How many transactions were undone so far: what was remembered of one must be forgotten with it. */
  undone(): number
  /** A transaction that survives the machine's death, for decisions. */
  decision<T>(work: () => T): T
  close(): void
}

export type OpenMode = 'write' | 'read'

/**
 * Opens the room's database, creating and migrating it in mode `write`.
 * @throws OperatorError when the file is damaged, of a newer version, missing (mode `read`) or not accessible. Nothing is
 * changed in any of these cases.
 */
export function openDatabase(path: string, mode: OpenMode): Database {
  const writable = mode === 'write'
  const existed = existsSync(path)
  if (!writable && !existed) {
    throw noDatabase(dirname(path))
  }
  if (existed) checkHeader(path)
  try {
    if (writable) mkdirSync(dirname(path), { recursive: true })
    if (writable && existed) inspect(path)
    return connected(path, path, mode)
  } catch (error) {
    // Without its journal a copy would be half of a transaction: only who may write can take that back.
    if (!writable && isUnwritable(error) && !existsSync(`${path}-journal`)) return openCopy(path)
    throw explain(path, error)
  }
}

/** @param path for people. @param file what is opened: the same, or a copy of it */
function connected(path: string, file: string, mode: OpenMode): Database {
  const writable = mode === 'write'
  const raw = new Sqlite(file, { readonly: !writable, fileMustExist: !writable, timeout: OPENING_TIMEOUT_MS })
  try {
    return prepare(path, raw, writable)
  } catch (error) {
    raw.close()
    throw error
  }
}

/**
 * A write-ahead log can only be read by whoever may make files beside it: of a medium or a directory that may only be read,
 * a copy is read, which goes when it is closed.
 */
function openCopy(path: string): Database {
  let dir: string | null = null
  const remove = (): void => {
    if (dir !== null) rmSync(dir, { recursive: true, force: true })
  }
  try {
    dir = mkdtempSync(join(tmpdir(), 'onay-copy-'))
    for (const end of ['', '-wal'])
      if (existsSync(`${path}${end}`)) copyFileSync(`${path}${end}`, join(dir, `onay.db${end}`))
    // The copy of what may only be read may only be read itself.
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o600)
    const db = connected(path, join(dir, 'onay.db'), 'read')
    const close = (): void => {
      db.close()
      remove()
    }
    return { ...db, close }
  } catch (error) {
    remove()
    throw explain(path, error)
  }
}

/** The error about a data directory without a database, where one is needed. */
export function noDatabase(dataDir: string): OperatorError {
  return new OperatorError(
    `there is no room at ${dataDir}`,
    'it has no database yet',
    'start one with: onay start, or fill it with: onay replay FILE --symbol S',
    'no_database',
  )
}

function prepare(path: string, raw: Sqlite.Database, writable: boolean): Database {
  const version = checkOwner(path, raw)
  const orm = drizzle(raw)
  if (writable) {
    raw.pragma('journal_mode = WAL')
    raw.pragma('synchronous = NORMAL')
    // The version is written after the last migration: where it stands there is nothing to do, and no file to read.
    if (version < SCHEMA_VERSION) {
      migrate(orm, { migrationsFolder: migrationsFolder() })
      raw.pragma(`user_version = ${SCHEMA_VERSION}`)
    }
  } else if (version < SCHEMA_VERSION) {
    throw new OperatorError(
      `the database ${path} is of version ${version}`,
      `this onay reads version ${SCHEMA_VERSION}`,
      'open it once with: onay start, which brings it up to date',
      'older_database',
    )
  }
  checkTables(path, raw)
  raw.pragma('cache_size = -8000')
  raw.pragma('temp_store = MEMORY')
  const requirePlace = writable ? placeGuard(path, raw) : () => undefined
  let patient = false
  const wait = (patiently: boolean): void => {
    if (patient === patiently) return
    raw.pragma(`busy_timeout = ${patiently ? BUSY_TIMEOUT_MS : 0}`)
    patient = patiently
  }
  wait(true)
  // Made once: better-sqlite3 builds wrappers for each function that it is given.
  const begin = raw.transaction((work: () => unknown) => work())
  let undone = 0
  const counted = <T>(run: () => T): T => {
    try {
      const result = run()
      wait(true)
      return result
    } catch (error) {
      undone++
      if (isBusy(error)) wait(false)
      throw explain(path, error)
    }
  }
  const transaction = <T>(work: () => T): T => {
    if (raw.inTransaction) return work()
    requirePlace()
    return counted(() => begin.immediate(work) as T)
  }
  return {
    path,
    orm,
    raw,
    writable,
    transaction,
    savepoint: <T>(work: () => T): T => counted(() => begin(work) as T),
    assertTransaction: () => {
      if (!raw.inTransaction) throw new Error('this write belongs in a transaction, and none is open')
    },
    undone: () => undone,
    decision: (work) => {
      raw.pragma('synchronous = FULL')
      try {
        return transaction(work)
      } finally {
        raw.pragma('synchronous = NORMAL')
      }
    },
    close: () => raw.close(),
  }
}

/** The migrations stand beside the program, whether it runs as a bundle in dist/ or from src/db/. */
function migrationsFolder(): string {
  const near = fileURLToPath(new URL('../migrations', import.meta.url))
  return existsSync(near) ? near : fileURLToPath(new URL('../../migrations', import.meta.url))
}

/**
 * Looks a file over before it is opened for writing. A connection that may write empties the write-ahead log into the file
 * as it closes, so that a refusal would change what it refuses; one that may only read leaves both alone.
 */
function inspect(path: string): void {
  // A transaction that a kill cut off before there was a write-ahead log: only who may write can take it back.
  const readonly = !existsSync(`${path}-journal`)
  const raw = new Sqlite(path, { readonly, fileMustExist: true, timeout: OPENING_TIMEOUT_MS })
  try {
    checkIntegrity(path, raw)
    checkOwner(path, raw)
  } finally {
    raw.close()
  }
}

/** The version of a database that this program wrote. @throws OperatorError when another one did, or a newer onay */
function checkOwner(path: string, raw: Sqlite.Database): number {
  const version = Number(raw.pragma('user_version', { simple: true }))
  const names = raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()
  // The migrator makes its own table before the first migration: a start that was killed there is still a room's.
  const foreign =
    names.some((name) => name !== '__drizzle_migrations' && name !== 'sqlite_sequence') && !names.includes('chain')
  if (foreign) {
    throw new OperatorError(
      `the database ${path} is not a room's`,
      'another program wrote it',
      'it was left as it is: move it away, or start with another --data-dir',
      'foreign_database',
    )
  }
  if (version > SCHEMA_VERSION) {
    throw new OperatorError(
      `the database ${path} is of version ${version}`,
      `this onay knows versions up to ${SCHEMA_VERSION}`,
      'use the onay that wrote it, or another --data-dir; the file was not touched',
      'newer_database',
    )
  }
  return version
}

/** A cut-off file is noticed before SQLite is allowed near it: opening one for writing could change it. */
function checkHeader(path: string): void {
  const header = Buffer.alloc(HEADER_BYTES)
  let read = 0
  try {
    const file = openSync(path, 'r')
    read = readSync(file, header, 0, HEADER_BYTES, 0)
    closeSync(file)
  } catch (error) {
    throw explain(path, error)
  }
  if (read === 0) return
  if (read < HEADER_BYTES || header.toString('latin1', 0, 15) !== 'SQLite format 3')
    throw damaged(path, 'it is not an SQLite file')
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
  const pages = header.readUInt32BE(28)
  // With a write-ahead log the main file may rightly be shorter than the newest header says, never shorter than its own.
  if (statSync(path).size < pageSize * pages && sizeOf(`${path}-wal`) === 0) {
    throw damaged(path, `it has ${statSync(path).size} bytes of ${pageSize * pages}`)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function checkIntegrity(path: string, raw: Sqlite.Database): void {
  const found = raw.pragma('quick_check(1)', { simple: true })
  if (found === 'ok') return
  // The first line names the database, which is known.
  const finding = String(found)
    .split('\n')
    .find((line) => !line.startsWith('***'))
  throw damaged(path, finding ?? 'quick_check failed')
}
