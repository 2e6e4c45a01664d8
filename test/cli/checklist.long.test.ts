import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/db/store.ts'
import { aDesk, play } from '../kit/a-desk.ts'
import { walk } from '../kit/bars.ts'
import { command, commandJson, expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { registerModel } from '../kit/registered-models.ts'
import { SYMBOL } from '../kit/room.ts'

const fresh = freshDirectories()

/** A directory in which a model trades since some minutes: too few for anything. */
async function young(): Promise<string> {
  const dir = fresh()
  const kit = aDesk(dir, { serves: true })
  registerModel(kit.desk, 'baseline', 'v1')
  kit.desk.reloadSlots()
  const minutes = Array.from({ length: 90 }, (_, minute) => minute)
  await play(kit, walk(minutes, 5))
  await kit.service.drain()
  kit.desks.close()
  return join(dir, 'data')
}

describe('checklist --paper', () => {
  it('says what falls short in a young room, with exit 1, and leaves the directory as it was', async () => {
    const dataDir = await young()
    const contents = (): unknown => {
      const store = openStore(dataDir, 'read')
      const all = [
        store.journal.entries().length,
        store.sets.newestRuns(SYMBOL, 9),
        store.trading.newestAbRuns(SYMBOL, 9),
      ]
      store.db.close()
      return all
    }
    const before = contents()
    const ended = await command(['checklist', '--paper', '--data-dir', dataDir])
    expect(ended.code).toBe(1)
    expect(ended.stdout).toMatch(/^ {2}pass +gates +paper_age \w+, trade_count WAIT, regime_diversity WAIT$/m)
    expect(ended.stdout).toMatch(/^ {2}short features and training +.*rows have every feature and target/m)
    expect(ended.stdout).toMatch(/^ {2}short A\/B +there are no two arms to compare/m)
    expect(ended.stdout).toMatch(/[1-5]\/6 checks passed, [1-5] fell short\n$/)
    expect(contents()).toEqual(before)
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('onay-checklist-'))).toEqual([])
  })

  it('is one document with --json', async () => {
    const document = await commandJson(['checklist', '--paper', '--data-dir', await young()], [1])
    expect(document).toMatchObject({ schema: 'checklist/1', symbol: SYMBOL, of: 6 })
  })

  it('needs a room’s directory, and without --paper a room that runs', async () => {
    expectTrouble(await command(['checklist', '--data-dir', await young()]), 'no room runs', 'onay start')
    expectTrouble(await command(['checklist', '--paper', '--data-dir', fresh()]), 'there is no room')
  })
})
