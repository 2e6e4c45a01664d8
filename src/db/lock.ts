import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import * as z from 'zod'
import { conflict, messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { tryJson } from '../engine/kernel/json.ts'

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
  let text: string
  try {
    text = readFileSync(holderPath(dataDir), 'utf8')
  } catch {
    return null
  }
  const parsed = Holder.safeParse(tryJson(text))
  if (!parsed.success) return null
  // A holder that died leaves its note behind; the lock tells whether it lives.
  const free = tryLock(dataDir, 0)
  if (free === null) return parsed.data
  free.close()
  return null
}

function tryLock(dataDir: string, timeoutMs: number): Sqlite.Database | null {
  let lock: Sqlite.Database | undefined
  try {
    lock = new Sqlite(join(dataDir, 'room.lock'), { timeout: timeoutMs })
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('SQLITE_BUSY')) return null
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
  const parsed = Holder.safeParse(tryJson(readHolder(dataDir)))
  const holder = parsed.success ? parsed.data : null
  const who = holder === null ? 'another process has it' : `process ${holder.pid} (onay ${holder.what}) has it`
  const url = holder?.url ?? null
  const next =
    url === null
      ? 'wait for it to end, or use another --data-dir'
      : `see it with: onay attach ${url}, or use another --data-dir`
  return conflict(`the data directory ${dataDir} is in use`, who, next, 'in_use')
}

function readHolder(dataDir: string): string {
  try {
    return readFileSync(holderPath(dataDir), 'utf8')
  } catch {
    return ''
  }
}

function writeHolder(dataDir: string, holder: Holder): void {
  writeFileSync(holderPath(dataDir), `${JSON.stringify(holder)}\n`)
}

function holderPath(dataDir: string): string {
  return join(dataDir, 'room.json')
}
