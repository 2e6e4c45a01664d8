import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import type { KeptHead } from '../../../src/evidence/audit.ts'
import type { VerifyDocument } from '../../../src/evidence/documents/verify-document.ts'
import { pathOfSubject } from '../../../src/room/record/evidence-writer.ts'
import { verifyEvidence } from '../../../src/room/record/verify-evidence.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { WAYS } from '../../kit/tampering.ts'
import { tellRoom } from '../../kit/told-room.ts'
import { done } from '../../kit/torture.ts'

const fresh = freshDirectories()
let made = ''

beforeAll(async () => {
  made = fresh()
  await tellRoom(made)
})

const placesOf = (dir: string) => ({ dataDir: join(dir, 'data'), evidenceDir: join(dir, 'evidence') })

function verified(dir: string, kept: KeptHead | null = null): VerifyDocument {
  return verifyEvidence({ ...placesOf(dir), kept, signers: null, stopwatch: () => 0 })
}

const told = ({ findings }: VerifyDocument): string[] =>
  findings.map(({ what, where, why }) => `${what} [${where}] ${why}`)

describe('a directory that nobody has touched', () => {
  it('fits, and says what is covered and what is not', () => {
    const seen = verified(made)
    expect(told(seen)).toEqual([])
    expect(seen).toMatchObject({ ok: true, unchecked: [] })
    expect(seen.covers.at(-1)).toBe('rows of AAAUSDT before 2025-05-09')
    expect(seen.not_covered.slice(0, 2)).toEqual([
      'the feature log of today (ml/features_raw.log)',
      'rows of AAAUSDT from 2025-05-09 on, whose day has no digest yet',
    ])
  })
})

describe('a directory that somebody has changed', () => {
  let dir = ''
  let head: KeptHead

  beforeAll(() => {
    dir = fresh()
    mkdirSync(dir)
    cpSync(made, dir, { recursive: true })
    head = verified(made).head
  })

  it.each(WAYS.map((way) => [way.way, way] as const))('%s', (_, { change, names, keptHead }) => {
    const db = new Sqlite(join(dir, 'data/onay.db'))
    db.exec('DROP TRIGGER chain_is_append_only_update; DROP TRIGGER chain_is_append_only_delete')
    if (typeof change === 'string') {
      db.exec(change)
      expect(db.prepare('SELECT total_changes()').pluck().get(), 'rows that were changed').toBeGreaterThan(0)
    } else change({ db, path: (subject) => pathOfSubject(placesOf(dir), subject) })
    db.close()
    const seen = verified(dir, keptHead === true ? head : null)
    restore(dir, typeof change !== 'string')
    if (names === null) expect(told(seen)).toEqual([])
    else {
      expect(seen.ok).toBe(false)
      expect(told(seen)).toContainEqual(expect.stringMatching(names))
    }
    done('ways of tampering')
  })
})

/** The directory as it was made: its database, and where files may have been changed all of it. */
function restore(dir: string, wholly: boolean): void {
  if (!wholly) cpSync(join(made, 'data/onay.db'), join(dir, 'data/onay.db'))
  else {
    rmSync(dir, { recursive: true })
    cpSync(made, dir, { recursive: true })
  }
}
