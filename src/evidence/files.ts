/** Files that are there whole or not at all. */
import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { OperatorError } from '../engine/kernel/errors.ts'

const TEMPORARY = /^\.tmp-(\d+)-/
const HASH_PIECE_BYTES = 1_048_576

/**
 * Writes beside the target, syncs, and renames over it: a reader sees the old content or the new, and so does a machine that
 * lost power. Parent directories are made.
 * @throws OperatorError when the disk is full, writing is not allowed, or a part of the path is a file
 */
export function writeAtomic(path: string, content: string | Uint8Array): void {
  const directory = dirname(path)
  const temporary = join(directory, `.tmp-${process.pid}-${randomUUID()}`)
  try {
    mkdirSync(directory, { recursive: true })
    const file = openSync(temporary, 'wx')
    try {
      writeFileSync(file, content)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
    syncDirectory(directory)
  } catch (thrown) {
    dropQuietly(temporary)
    throw writeFault(path, thrown)
  }
}

/** SHA-256 of a file's bytes in hex; null when the file does not exist. */
export function fileSha256(path: string): string | null {
  if (!existsSync(path)) return null
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    // No larger than the file: most are a few kilobytes, and they are looked at every hour.
    const piece = Buffer.allocUnsafe(Math.min(HASH_PIECE_BYTES, fstatSync(file).size + 1))
    for (;;) {
      const bytes = readSync(file, piece, 0, piece.length, null)
      if (bytes === 0) return hash.digest('hex')
      hash.update(piece.subarray(0, bytes))
    }
  } finally {
    closeSync(file)
  }
}

/**
 * Removes what writers that were killed left in a directory, and returns the names. A temporary file whose writer still runs
 * is left alone: a command may be writing while a room starts.
 */
export function removeStaleTemporaries(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const stale = readdirSync(directory).filter((name) => isStale(name))
  for (const name of stale) rmSync(join(directory, name), { recursive: true, force: true })
  return stale
}

/** Makes a rename in the directory survive a loss of power. Some file systems refuse it; they offer nothing better. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } catch (thrown) {
    if (codeOf(thrown) !== 'EINVAL' && codeOf(thrown) !== 'ENOTSUP') throw thrown
  } finally {
    closeSync(handle)
  }
}

/** The error for people that belongs to a failed write; anything unknown comes back as it is. */
export function writeFault(path: string, thrown: unknown): unknown {
  const what = `${path} could not be written`
  switch (codeOf(thrown)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new OperatorError(what, 'the disk is full', 'free some space, then try again', 'disk_full', 507)
    case 'EACCES':
    case 'EPERM':
      return new OperatorError(what, 'writing there is not allowed', 'change its owner or mode', 'no_access', 500)
    case 'EROFS':
      return new OperatorError(what, 'the file system is read-only', 'name a directory elsewhere', 'read_only', 500)
    case 'ENOTDIR':
    case 'EEXIST':
      return new OperatorError(what, 'a part of its path is a file', 'move that file away', 'not_a_directory', 500)
    case 'EISDIR':
      return new OperatorError(what, 'a directory has its name', 'move that directory away', 'is_a_directory', 500)
    default:
      return thrown
  }
}

function isStale(name: string): boolean {
  if (!name.startsWith('.tmp-')) return false
  const writer = Number(TEMPORARY.exec(name)?.[1])
  // Writing is synchronous, so this process has no file under way: one with its id is left by an older process.
  return !Number.isSafeInteger(writer) || writer === process.pid || !isRunning(writer)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return codeOf(thrown) === 'EPERM'
  }
}

function dropQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // The write's own error is the one worth telling; a file left behind is removed at the next start.
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null
}
