import { mkdirSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { explain } from '../../src/db/faults.ts'
import { databasePath, openStore, type Store } from '../../src/db/store.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'

const fresh = freshDirectories()

describe('what is wrong with a database', () => {
  const withCode = (code: string): Error => Object.assign(new Error('as SQLite says it'), { code })

  it.each([
    ['SQLITE_FULL', 'disk_full', 507],
    ['ENOSPC', 'disk_full', 507],
    ['SQLITE_BUSY', 'locked', 503],
    ['SQLITE_BUSY_SNAPSHOT', 'locked', 503],
    ['SQLITE_CORRUPT_VTAB', 'damaged_database', 500],
    ['SQLITE_NOTADB', 'damaged_database', 500],
    ['SQLITE_READONLY_ROLLBACK', 'no_access', 500],
    ['SQLITE_CANTOPEN', 'no_access', 500],
    ['EISDIR', 'no_access', 500],
  ])('is said for people: %s', (code, said, status) => {
    for (const error of [withCode(code), new Error('wrapped', { cause: withCode(code) })])
      expect(explain('/somewhere/onay.db', error)).toMatchObject({ name: 'OperatorError', code: said, status })
  })

  it('is left as it is where it is a bug, and where it was said before', () => {
    for (const error of [
      new Error('no such table'),
      withCode('SQLITE_ERROR'),
      explain('/x/onay.db', withCode('ENOSPC')),
      'text',
    ])
      expect(explain('/somewhere/onay.db', error)).toBe(error)
  })

  it('is said of a directory in the place of the database', () => {
    const dir = fresh()
    mkdirSync(databasePath(dir), { recursive: true })
    expect(refusal(() => openStore(dir, 'write')).code).toBe('no_access')
  })
})

describe('a database that another process has locked', () => {
  let store: Store
  let other: Sqlite.Database
  beforeEach(() => {
    const dir = fresh()
    store = openStore(dir, 'write')
    other = new Sqlite(databasePath(dir))
    other.exec('BEGIN IMMEDIATE')
  })
  afterEach(() => {
    other.close()
    store.db.close()
  })

  const patience = (): unknown => store.db.raw.pragma('busy_timeout', { simple: true })
  const write = (): void => void store.db.transaction(() => store.db.raw.exec('CREATE TABLE IF NOT EXISTS made (x)'))

  it('is waited for once and not again, until it can be written', () => {
    expect(patience()).toBe(200)
    for (let i = 0; i < 2; i++) {
      expect(refusal(write)).toMatchObject({ code: 'locked', status: 503 })
      expect(patience()).toBe(0)
    }
    other.exec('ROLLBACK')
    write()
    expect(patience()).toBe(200)
  })
})
