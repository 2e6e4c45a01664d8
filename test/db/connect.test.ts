import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openDatabase, SCHEMA_VERSION } from '../../src/db/connect.ts'
import { databasePath, openStore } from '../../src/db/store.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'

const fresh = freshDirectories()

/** A directory with a room's database, closed. */
function room(): string {
  const dir = fresh()
  const store = openStore(dir, 'write')
  store.facts.set('primarySymbol', 'x'.repeat(20_000))
  store.db.close()
  return dir
}

/** A room that was killed: its newest commits stand in the write-ahead log alone. */
function killed(change: (raw: Sqlite.Database) => void = () => undefined): string {
  const dir = room()
  const raw = new Sqlite(databasePath(dir))
  raw.pragma('wal_autocheckpoint = 0')
  raw.prepare("INSERT INTO meta VALUES ('opened', 'yes')").run()
  change(raw)
  const copy = fresh()
  mkdirSync(copy, { recursive: true })
  for (const end of ['', '-wal']) cpSync(`${databasePath(dir)}${end}`, `${databasePath(copy)}${end}`)
  raw.close()
  return copy
}

/** Hashes of what must not change: the database and a log that holds something. */
function bytes(dir: string): Record<string, string> {
  const names = readdirSync(dir).filter((name) => !name.endsWith('-shm') && statSync(join(dir, name)).size > 0)
  return Object.fromEntries(names.map((name) => [name, sha256Hex(readFileSync(join(dir, name)).toString('base64'))]))
}

function refusedUntouched(dir: string, code: string): void {
  const before = bytes(dir)
  const error = refusal(() => openStore(dir, 'write'))
  expect(error.code).toBe(code)
  expect(error.what).toContain(databasePath(dir))
  expect(bytes(dir)).toEqual(before)
}

