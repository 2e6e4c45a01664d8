import { mkdirSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { explain } from './faults.ts'
import { databasePath } from './store.ts'

/** Pages of one step: between steps this process does what else it has to. */
const PAGES_A_STEP = 100

/**
 * Copies the database of a data directory as it stands, whether a room runs on it or not, by SQLite's own online backup.
 * @throws OperatorError where it cannot be read, or the copy not be written
 */
export async function copyDatabase(fromDir: string, toDir: string): Promise<void> {
  const path = databasePath(fromDir)
  try {
    mkdirSync(toDir, { recursive: true })
    const raw = new Sqlite(path, { readonly: true, fileMustExist: true })
    try {
      // Held for the whole of it: a copy that saw every write of a busy room would begin again with each.
      raw.exec('BEGIN')
      raw.prepare('SELECT count(*) FROM sqlite_schema').get()
      await raw.backup(databasePath(toDir), { progress: () => PAGES_A_STEP })
    } finally {
      raw.close()
    }
  } catch (error) {
    throw explain(path, error)
  }
}
