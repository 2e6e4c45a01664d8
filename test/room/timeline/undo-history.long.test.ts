import { describe, expect, it } from 'vitest'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { failEverywhere } from '../../kit/fail-everywhere.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { FailingWrites, type Manner } from '../../kit/failing-writes.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { content, files } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR
const MIDNIGHT = START + 24 * HOUR

/** A desk with two models that history has brought to just before a moment. */
function before(dir: string, atMs: number): DeskKit {
  const kit = aDesk(dir)
  registerModel(kit.desk, 'baseline', 'v1')
  registerModel(kit.desk, 'candidate', 'v2', { bias: 0.3 })
  kit.timeline.history(kit.desk, momentsOf(atMs - 3 * MINUTE, 3))
  return kit
}

function momentsOf(fromMs: number, count: number) {
  return Array.from({ length: count }, (_, i) => {
    const atMs = fromMs + i * MINUTE
    return { atMs, rows: [{ line: i + 1, bar: wanderingBar(atMs - MINUTE) }] }
  })
}

async function goThrough(kit: DeskKit, atMs: number): Promise<void> {
  if (atMs === MIDNIGHT) {
    // As a recording that is opened again where the database stands: a bar that is stored does not come twice.
    const rows = kit.desk.tape.newestBar?.tsMs === atMs - MINUTE ? [] : (momentsOf(atMs, 1)[0]?.rows ?? [])
    await kit.timeline.waiting(kit.desk, rows, atMs)
  } else kit.timeline.history(kit.desk, momentsOf(atMs, 3))
}

function end({ desks, timeline }: DeskKit): void {
  timeline.writeOut()
  desks.close()
}

describe.each<Manner>(['ROLLBACK', 'ABORT'])('history whose writes fail, SQLite answering with %s', (manner) => {
  it.each([
    ['a block of minutes', NOON + MINUTE],
    ['a midnight', MIDNIGHT],
  ])('stands where the database does, and ends with the rows of one that was not disturbed: %s', async (_, atMs) => {
    const calmDir = fresh()
    const calm = before(calmDir, atMs)
    await goThrough(calm, atMs)
    end(calm)

    const dir = fresh()
    const kit = before(dir, atMs)
    const tables = await failEverywhere(kit, new FailingWrites(kit.desks.store.db, manner), () => goThrough(kit, atMs))
    end(kit)
    expect(tables.length).toBeGreaterThan(5)
    if (manner === 'ABORT') return
    expect(content(dir)).toEqual(content(calmDir))
    expect(files(dir)).toEqual(files(calmDir))
  })
})
