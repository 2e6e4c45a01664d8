import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import * as z from 'zod'
import { conflict, messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { tryJson } from '../engine/kernel/json.ts'
import { isBusy } from './faults.ts'

const Holder = z.object({ pid: z.number(), url: z.string().nullable(), what: z.string() })

/** A command that only looks who is there holds the lock for an instant: that is waited for. */
const TAKE_TIMEOUT_MS = 200

/** Who holds a data directory: written beside the lock for people and for commands that look for a running room. */
type Holder = z.infer<typeof Holder>

interface DirectoryLock {
  /** Tells others how to reach this process. */
  announce(url: string): void
  release(): void
}

/**
 * Takes the data directory for this process alone. The lock is SQLite's own lock on an empty file, so the system frees it
 * when the process dies, however it dies.
 * @throws OperatorError naming the pid that has it.
 */
export function lockDirectory(dataDir: string, what: string): DirectoryLock {
  try {
    mkdirSync(dataDir, { recursive: true })
  } catch (error) {
    throw noAccess(`the data directory ${dataDir} cannot be made`, error, 'name another with --data-dir')
  }
  const bereft = bereftHolder(dataDir)
  if (bereft !== null) throw lockDeleted(dataDir, bereft)
  const held = tryLock(dataDir, TAKE_TIMEOUT_MS)
  if (held === null) throw taken(dataDir)
  try {
    writeHolder(dataDir, { pid: process.pid, url: null, what })
  } catch (error) {
    // A lock can be had on a file that may only be read.
    held.close()
    throw unlockable(dataDir, error)
  }
  return {
    announce: (url) => writeHolder(dataDir, { pid: process.pid, url, what }),
    release: () => {
      rmSync(holderPath(dataDir), { force: true })
      held.close()
    },
  }
}

/** Who holds the directory now, or null when nobody does. */
export function holderOf(dataDir: string): Holder | null {
  const holder = noteIn(dataDir)
  // A holder that died leaves its note behind; the lock tells whether it lives.
  return holder !== null && isHeld(dataDir) ? holder : bereftHolder(dataDir)
}

/** A room that lives though its lock was deleted: nothing else leaves a note with an address beside no lock. */
function bereftHolder(dataDir: string): Holder | null {
  const holder = noteIn(dataDir)
  if (holder === null || holder.url === null || existsSync(lockPath(dataDir))) return null
  return holder.pid !== process.pid && isAlive(holder.pid) ? holder : null
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** By a look that makes no file and needs no right to write: whoever may read the directory may ask. */
function isHeld(dataDir: string): boolean {
  if (!existsSync(lockPath(dataDir))) return false
  let look: Sqlite.Database | undefined
  try {
    look = new Sqlite(lockPath(dataDir), { readonly: true, fileMustExist: true, timeout: 0 })
    look.prepare('SELECT 1 FROM sqlite_master').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw unlockable(dataDir, error)
  } finally {
    look?.close()
  }
}

function tryLock(dataDir: string, timeoutMs: number): Sqlite.Database | null {
  let lock: Sqlite.Database | undefined
  try {
    lock = new Sqlite(lockPath(dataDir), { timeout: timeoutMs })
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    if (isBusy(error)) return null
    throw unlockable(dataDir, error)
  }
}

function unlockable(dataDir: string, error: unknown): OperatorError {
  return noAccess(
    `the data directory ${dataDir} cannot be locked`,
    error,
    'check its rights, or name another with --data-dir',
  )
}

function noAccess(what: string, error: unknown, next: string): OperatorError {
  return new OperatorError(what, messageOf(error), next, 'no_access', 500)
}

function taken(dataDir: string): OperatorError {
  const holder = noteIn(dataDir)
  const who = holder === null ? 'another process has it' : `process ${holder.pid} (onay ${holder.what}) has it`
  const url = holder?.url ?? null
  const next =
    url === null
      ? 'wait for it to end, or use another --data-dir'
      : `see it with: onay attach ${url}, or use another --data-dir`
  return conflict(`the data directory ${dataDir} is in use`, who, next, 'in_use')
}

function lockDeleted(dataDir: string, { pid, what }: Holder): OperatorError {
  return conflict(
    `the data directory ${dataDir} is in use`,
    `process ${pid} (onay ${what}) has it, though its file room.lock was deleted`,
    'end that process first; if it is another program, delete room.json and start again',
    'in_use',
  )
}

/** What the holder has left for others; null where there is no note that can be read. */
function noteIn(dataDir: string): Holder | null {
  try {
    const parsed = Holder.safeParse(tryJson(readFileSync(holderPath(dataDir), 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

function writeHolder(dataDir: string, holder: Holder): void {
  writeFileSync(holderPath(dataDir), `${JSON.stringify(holder)}\n`)
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'room.lock')
}

function holderPath(dataDir: string): string {
  return join(dataDir, 'room.json')
}
