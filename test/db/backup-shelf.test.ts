import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backedUpSince, backupsDir, listBackups } from '../../src/db/backup-shelf.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()

/** Documents by their name on the disk, each with its time, beside archives of this many bytes. */
function shelf(entries: readonly (readonly [name: string, at: string, bytes: number])[]): string {
  const dataDir = fresh()
  const dir = backupsDir(dataDir)
  mkdirSync(dir, { recursive: true })
  for (const [name, at, bytes] of entries) {
    const file = `onay_${at.replaceAll(/[^0-9TZ]/g, '')}.tar.gz`
    writeFileSync(join(dir, file), Buffer.alloc(bytes))
    const head = { seq: 1, hash: 'a'.repeat(64) }
    const of = { schema: 'backup/1', at, onay_version: '0.1.0', file, sha256: 'b'.repeat(64), bytes: 8, head }
    writeFileSync(join(dir, name), JSON.stringify({ ...of, files: 1, seconds: 1 }))
  }
  return dataDir
}

describe('the backups of a directory', () => {
  it('are those that are whole, by their times, whatever their documents are called', () => {
    const dataDir = shelf([
      ['a.json', '2025-06-03T00:00:00Z', 8],
      ['b.json', '2025-06-01T00:00:00Z', 8],
      ['c.json', '2025-06-04T00:00:00Z', 7],
      ['d.json', '2025-06-02T00:00:00Z', 8],
    ])
    writeFileSync(join(backupsDir(dataDir), 'e.json'), '{')
    expect(listBackups(dataDir).map(({ at }) => at.slice(8, 10))).toEqual(['01', '02', '03'])
    expect(backedUpSince(dataDir, Date.parse('2025-06-02T12:00:00Z'))).toBe(Date.parse('2025-06-02T00:00:00Z'))
  })

  it('are none where the directory has none', () => expect(listBackups(fresh())).toEqual([]))
})
