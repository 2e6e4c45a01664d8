/** The database of a bot: freqtrade's, which keeps each trade as a row. Read only, and never waited for. */
import Sqlite from 'better-sqlite3'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { beginsWith } from '../feeds/bars-bytes.ts'

const MAGIC = 'SQLite format 3\0'

export function isSqlite(path: string): boolean {
  return beginsWith(path, MAGIC)
}

/** Every row of its table of trades. @throws OperatorError where it has none, or cannot be read */
export function botTrades(path: string): readonly Readonly<Record<string, unknown>>[] {
  const refused = (why: string): OperatorError =>
    new OperatorError(
      `no trades can be read from ${path}`,
      why,
      'name a freqtrade database, which has a table called trades, or export it as CSV',
      'trades_file',
    )
  let db: Sqlite.Database | null = null
  try {
    db = new Sqlite(path, { readonly: true, fileMustExist: true })
    return db.prepare<[], Record<string, unknown>>('SELECT * FROM trades ORDER BY id').all()
  } catch (error) {
    throw refused(messageOf(error))
  } finally {
    db?.close()
  }
}
