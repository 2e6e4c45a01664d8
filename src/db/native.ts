import Sqlite from 'better-sqlite3'
import { messageOf } from '../engine/kernel/errors.ts'

/** Why the compiled half of better-sqlite3 does not load, in one line; null where it does. It is loaded with the first database. */
export function sqliteFault(): string | null {
  try {
    new Sqlite(':memory:').close()
    return null
  } catch (error) {
    return messageOf(error).split('\n')[0] ?? ''
  }
}
