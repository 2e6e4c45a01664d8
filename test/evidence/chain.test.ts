import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChainAudit, Findings } from '../../src/evidence/audit.ts'
import { type ChainDraft, type ChainEntry, chainHash, GENESIS, linkEntry } from '../../src/evidence/chain.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'

function chain(length: number): ChainEntry[] {
  const entries: ChainEntry[] = []
  for (let i = 0; i < length; i++) {
    const subject = `ml/daily/report_${i}.json`
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

  it('names the first entry in which anything was changed', () => {
    const positions = fc.integer({ min: 0, max: 5 })
    fc.assert(
      fc.property(positions, fc.constantFrom(...CHANGES), (at, change) => {
        const entries = chain(6)
        const changed = entries.map((entry, i) => (i === at ? { ...entry, ...change } : entry))
        const findings = new Findings()
        const audit = new ChainAudit(findings)
        for (const entry of changed) audit.take(entry)
        expect(findings.kept[0]?.what).toMatch(new RegExp(`^entry ${at + 1} `))
      }),
    )
  })
})
