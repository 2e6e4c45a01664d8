/** A chain of hashes: each entry holds the hash of the one before, so that none can be changed, dropped or added unseen. */
import type { UnixMs } from '../engine/kernel/units.ts'
import { canonicalJson, sha256Hex } from './canonical.ts'

export interface ChainEntry {
  /** 1, 2, 3 and so on. */
  readonly seq: number
  /** What happened: a file written, a promotion, an alert. */
  readonly kind: string
  /** What it happened to: a path, a version. */
  readonly subject: string
  /** SHA-256 of the subject's bytes. */
  readonly sha256: string
  /** Canonical JSON. */
  readonly detail: string
  readonly tsMs: UnixMs
  readonly wallMs: UnixMs
  /** The hash of the entry before; `GENESIS` in the first. */
  readonly prev: string
  readonly hash: string
}

export type ChainDraft = Omit<ChainEntry, 'seq' | 'prev' | 'hash'>

export const GENESIS = '0'.repeat(64)

/** SHA-256 over the canonical JSON of every field but the hash itself. */
export function chainHash(entry: Omit<ChainEntry, 'hash'>): string {
  const { seq, kind, subject, sha256, detail, tsMs, wallMs, prev } = entry
  return sha256Hex(canonicalJson({ seq, kind, subject, sha256, detail, tsMs, wallMs, prev }))
}

/** The entry that follows `previous`; the first one of a chain when that is null. */
export function linkEntry(previous: ChainEntry | null, draft: ChainDraft): ChainEntry {
  const { kind, subject, sha256, detail, tsMs, wallMs } = draft
  const seq = (previous?.seq ?? 0) + 1
  const entry = { seq, kind, subject, sha256, detail, tsMs, wallMs, prev: previous?.hash ?? GENESIS }
  return { ...entry, hash: chainHash(entry) }
}
