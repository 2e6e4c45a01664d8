import { describe, expect, it } from 'vitest'
import { Desk } from '../../../src/room/desk/desk.ts'
import type { Bar } from '../../../src/engine/market/bar.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { differingBooks } from '../../kit/book-contents.ts'
import { failEverywhere } from '../../kit/fail-everywhere.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { FailingWrites } from '../../kit/failing-writes.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { content, files } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()

function barsBetween(fromMs: number, untilMs: number): Bar[] {
  return Array.from({ length: (untilMs - fromMs) / MINUTE }, (_, i) => wanderingBar(fromMs + i * MINUTE))
}

/** A room with a model in charge and one in the shadow, that has played until just before a moment. */
async function before(dir: string, atMs: number, minutes: number, serves = true): Promise<DeskKit> {
  const kit = aDesk(dir, { serves })
  registerModel(kit.desk, 'baseline', 'v1', { sinceMs: START })
  registerModel(kit.desk, 'candidate', 'v2', { sinceMs: START, bias: 0.3 })
  await play(kit, barsBetween(atMs - (minutes + 1) * MINUTE, atMs - MINUTE))
  return kit
}

/** Its rows and files; ids count attempts, and who failed is no row. */
function record(dir: string): unknown {
  const { predictions, comparisons, ...rest } = content(dir)
  const named = (rows: unknown[] = []): unknown[] => rows.map((row) => ({ ...(row as object), id: '' }))
  return { tables: { ...rest, predictions: named(predictions), comparisons: named(comparisons) }, files: files(dir) }
}

async function end({ desks, timeline, service }: DeskKit): Promise<void> {
  await service.drain()
  timeline.writeOut()
  desks.close()
}

const NOON = START + 12 * HOUR
const MIDNIGHT = START + 24 * HOUR

describe('a moment whose transactions are undone', () => {
  it.each([
    ['a minute', NOON + 7 * MINUTE],
    ['waiting', MIDNIGHT],
  ])('leaves every book where the database stands, and ends with the same rows: %s', async (_, atMs) => {
    const calmDir = fresh()
    const calm = await before(calmDir, atMs, 4)
    await play(calm, [wanderingBar(atMs - MINUTE)])
    await end(calm)

    const dir = fresh()
    const kit = await before(dir, atMs, 4)
    const writes = new FailingWrites(kit.desks.store.db, 'ROLLBACK')
    const bar = wanderingBar(atMs - MINUTE)
    const tables = await failEverywhere(kit, writes, async () => {
      // As a recording that is opened again where the database stands: a bar that is stored does not come twice.
      const rows = kit.desk.tape.newestBar?.tsMs === bar.tsMs ? [] : [{ line: 0, bar }]
      await kit.timeline.live(kit.desk, rows, atMs)
    })
    await end(kit)
    expect(tables.length).toBeGreaterThan(10)
    expect(record(dir)).toEqual(record(calmDir))
  })
})

describe('a moment of which a statement is undone', () => {
  it('leaves every book where the database stands, also where a job fails alone and the moment goes on', async () => {
    const kit = await before(fresh(), MIDNIGHT - 20 * HOUR, 4)
    const writes = new FailingWrites(kit.desks.store.db, 'ABORT')
    const onTheirOwn = new Set<string>()
    let n = 1
    for (let atMs = MIDNIGHT - 19 * HOUR; ; atMs += HOUR, n++) {
      const rows = [{ line: 0, bar: wanderingBar(atMs - MINUTE) }]
      writes.failAt(n)
      const ended = await kit.timeline.live(kit.desk, rows, atMs).catch((error: unknown) => error)
      const { failed, table } = writes
      writes.failAt(null)
      await kit.service.drain()
      expect(differingBooks(kit.desk, new Desk(kit.desk.symbol, kit.desk.parts)), `write ${n}, of ${table}`).toEqual([])
      if (!failed) break
      if (ended instanceof Error) await kit.timeline.live(kit.desk, [], atMs)
      else onTheirOwn.add(table)
    }
    expect([...onTheirOwn]).toEqual(expect.arrayContaining(['comparisons', 'psi_snapshots', 'chain']))
    await end(kit)
  })
})
