import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyEvidence } from '../../../src/room/record/verify-evidence.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
const FILE = 'ml/gates_noon.json'

/** A directory whose chain names one file. */
function recorded(): string {
  const dir = fresh()
  const kit = aDesk(dir)
  kit.desk.transaction(() => kit.desks.evidence.writeDocument(FILE, { label: 'noon' }, START))
  kit.desks.drainOutbox()
  kit.desks.close()
  return dir
}

const verified = (dir: string) =>
  verifyEvidence({
    dataDir: join(dir, 'data'),
    evidenceDir: join(dir, 'evidence'),
    kept: null,
    signers: null,
    stopwatch: () => 0,
  })

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

describe('evidence that is verified', () => {
  it('fits when nothing was touched', () => {
    expect(verified(recorded())).toMatchObject({ ok: true, files: { whole: 1 }, findings: [], unchecked: [] })
  })

  it('does not fit while one of its files cannot be read, which is told apart from one that was changed', () => {
    const dir = recorded()
    const path = join(dir, 'evidence', FILE)
    rmSync(path)
    mkdirSync(path)
    expect(verified(dir)).toMatchObject({
      ok: false,
      findings: [],
      unchecked: [expect.stringMatching(/^ml\/gates_noon\.json: /)],
    })
  })

  it.each([
    ['changed', (path: string) => writeFileSync(path, '{}'), 'its bytes were changed'],
    ['removed', (path: string) => rmSync(path), 'it is missing'],
  ])('does not fit when a file was %s', (_, spoil, said) => {
    const dir = recorded()
    spoil(join(dir, 'evidence', FILE))
    const { ok, first } = verified(dir)
    expect(ok).toBe(false)
    expect(JSON.stringify(first)).toContain(said)
  })

  it.each([
    ['the first symbol', 'ml/daily/report_2025-05-05.json'],
    ['a second symbol', 'ml/BBBUSDT/daily/report_2025-05-05.json'],
  ])('does not fit when a report of %s has a head that the chain has not', (_, name) => {
    const dir = recorded()
    const head = (hash: string): string => JSON.stringify({ date: '2025-05-05', chain: { seq: 1, hash } })
    put(join(dir, 'evidence', name), head('0'.repeat(64)))
    expect(verified(dir)).toMatchObject({ ok: false, first: { what: name, where: 'head' } })
  })

  it('names what does not belong to the first symbol by a folder of its own', () => {
    const kit = aDesk(fresh())
    const { evidence } = kit.desks
    expect([evidence.subject(SYMBOL, 'a.json'), evidence.subject('BBBUSDT', 'a.json')]).toEqual([
      'ml/a.json',
      'ml/BBBUSDT/a.json',
    ])
    expect(evidence.artifactSubject('BBBUSDT', 'v1', 'a.json')).toBe('ml-artifacts/BBBUSDT/v1/a.json')
    kit.desks.close()
  })
})
