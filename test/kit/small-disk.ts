/** A disk of its own that can be filled and freed: a file system in memory, which needs a Linux machine and its administrator. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FILLER_BLOCK = Buffer.alloc(65_536)

export class SmallDisk {
  /** A room's directory on it; nothing is there yet. */
  readonly dataDir: string
  private readonly filler: string

  private readonly path = mkdtempSync(join(tmpdir(), 'onay-disk-'))

  /** @throws where nothing may be mounted */
  constructor(kib: number) {
    this.dataDir = join(this.path, 'room')
    this.filler = join(this.path, 'filler')
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', this.path])
  }

  resize(kib: number): void {
    execFileSync('mount', ['-o', `remount,size=${kib}k`, this.path])
  }

  remove(): void {
    // A process that is being killed may still have files open on it.
    execFileSync('umount', ['-l', this.path])
    rmSync(this.path, { recursive: true, force: true })
  }

  /** To the last byte. */
  fill(): void {
    const file = openSync(this.filler, 'a')
    try {
      for (let block = FILLER_BLOCK; block.length > 0; block = block.subarray(0, block.length >> 1)) {
        // Ends by an error: the disk is full.
        while (wrote(file, block));
      }
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(this.filler, { force: true })
  }
}

function wrote(file: number, block: Buffer): boolean {
  try {
    return writeSync(file, block) === block.length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}

/** A small file system of its own needs a Linux machine and its administrator. */
export function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'onay-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir], { stdio: 'ignore' })
    execFileSync('umount', [dir], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
