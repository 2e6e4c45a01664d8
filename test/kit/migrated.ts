/** A database as one of a new room is, of which only the first in a process has gone through the migrations. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databasePath, openStore } from '../../src/db/store.ts'

let migrated: Buffer | null = null

/** Puts one into a data directory that has none. */
export function bringDatabase(dataDir: string): void {
  const path = databasePath(dataDir)
  if (existsSync(path)) return
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(path, (migrated ??= newDatabase()))
}

function newDatabase(): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'onay-migrated-'))
  try {
    openStore(dir, 'write').db.close()
    return readFileSync(databasePath(dir))
  } finally {
    rmSync(dir, { recursive: true })
  }
}
