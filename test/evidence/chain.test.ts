import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChainAudit, Findings } from '../../src/evidence/audit.ts'
import { type ChainDraft, type ChainEntry, GENESIS, linkEntry } from '../../src/evidence/chain.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'

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

/** The first entry of such a chain as it is hashed, and its SHA-256 by `sha256sum`. */
const FIRST = `{"detail":"{\\"n\\":1}","kind":"file","prev":"${'0'.repeat(64)}","seq":1,"sha256":"ab825576589478390ebc41a8a7d6d4650ecff38db20219ac91fa058484ac3f91","subject":"ml/daily/report_0.json","tsMs":0,"wallMs":5}`
const HASH_OF_FIRST = '0683ea51d4b24359bcab630bdafb71de732609dad76d9a8d9c19a92f42260e89'

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

  it('hashes every field but the hash, as one line with its names in order', () => {
    expect(createHash('sha256').update(FIRST).digest('hex')).toBe(HASH_OF_FIRST)
    expect(chain(1)[0]?.hash).toBe(HASH_OF_FIRST)
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
