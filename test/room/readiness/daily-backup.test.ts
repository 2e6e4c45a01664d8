import { describe, expect, it } from 'vitest'
import { backUpDaily } from '../../../src/room/readiness/daily-backup.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { START } from '../../kit/moments.ts'

const fresh = freshDirectories()
const MADE = {
  schema: 'backup/1',
  at: '2026-01-02T03:04:05.000Z',
  onay_version: '1.0.0',
  file: 'onay_2026-01-02T03-04-05Z.tar.gz',
  sha256: 'a'.repeat(64),
  bytes: 31_400_000,
  head: { seq: 7, hash: 'b'.repeat(64) },
  files: 3,
  seconds: 2.5,
}
const printing = (text: string): readonly string[] => [
  process.execPath,
  '-e',
  `console.log(${JSON.stringify(text)})`,
  '--',
]
const signal = new AbortController().signal

/** A desk of a feed, in a room whose program is another one. */
function aRoom(clockKind: 'real' | 'replay', program: readonly string[] | undefined) {
  const { desks, desk } = aDesk(fresh(), { clockKind })
  const parts = { options: { ...desks.options, program }, all: () => [desk], evidence: desks.evidence }
  return { desks, desk, backUp: (other = parts.all) => backUpDaily({ ...parts, all: other }, desk, START, signal) }
}

describe('the daily backup', () => {
  it('is made by the program itself, and the chain has its hash', async () => {
    const { desks, desk, backUp } = aRoom('real', printing(JSON.stringify(MADE)))
    const keep = await backUp()
    expect(desk.transaction(keep)).toEqual({ ok: true, result: '31.4 MB' })
    const entry = desks.store.journal.entries().find(({ kind }) => kind === 'backup')
    expect([entry?.subject, entry?.detail]).toEqual([MADE.file, expect.stringContaining(MADE.sha256)])
    desks.close()
  })

  it('says why it failed, in the words of the program', async () => {
    const failing = [process.execPath, '-e', "console.error('onay: the disk is full'); process.exit(3)", '--']
    const { desks, backUp } = aRoom('real', failing)
    await expect(backUp()).rejects.toMatchObject({ what: 'backup failed', why: 'the disk is full' })
    desks.close()
  })

  it('refuses what is not the word of a backup', async () => {
    const { desks, backUp } = aRoom('real', printing('done'))
    await expect(backUp()).rejects.toThrow()
    desks.close()
  })

  it('is left out of a recording, and is made once for all markets', async () => {
    const replay = aRoom('replay', printing('never'))
    expect((await replay.backUp())()).toEqual({ ok: true, result: 'not of a recording' })
    const first = aRoom('real', undefined)
    expect((await first.backUp())()).toEqual({ ok: true, result: 'by hand: onay backup' })
    expect((await first.backUp(() => [replay.desk]))()).toEqual({ ok: true, result: 'with AAAUSDT' })
    for (const { desks } of [replay, first]) desks.close()
  })
})
