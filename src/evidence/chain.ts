/** A chain of hashes: each entry holds the hash of the one before, so that none can be changed, dropped or put in unseen. */
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

export type ChainCheck =
  | { readonly ok: true; readonly count: number; readonly head: string }
  | { readonly ok: false; readonly seq: number; readonly why: string }

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

/**
 * Walks a chain from its first entry and stops at the first thing that does not fit. An empty chain holds, its head is
 * `GENESIS`. Entries missing at the end do not show here, only against a head that was kept elsewhere.
 */
export function verifyChain(entries: Iterable<ChainEntry>): ChainCheck {
  let count = 0
  let head = GENESIS
  for (const entry of entries) {
    const why = misfit(entry, count + 1, head)
    if (why !== null) return { ok: false, seq: entry.seq, why }
    count++
    head = entry.hash
  }
  return { ok: true, count, head }
}

function misfit(entry: ChainEntry, expectedSeq: number, head: string): string | null {
  if (entry.seq > expectedSeq) return `entry ${expectedSeq} is missing: entry ${entry.seq} stands in its place`
  if (entry.seq !== expectedSeq) return `entry ${entry.seq} stands where entry ${expectedSeq} belongs`
  if (entry.prev !== head) return `entry ${entry.seq} does not follow the one before it: it names another hash`
  if (entry.hash !== chainHash(entry)) return `entry ${entry.seq} was changed: its content does not give its hash`
  return null
}
