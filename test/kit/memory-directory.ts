/** A file system in memory for the directories of tests, which live for seconds: no disk is waited for. */
import { accessSync, constants, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
const NEEDED_BYTES = 6e9
const PREFIX = 'onay-tests-'

/** A directory of this process' own, gone when it ends; null where there is no such file system, or too little room on it. */
export function memoryDirectory(): string | null {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    if (bavail * bsize < NEEDED_BYTES) return null
  } catch {
    // Not every system has it.
    return null
  }
  removeLeftBehind(MEMORY, PREFIX)
  const own = join(MEMORY, `${PREFIX}${process.pid}`)
  mkdirSync(own, { recursive: true })
  process.once('exit', () => rmSync(own, { recursive: true, force: true }))
  return own
}

/** Removes the directories of runs that were killed: each is named by a prefix and the process that made it. */
export function removeLeftBehind(parent: string, prefix: string): void {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      rmSync(join(parent, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process, which may not be signalled, lives all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
