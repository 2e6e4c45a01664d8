import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ChainDraft,
  type ChainEntry,
  chainHash,
  GENESIS,
  linkEntry,
  verifyChain,
} from '../../src/evidence/chain.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'

function chain(length: number): ChainEntry[] {
  const entries: ChainEntry[] = []
  for (let i = 0; i < length; i++) {
    const subject = `daily/report_${i}.json`
    const draft: ChainDraft = {
      kind: 'file',
      subject,
      sha256: sha256Hex(subject),
      detail: '{"n":1}',
      tsMs: i,
      wallMs: i + 5,
    }
    entries.push(linkEntry(entries.at(-1) ?? null, draft))
  }
  return entries
}

const CHANGES: readonly Partial<ChainEntry>[] = [
  { kind: 'promotion' },
  { subject: 'other' },
  { sha256: sha256Hex('other') },
  { detail: '{"n":2}' },
  { tsMs: 99 },
  { wallMs: 99 },
  { prev: sha256Hex('other') },
  { hash: sha256Hex('other') },
]

describe('the chain of evidence', () => {
  it('begins with 64 zeros and gives each entry the hash of the one before', () => {
    const [first, second] = chain(2)
    expect(first).toMatchObject({ seq: 1, prev: GENESIS })
    expect(second).toMatchObject({ seq: 2, prev: first?.hash })
    expect(GENESIS).toMatch(/^0{64}$/)
  })

  it('hashes the canonical JSON of every field but the hash', () => {
    const [entry] = chain(1)
    if (entry === undefined) throw new Error('no entry')
    const { hash, ...content } = entry
    expect(hash).toBe(sha256Hex(canonicalJson(content)))
    expect(chainHash(content)).toBe(hash)
  })

  it('holds when nothing was touched, and names its head', () => {
    const entries = chain(5)
    expect(verifyChain(entries)).toEqual({ ok: true, count: 5, head: entries[4]?.hash })
    expect(verifyChain([])).toEqual({ ok: true, count: 0, head: GENESIS })
  })

  it('names the first entry in which anything was changed', () => {
    const positions = fc.integer({ min: 0, max: 5 })
    fc.assert(
      fc.property(positions, fc.constantFrom(...CHANGES), (at, change) => {
        const entries = chain(6)
        const changed = entries.map((entry, i) => (i === at ? { ...entry, ...change } : entry))
        expect(verifyChain(changed)).toMatchObject({ ok: false, seq: at + 1 })
      }),
    )
  })

  it('shows an entry that was changed and hashed anew at the one that follows it', () => {
    const entries = chain(4)
    const forged = entries.map((entry) => (entry.seq === 2 ? rehashed({ ...entry, detail: '{}' }) : entry))
    expect(verifyChain(forged)).toEqual({
      ok: false,
      seq: 3,
      why: 'entry 3 does not follow the one before it: it names another hash',
    })
  })

  it('names a gap, a repeat and an entry out of order', () => {
    const entries = chain(4)
    const pick = (...seqs: number[]): ChainEntry[] => seqs.flatMap((seq) => entries[seq - 1] ?? [])
    expect(verifyChain(pick(1, 2, 4))).toMatchObject({ seq: 4, why: 'entry 3 is missing: entry 4 stands in its place' })
    expect(verifyChain(pick(2, 3))).toMatchObject({ seq: 2, why: 'entry 1 is missing: entry 2 stands in its place' })
    expect(verifyChain(pick(1, 2, 2, 3))).toMatchObject({ seq: 2, why: 'entry 2 stands where entry 3 belongs' })
  })

  it('cannot show that it was cut short: its head differs, and that is kept elsewhere', () => {
    const entries = chain(4)
    expect(verifyChain(entries.slice(0, 3))).toEqual({ ok: true, count: 3, head: entries[2]?.hash })
  })
})

function rehashed(entry: ChainEntry): ChainEntry {
  return { ...entry, hash: chainHash(entry) }
}
