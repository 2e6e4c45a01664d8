import { describe, expect, it } from 'vitest'
import { ChainAudit, Findings, isSubject, type Finding, type KeptHead } from '../../src/evidence/audit.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'
import { type ChainEntry, chainHash, GENESIS, linkEntry } from '../../src/evidence/chain.ts'

const LENGTH = 12

function chain(length = LENGTH): ChainEntry[] {
  const entries: ChainEntry[] = []
  for (let i = 0; i < length; i++) {
    const detail = canonicalJson({ n: i })
    const fact = { kind: 'gate', subject: `BTCUSDT/gate-${i}`, sha256: sha256Hex(detail) }
    const file = { kind: 'file', subject: `ml/file_${i}.json`, sha256: sha256Hex(`content ${i}`) }
    entries.push(linkEntry(entries.at(-1) ?? null, { ...(i % 2 === 0 ? fact : file), detail, tsMs: i, wallMs: i }))
  }
  return entries
}

/** As an attacker does who links everything anew from an entry on. */
function relinked(entries: readonly ChainEntry[]): ChainEntry[] {
  const linked: ChainEntry[] = []
  for (const entry of entries) linked.push(linkEntry(linked.at(-1) ?? null, entry))
  return linked
}

function audited(
  rows: readonly unknown[],
  kept: readonly KeptHead[] = [],
): { audit: ChainAudit; found: Finding[]; count: number } {
  const findings = new Findings()
  const byHash = new Map(chain().map((entry) => [entry.hash, entry]))
  const audit = new ChainAudit(findings, (hash) => byHash.get(hash) ?? null, kept)
  for (const row of rows) audit.take(row)
  audit.end()
  return { audit, found: findings.kept, count: findings.count }
}

function at(entries: readonly ChainEntry[], seq: number): ChainEntry {
  const entry = entries[seq - 1]
  if (entry === undefined) throw new Error(`no entry ${seq}`)
  return entry
}

describe('a chain that was tampered with', () => {
  const whole = chain()

  it('has nothing to name when nothing was touched, and says where it ends', () => {
    const { audit, found } = audited(whole)
    expect(found).toEqual([])
    expect(audit.count).toBe(LENGTH)
    expect(audit.head).toEqual({ seq: LENGTH, hash: at(whole, LENGTH).hash })
  })

  const changes: readonly (readonly [what: string, rows: readonly unknown[], first: RegExp, why: RegExp])[] = [
    [
      'a changed row',
      whole.map((e) => (e.seq === 5 ? { ...e, detail: '{"n":99}' } : e)),
      /^entry 5 \(gate BTCUSDT\/gate-4\)$/,
      /changed/,
    ],
    [
      'a removed row',
      whole.filter((e) => e.seq !== 5),
      /^entry 5$/,
      /entry 5 is missing: entry 6 \(file ml\/file_5.json\) follows entry 4/,
    ],
    ['several removed rows', whole.filter((e) => e.seq < 5 || e.seq > 7), /^entries 5 to 7$/, /are missing/],
    [
      'two swapped rows',
      whole.map((e) => (e.seq === 5 ? { ...at(whole, 8), seq: 5 } : e.seq === 8 ? { ...at(whole, 5), seq: 8 } : e)),
      /^entry 5 \(file ml\/file_7.json\)$/,
      /written as entry 8: rows were swapped/,
    ],
    [
      'an inserted row, those after it renumbered',
      [
        ...whole.slice(0, 4),
        linkEntry(at(whole, 4), at(whole, 1)),
        ...whole.slice(4).map((e) => ({ ...e, seq: e.seq + 1 })),
      ],
      /^entry 6 \(gate BTCUSDT\/gate-4\)$/,
      /written as entry 5/,
    ],
    ['a row twice', [...whole.slice(0, 5), ...whole.slice(4)], /^entry 5 /, /in the place of entry 6/],
    [
      'a row that was changed and given its hash anew',
      whole.map((e) => (e.seq === 5 ? { ...e, tsMs: 99, hash: chainHash({ ...e, tsMs: 99 }) } : e)),
      /^entry 6 /,
      /does not follow the entry before it/,
    ],
    [
      'a fact whose hash is another one’s, linked anew',
      relinked(whole.map((e) => (e.seq === 5 ? { ...e, sha256: sha256Hex('other') } : e))),
      /^entry 5 /,
      /not that of its detail/,
    ],
    [
      'a row that is none',
      whole.map((e) => (e.seq === 5 ? { ...e, detail: null } : e)),
      /^entry 5$/,
      /not a chain entry/,
    ],
    [
      'a file that would lie outside the evidence',
      relinked(whole.map((e) => (e.seq === 6 ? { ...e, subject: 'ml/../../etc/passwd' } : e))),
      /^entry 6 /,
      /outside the evidence/,
    ],
  ]
  it.each(changes)('names %s first', (_, rows, what, why) => {
    const { found } = audited(rows)
    expect(found[0]?.what).toMatch(what)
    expect(found[0]?.why).toMatch(why)
  })

  it('goes on behind the first thing and counts what else does not fit', () => {
    const rows = whole.map((entry) => (entry.seq === 3 || entry.seq === 9 ? { ...entry, wallMs: 77 } : entry))
    const { found, count } = audited(rows)
    expect(count).toBe(2)
    expect(found.map(({ what }) => what.slice(0, 7))).toEqual(['entry 3', 'entry 9'])
  })
})

describe('a head that was kept elsewhere', () => {
  const whole = chain()
  const kept = (seq: number, named = true): KeptHead => ({ seq: named ? seq : null, hash: at(whole, seq).hash })

  it('fits when it is the newest entry or one before it, with its number and without', () => {
    for (const head of [kept(LENGTH), kept(7), kept(7, false), { seq: 0, hash: GENESIS }])
      expect(audited(whole, [head]).found).toEqual([])
  })

  it('shows that the chain was cut short', () => {
    const { found } = audited(whole.slice(0, 6), [kept(7)])
    expect(found).toMatchObject([{ what: `head 7:${at(whole, 7).hash}`, why: expect.stringContaining('cut short') }])
  })

  it('shows that the chain was rewritten, which in itself fits', () => {
    const rewritten = relinked(whole.map((entry) => (entry.seq === 5 ? { ...entry, tsMs: 50 } : entry)))
    expect(audited(rewritten).found).toEqual([])
    expect(audited(rewritten, [kept(4)]).found).toEqual([])
    expect(audited(rewritten, [kept(8)]).found[0]?.why).toContain('rewritten')
  })

  it('does not take the hash of one entry for that of another', () => {
    expect(audited(whole, [{ seq: 6, hash: at(whole, 7).hash }]).count).toBe(1)
  })
})

describe('the subject of a file', () => {
  it.each([
    ['ml/daily/report_2025-05-25.json', true],
    ['ml-artifacts/v1.8.1/model_weights_v1.8.1.json', true],
    ['ml/../x', false],
    ['ml//x', false],
    ['/etc/passwd', false],
    ['onay.db', false],
    ['ml/', false],
  ])('%s stays in its directory: %s', (subject, stays) => {
    expect(isSubject(subject)).toBe(stays)
  })
})
