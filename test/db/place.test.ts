import { chmodSync, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { databasePath, openStore, type Store } from '../../src/db/store.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'
import { asSomebody } from '../kit/somebody.ts'

const fresh = freshDirectories()

const opened = (store: Store): unknown => store.facts.get('opened')
const write = (store: Store) => () => store.db.transaction(() => store.facts.set('ended', 'running'))

describe('a database that is deleted or replaced while it is open', () => {
  const ways: readonly [what: string, path: (path: string) => void][] = [
    ['deleted', (path) => ['', '-wal', '-shm'].forEach((end) => rmSync(`${path}${end}`, { force: true }))],
    ['replaced', (path) => openStore(elsewhere(path), 'write').db.close()],
  ]

  /** Another room's database takes its place. */
  function elsewhere(path: string): string {
    for (const end of ['', '-wal', '-shm']) renameSync(`${path}${end}`, `${path}.moved${end}`)
    return join(path, '..')
  }

  it.each(ways)('takes nothing in any more, and what it held is kept: %s', (what, away) => {
    const dir = fresh()
    const store = openStore(dir, 'write')
    store.db.transaction(() => store.facts.set('opened', true))
    away(databasePath(dir))
    for (let i = 0; i < 2; i++)
      expect(refusal(write(store))).toMatchObject({
        code: 'database_gone',
        status: 507,
        why: `it was ${what} while it was open, all that it held is in ${join(dir, 'onay.rescued.db')}`,
      })
    store.db.close()

    const again = fresh()
    openStore(again, 'write').db.close()
    renameSync(join(dir, 'onay.rescued.db'), databasePath(again))
    const rescued = openStore(again, 'write')
    expect([opened(rescued), rescued.facts.get('ended')]).toEqual([true, null])
    rescued.db.close()
  })

  it('is not rescued over what was rescued before', () => {
    const dir = fresh()
    for (const held of [true, false]) {
      const store = openStore(dir, 'write')
      store.db.transaction(() => store.facts.set('opened', held))
      rmSync(databasePath(dir))
      const { why } = refusal(write(store))
      expect(why.endsWith('was there before and stays as it is')).toBe(!held)
      store.db.close()
      for (const end of ['-wal', '-shm']) rmSync(`${databasePath(dir)}${end}`, { force: true })
    }
    const raw = new Sqlite(join(dir, 'onay.rescued.db'), { readonly: true })
    expect(raw.prepare("SELECT value FROM meta WHERE key = 'opened'").pluck().get()).toBe('yes')
    raw.close()
  })

  it('goes on once it is back', () => {
    const dir = fresh()
    const store = openStore(dir, 'write')
    const path = databasePath(dir)
    renameSync(path, `${path}.moved`)
    expect(refusal(write(store)).code).toBe('database_gone')
    renameSync(`${path}.moved`, path)
    expect(write(store)).not.toThrow()
    store.db.close()
  })
})

describe('a database where nothing may be written', () => {
  it('is read all the same, with what stands in its log alone, and left as it is', async () => {
    // As a kill leaves it: with a log, and without the file that its readers share.
    const dir = fresh()
    const store = openStore(dir, 'write')
    store.db.transaction(() => store.facts.set('opened', true))
    const copy = fresh()
    mkdirSync(copy)
    for (const end of ['', '-wal']) copyFileSync(`${databasePath(dir)}${end}`, `${databasePath(copy)}${end}`)
    store.db.close()
    chmodSync(copy, 0o555)
    try {
      await asSomebody(join(copy, '..'), () => {
        const reader = openStore(copy, 'read')
        expect(opened(reader)).toBe(true)
        reader.db.close()
      })
    } finally {
      chmodSync(copy, 0o755)
    }
    expect(readdirSync(copy).sort()).toEqual(['onay.db', 'onay.db-wal'])
  })
})

describe('a database that lacks a table', () => {
  it.each(['read', 'write'] as const)('is called damaged, and the table named: to %s', (mode) => {
    const dir = fresh()
    openStore(dir, 'write').db.close()
    const raw = new Sqlite(databasePath(dir))
    raw.exec('DROP TABLE gate_log')
    raw.close()
    expect(refusal(() => openStore(dir, mode))).toMatchObject({
      code: 'damaged_database',
      why: 'it has no table gate_log',
    })
  })
})
