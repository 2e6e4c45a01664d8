import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { backedUpSince, listBackups } from '../../../src/db/backup-shelf.ts'
import { openStore } from '../../../src/db/store.ts'
import { ManualClock } from '../../../src/engine/kernel/clock.ts'
import type { OperatorError } from '../../../src/engine/kernel/errors.ts'
import { makeBackup, restoreBackup } from '../../../src/room/readiness/backup.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOW = Date.parse('2026-01-02T03:04:05Z')
const stopwatch = () => 0

interface Kept extends DeskKit {
  readonly dir: string
  readonly places: { readonly dataDir: string; readonly evidenceDir: string }
}

/** A room with an hour of rows and a file of evidence. */
function aRoom(): Kept {
  const dir = fresh()
  const kit = aDesk(dir)
  goOn(kit, START, 60)
  const { evidence } = kit.desks
  kit.desk.transaction(() =>
    evidence.writeDocument(evidence.subject(SYMBOL, 'kept.json'), evidence.stamp('kept/1', START, {}), START),
  )
  kit.desks.drainOutbox()
  return { ...kit, dir, places: { dataDir: join(dir, 'data'), evidenceDir: join(dir, 'evidence') } }
}

function goOn({ timeline, desk }: DeskKit, fromMs: number, minutes: number): void {
  const bars = Array.from({ length: minutes }, (_, i) => wanderingBar(fromMs + i * MINUTE))
  timeline.history(
    desk,
    bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
}

const options = (atMs = NOW) => ({ version: '1.0.0', wall: new ManualClock(atMs), stopwatch })
const archiveOf = ({ places }: Kept): string =>
  join(places.dataDir, 'backups', listBackups(places.dataDir).at(-1)?.file ?? '')
const newPlaces = () => {
  const dataDir = fresh()
  return { dataDir, evidenceDir: join(dataDir, 'evidence') }
}
const refusal = (work: Promise<unknown>): Promise<OperatorError> =>
  work.then(
    () => {
      throw new Error('it was not refused')
    },
    (error: OperatorError) => error,
  )

describe('a backup', () => {
  it('is a room that opens where it was taken, whatever the room has done since', async () => {
    const room = aRoom()
    const made = await makeBackup(room.places, options())
    expect(made).toMatchObject({ at: '2026-01-02T03:04:05.000Z', file: 'onay_2026-01-02T03-04-05Z.tar.gz' })
    expect(listBackups(room.places.dataDir)).toEqual([made])
    goOn(room, START + 60 * MINUTE, 30)
    const places = newPlaces()
    const restored = await restoreBackup(archiveOf(room), places, stopwatch)
    expect(restored).toMatchObject({ ok: true, head: made.head })
    const store = openStore(places.dataDir, 'read')
    expect(store.bars.span(SYMBOL)).toMatchObject({ rows: 60 })
    store.db.close()
    expect(existsSync(join(places.evidenceDir, 'ml', 'kept.json'))).toBe(true)
    expect(existsSync(join(places.dataDir, 'backups'))).toBe(false)
    room.desks.close()
  })

  it('is taken beside a room that writes at every turn', async () => {
    const room = aRoom()
    let bars = 60
    const writing = setInterval(() => goOn(room, START + bars++ * MINUTE, 1), 0)
    const made = await makeBackup(room.places, options()).finally(() => clearInterval(writing))
    expect(bars).toBeGreaterThan(60)
    const places = newPlaces()
    expect((await restoreBackup(archiveOf(room), places, stopwatch)).head).toEqual(made.head)
    room.desks.close()
  })

  it('leaves nothing where what was made is not whole', async () => {
    const room = aRoom()
    writeFileSync(join(room.places.evidenceDir, 'ml', 'kept.json'), '{}')
    const { code, why } = await refusal(makeBackup(room.places, options()))
    expect([code, why]).toEqual(['backup_not_whole', expect.stringContaining('kept.json')])
    expect(readdirSync(join(room.places.dataDir, 'backups'))).toEqual([])
    expect(backedUpSince(room.places.dataDir, Date.now())).toBeGreaterThan(0)
    room.desks.close()
  })

  it('takes the place of one that the days and weeks no longer keep, and of what a killed one has left', async () => {
    const room = aRoom()
    const dir = join(room.places.dataDir, 'backups')
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    mkdirSync(join(dir, `.tmp-${dead}-left`, 'restored'), { recursive: true })
    const day = Date.now() + 2 * DAY
    const first = await makeBackup(room.places, options(day))
    const second = await makeBackup(room.places, options(day + MINUTE))
    expect(first.file).not.toBe(second.file)
    expect(readdirSync(dir).toSorted()).toEqual([second.file.replace('.tar.gz', '.json'), second.file].toSorted())
    expect(backedUpSince(room.places.dataDir, Date.parse(second.at))).toBe(Date.parse(second.at))
    // Of a machine whose clock was ahead it says nothing.
    expect(backedUpSince(room.places.dataDir, Date.parse(second.at) - 1)).toBeLessThan(Date.parse(second.at) - DAY)
    room.desks.close()
  })

  it('is none of a directory without a room', async () => {
    expect((await refusal(makeBackup(newPlaces(), options()))).code).toBe('no_database')
  })
})

describe('a restoration', () => {
  it('is refused into a directory that is not empty, and of a file that is not there', async () => {
    const room = aRoom()
    await makeBackup(room.places, options())
    expect((await refusal(restoreBackup(archiveOf(room), room.places, stopwatch))).code).toBe('not_empty')
    expect((await refusal(restoreBackup('/nowhere.tar.gz', newPlaces(), stopwatch))).code).toBe('no_backup')
    room.desks.close()
  })

  it.each([
    [
      'changed',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -9), Buffer.alloc(9)]),
      false,
      /its hash is another/,
    ],
    [
      'cut short, its document lost',
      (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
      true,
      /unexpected end of file/,
    ],
  ])('leaves nothing of an archive that was %s', async (_, change, losesDocument, why) => {
    const room = aRoom()
    const { file } = await makeBackup(room.places, options())
    const archive = archiveOf(room)
    writeFileSync(archive, change(readFileSync(archive)))
    if (losesDocument) rmSync(join(dirname(archive), file.replace('.tar.gz', '.json')))
    const places = newPlaces()
    expect((await refusal(restoreBackup(archive, places, stopwatch))).why).toMatch(why)
    expect(existsSync(places.dataDir)).toBe(false)
    room.desks.close()
  })

  it.each(['../out', 'data/../../out', 'data/ml-artifacts/../../../out', '/etc/out', 'evidence/ml', 'data/other.db'])(
    'is refused for an archive that holds %s',
    async (name) => {
      const dir = fresh()
      mkdirSync(dir, { recursive: true })
      const archive = join(dir, 'made.tar.gz')
      const tar = pack()
      tar.entry({ name }, 'x')
      tar.finalize()
      await pipeline(tar, createGzip(), createWriteStream(archive))
      const places = newPlaces()
      const { code, why } = await refusal(restoreBackup(archive, places, stopwatch))
      expect([code, why]).toEqual(['backup', `${name} does not belong to a room`])
      expect(existsSync(places.dataDir)).toBe(false)
    },
  )
})