describe('the database', () => {
  it('is made in a fresh directory: write-ahead log, patient, the schema of this version', () => {
    const { db } = openStore(join(fresh(), 'deeper'), 'write')
    expect(db.raw.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(db.raw.pragma('synchronous', { simple: true })).toBe(1)
    expect(db.raw.pragma('busy_timeout', { simple: true })).toBe(200)
    expect(db.raw.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
    db.close()
  })

  it('opens again with what it held, also after a kill that left its last commits in the log', () => {
    const store = openStore(killed(), 'write')
    expect(store.facts.get('primarySymbol')).toHaveLength(20_000)
    expect(store.facts.get('opened')).toBe(true)
    store.db.close()
  })

  it('opens after a kill in its first milliseconds, with a transaction that only a writer can take back', () => {
    const dir = fresh()
    mkdirSync(dir)
    const [from, path] = [join(dir, 'first.db'), databasePath(dir)]
    const raw = new Sqlite(from)
    raw.exec('VACUUM')
    raw.pragma('cache_size = 1')
    raw.exec('BEGIN; CREATE TABLE half_made (x)')
    for (let i = 0; i < 50; i++) raw.prepare('INSERT INTO half_made VALUES (?)').run('x'.repeat(4_096))
    for (const end of ['', '-journal']) copyFileSync(`${from}${end}`, `${path}${end}`)
    raw.close()
    expect(refusal(() => openStore(dir, 'read')).code).toBe('no_access')
    const { db, facts } = openStore(dir, 'write')
    expect(facts.get('opened')).toBeNull()
    db.close()
  })

  it('has the symbol first in the key of every table that is about a market', () => {
    const { db } = openStore(fresh(), 'write')
    const names = db.raw
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
      )
      .pluck()
      .all()
    // The room's own: small facts, events with an id that counts on, the chain over all symbols, what is to be done, people.
    const ofTheRoom = ['meta', 'events', 'chain', 'outbox', 'notifications', 'tokens']
    const keys = names.map((name) => {
      const columns = db.raw.pragma(`table_info(${String(name)})`) as { name: string; pk: number }[]
      return [name, columns.find((column) => column.pk === 1)?.name]
    })
    expect(names.length).toBeGreaterThan(20)
    expect(new Set(keys.filter(([, first]) => first !== 'symbol').map(([name]) => name))).toEqual(new Set(ofTheRoom))
    db.close()
  })

  it('cannot be written through a connection that reads', () => {
    const store = openStore(room(), 'read')
    expect(() => store.facts.set('opened', true)).toThrow(/readonly/)
    store.db.close()
  })

  it('is not made by a command that reads', () => {
    const dir = fresh()
    expect(refusal(() => openStore(dir, 'read'))).toMatchObject({ code: 'no_database' })
    expect(existsSync(dir)).toBe(false)
  })
})

describe('a transaction', () => {
  it('is joined by those within it: all or nothing', () => {
    const { db, facts } = openStore(fresh(), 'write')
    const work = (): void => {
      db.transaction(() => facts.set('opened', true))
      throw new Error('after the inner one')
    }
    expect(() => db.transaction(work)).toThrow('after the inner one')
    expect(facts.get('opened')).toBeNull()
    db.close()
  })

  it('goes on when a part of it is undone', () => {
    const { db, facts } = openStore(fresh(), 'write')
    db.transaction(() => {
      facts.set('opened', true)
      const part = (): void => {
        facts.set('ended', 'running')
        throw new Error('the part')
      }
      expect(() => db.savepoint(part)).toThrow('the part')
    })
    expect([facts.get('opened'), facts.get('ended')]).toEqual([true, null])
    db.close()
  })

  it('is demanded by what must not stand alone', () => {
    const { db } = openStore(fresh(), 'write')
    expect(() => db.assertTransaction()).toThrow('belongs in a transaction')
    expect(() => db.transaction(() => db.assertTransaction())).not.toThrow()
    expect(() => db.assertTransaction()).toThrow('belongs in a transaction')
    db.close()
  })

  it('syncs for a decision, and no longer after it, whether or not it was made', () => {
    const { db } = openStore(fresh(), 'write')
    const level = (): unknown => db.raw.pragma('synchronous', { simple: true })
    expect(db.decision(level)).toBe(2)
    expect(level()).toBe(1)
    const work = (): void => {
      throw new Error('no')
    }
    expect(() => db.decision(work)).toThrow('no')
    expect(level()).toBe(1)
    db.close()
  })
})

describe('a file that cannot be used is reported and left byte for byte:', () => {
  it('one of a newer onay, with commits still in its log', () => {
    const dir = killed((raw) => raw.pragma(`user_version = ${SCHEMA_VERSION + 1}`))
    refusedUntouched(dir, 'newer_database')
    expect(refusal(() => openStore(dir, 'read')).code).toBe('newer_database')
  })

  it('one that was cut off, within a page or between two', () => {
    for (const size of [50, 100, 5_000, 8_192]) {
      const dir = room()
      truncateSync(databasePath(dir), size)
      refusedUntouched(dir, 'damaged_database')
    }
  })

  it('one with a page overwritten, its log empty or not', () => {
    for (const dir of [room(), killed()]) {
      const file = readFileSync(databasePath(dir))
      file.fill(0xff, 4_096, 8_192)
      writeFileSync(databasePath(dir), file)
      refusedUntouched(dir, 'damaged_database')
      expect(refusal(() => openStore(dir, 'write')).why).not.toContain('***')
    }
  })

  it('one that is no database', () => {
    const dir = room()
    writeFileSync(databasePath(dir), 'ts_ms,open,high,low,close,volume\n'.repeat(100))
    refusedUntouched(dir, 'damaged_database')
  })

  it('a database of another program', () => {
    const dir = room()
    const path = join(dir, 'other.db')
    const raw = new Sqlite(path)
    raw.exec('CREATE TABLE notes (text TEXT)')
    raw.close()
    const before = bytes(dir)
    expect(refusal(() => openDatabase(path, 'write')).code).toBe('foreign_database')
    expect(refusal(() => openDatabase(path, 'read')).code).toBe('foreign_database')
    expect(bytes(dir)).toEqual(before)
  })
})
