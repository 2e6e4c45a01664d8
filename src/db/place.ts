/** Whether the database still stands where it was opened. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'

const RESCUED = 'onay.rescued.db'

/**
 * To be called before each transaction. A file that was deleted or replaced goes on taking in what nobody will find again:
 * from then on nothing is taken in, and what the database held is written beside it, once.
 * @throws OperatorError from the function that is returned
 */
export function placeGuard(path: string, raw: Sqlite.Database): () => void {
  const opened = placeOf(path)
  let rescue: string | null = null
  return () => {
    const now = placeOf(path)
    if (now === opened) return
    rescue ??= rescued(path, raw)
    throw new OperatorError(
      `the database ${path} is gone`,
      `it was ${now === null ? 'deleted' : 'replaced'} while it was open, ${rescue}`,
      'end this room, put the database back, and start it again',
      'database_gone',
      507,
    )
  }
}

/** Which file a path leads to; null where there is none. */
function placeOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

function rescued(path: string, raw: Sqlite.Database): string {
  const copy = join(dirname(path), RESCUED)
  if (existsSync(copy)) return `${copy} was there before and stays as it is`
  try {
    raw.prepare('VACUUM INTO ?').run(copy)
    return `all that it held is in ${copy}`
  } catch (error) {
    return `and what it held could not be written to ${copy}: ${messageOf(error)}`
  }
}
