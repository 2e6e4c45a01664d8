/** Looks at, or breaks, single calls of the file system while a piece of work runs: what is durable shows in nothing else. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

interface Synced {
  /** Tells one file from another, whatever it is called. */
  readonly inode: number
  /** What it held by then. */
  readonly bytes: number
}

/** The files and directories that were made durable, in that order. */
export function syncedBy(work: () => void): readonly Synced[] {
  const { fsyncSync } = fs
  const synced: Synced[] = []
  fs.fsyncSync = (fd) => {
    const { ino, size } = fs.fstatSync(fd)
    synced.push({ inode: ino, bytes: size })
    fsyncSync(fd)
  }
  replaced(work, () => (fs.fsyncSync = fsyncSync))
  return synced
}

/** The disk takes so many bytes of each text that is written whole, and is full then. */
export function fullAfter(bytes: number, work: () => void): void {
  const { writeFileSync } = fs
  fs.writeFileSync = (file, data) => {
    if (typeof data !== 'string') throw new TypeError('only text is cut short here')
    writeFileSync(file, Buffer.from(data).subarray(0, bytes))
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  replaced(work, () => (fs.writeFileSync = writeFileSync))
}

/** Named imports of a built-in module follow its default export only once they are told to. */
function replaced(work: () => void, restore: () => void): void {
  syncBuiltinESMExports()
  try {
    work()
  } finally {
    restore()
    syncBuiltinESMExports()
  }
}
