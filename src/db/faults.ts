/** What is wrong with a database, said for people. */
import { dirname } from 'node:path'
import { messageOf, OperatorError, unavailable } from '../engine/kernel/errors.ts'

export function damaged(path: string, why: string): OperatorError {
  return new OperatorError(
    `the database ${path} is damaged`,
    why,
    'it was left as it is: move it away, put a copy back, or start with another --data-dir',
    'damaged_database',
    500,
  )
}

const ACCESS_CODES = new Set(['EACCES', 'EISDIR', 'EROFS', 'EPERM', 'ENOTDIR', 'SQLITE_CANTOPEN'])

/** Whether another process has the database. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY')
}

/** Whether SQLite could not make or write a file that it needs. */
export function isUnwritable(error: unknown): boolean {
  const code = codeOf(error)
  return code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY')
}

/** The error for people that belongs to a storage error; anything unknown comes back as it is. */
export function explain(path: string, error: unknown): unknown {
  if (error instanceof OperatorError || !(error instanceof Error)) return error
  const code = codeOf(error)
  if (isBusy(error)) {
    return unavailable(
      `the database ${path} cannot be written`,
      'another process has it locked',
      'end that process, or wait for it: a backup, a shell of sqlite3',
      'locked',
    )
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, messageOf(error))
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new OperatorError(
      `${dirname(path)} cannot be written`,
      'the disk is full',
      'make room: nothing that was acknowledged is lost',
      'disk_full',
      507,
    )
  }
  if (ACCESS_CODES.has(code) || code.startsWith('SQLITE_READONLY')) {
    return new OperatorError(
      `the database ${path} cannot be opened`,
      messageOf(error),
      'check the rights of the directory, or name another with --data-dir',
      'no_access',
      500,
    )
  }
  return error
}

/** Of the error itself, or of what a library has wrapped in its own. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return 'code' in error ? String(error.code) : codeOf(error.cause)
}
