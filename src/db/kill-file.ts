/**
 * The kill switch beside the database: one small file a symbol, made at its full size when the room first opens and from then on
 * overwritten in place, so that it can be written while the disk is full or the database cannot be.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import type { KillState } from '../engine/approval/kill-switch.ts'
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts'
import { KillShape } from './shapes-room.ts'

/** A page of most file systems: it is written whole or not at all. */
const BYTES = 4096
/** They fit, whatever they are: a character takes six bytes at most. */
const MAX_CHARACTERS = 400
const MAX_RULES = 20
const OWNER_ONLY = 0o600

const FileShape = z.object({ state: KillShape, sha256: z.string() })

export class KillFile {
  private readonly path: string

  constructor(dataDir: string, symbol: string) {
    this.path = join(dataDir, 'kill-switch', `${encodeURIComponent(symbol)}.json`)
  }

  /** Makes the file where there is none: from then on there is room for it. @throws Error of the file system */
  ensure(state: KillState): void {
    if (this.stands()) return
    mkdirSync(dirname(this.path), { recursive: true })
    const fresh = `${this.path}.new`
    writeFileSync(fresh, blockOf(state), { mode: OWNER_ONLY, flush: true })
    renameSync(fresh, this.path)
  }

  /** `damaged` where there is a file that cannot be read or is not as it was written; null where there is none. */
  read(): KillState | 'damaged' | null {
    try {
      const { state, sha256 } = FileShape.parse(JSON.parse(readFileSync(this.path, 'utf8')))
      return sha256 === markOf(state) ? state : 'damaged'
    } catch {
      return this.stands() ? 'damaged' : null
    }
  }

  /** Whether anything stands at its path, a link that leads nowhere among them. */
  private stands(): boolean {
    return lstatSync(this.path, { throwIfNoEntry: false }) !== undefined
  }

  /** Durable when it returns. Follows no link. @throws Error of the file system */
  write(state: KillState): void {
    this.ensure(state)
    const fd = openSync(this.path, constants.O_RDWR | constants.O_NOFOLLOW)
    try {
      writeSync(fd, blockOf(state), 0, BYTES, 0)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }
}

function blockOf(whole: KillState): Buffer {
  const seen = whole.seen && { ...whole.seen, firing: whole.seen.firing.slice(0, MAX_RULES) }
  const state = { ...whole, reason: Array.from(whole.reason).slice(0, MAX_CHARACTERS).join(''), seen }
  const block = Buffer.alloc(BYTES, ' ')
  block.write(JSON.stringify({ state, sha256: markOf(state) }))
  block.write('\n', BYTES - 1)
  return block
}

function markOf(state: KillState): string {
  return sha256Hex(canonicalJson(state))
}
