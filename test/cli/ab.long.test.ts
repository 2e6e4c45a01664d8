import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/db/store.ts'
import { aDesk, play } from '../kit/a-desk.ts'
import { barAt } from '../kit/bars.ts'
import { command, commandJson, expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { DAY, START } from '../kit/moments.ts'
import { SYMBOL } from '../kit/room.ts'
import { simulatedTrades } from '../kit/simulated-arms.ts'

const fresh = freshDirectories()
let dir: string
const at = (...args: string[]) => [
  ...args,
  '--symbol',
  SYMBOL,
  '--data-dir',
  join(dir, 'data'),
  '--evidence-dir',
  join(dir, 'evidence'),
]

/** Trades of a bot that earns so much a trade, ten days long, as a file of its own. */
async function imported(arm: string, meanBp: number, perDay = 40): Promise<void> {
  const trades = simulatedTrades({ days: 10, perDay, meanBp, seed: meanBp + 50 })
  const rows = trades.map(({ openedMs, closedMs, pnl, notional }) => ({
    opened_ms: openedMs - 10 * DAY,
    closed_ms: closedMs - 10 * DAY,
    qty: notional / 100,
    filled_entry: 100,
    filled_exit: 100,
    notional,
    pnl,
  }))
  const file = join(dir, `${arm}.json`)
  writeFileSync(file, JSON.stringify(rows))
  await commandJson(at('import', 'trades', file, '--arm', arm))
}

beforeAll(async () => {
  dir = fresh()
  const kit = aDesk(dir)
  await play(kit, [barAt(0, 100), barAt(1, 100)])
  kit.desks.close()
  await imported('flat', 0)
  await imported('far-better', 20)
  await imported('loses', -5)
  await imported('few', 20, 3)
})

describe('ab', () => {
  it('recommends an arm that is certainly better, exit 0, and keeps the look as a row and as evidence', async () => {
    const document = await commandJson(at('ab', '--arms', 'flat,far-better'))
    expect(document).toMatchObject({
      schema: 'ab/1',
      mode: 'labelled',
      verdict: 'SWAP',
      rule: true,
      certain: true,
      look: 1,
      arm_a: { arm: 'flat', trades: 400, days: 10 },
      arm_b: { arm: 'far-better', trades: 400 },
      reason: expect.stringContaining('with certainty at look 1, 96.96 %') as string,
    })
    expect(existsSync(join(dir, 'evidence/ml', `ab_${new Date(START).toISOString().slice(0, 10)}.json`))).toBe(true)
    expect((await command(at('evidence', 'verify'))).code).toBe(0)
  })

  it('is the same look when it is repeated on the same day, and the next one on another, which asks for more', async () => {
    const again = () => commandJson(at('ab', '--arms', 'flat,far-better', '--dry-run'))
    expect(await again()).toMatchObject({ look: 1, dry_run: true })
    const store = openStore(join(dir, 'data'), 'write')
    const runs = store.trading.abRuns(SYMBOL, 'flat', 'far-better')
    expect(runs.map(({ k, dryRun, swapRecommended }) => [k, dryRun, swapRecommended])).toEqual([
      [1, 0, 1],
      [1, 1, 1],
    ])
    // As if the first look, and a dry run before it, had been on earlier days.
    store.db.raw.exec(`UPDATE ab_test_runs SET ts_ms = ts_ms - ${DAY} * (3 - run)`)
    store.db.close()
    expect(await again()).toMatchObject({ look: 2 })
  })

  it.each<[string, string, object]>([
    [
      'an arm that loses',
      'flat,loses',
      { verdict: 'KEEP', reason: expect.stringContaining('loses does not earn') as string },
    ],
    ['a worse one', 'far-better,flat', { verdict: 'KEEP', rule: false }],
    ['one of few trades', 'flat,few', { verdict: 'WAIT', missing: 70, certain: false }],
  ])('keeps A against %s, exit 1', async (_, arms, wanted) => {
    expect(await commandJson(at('ab', '--arms', arms, '--dry-run'), [1])).toMatchObject(wanted)
  })

  it('compares one arm before and after a moment, for people as a table', async () => {
    const split = new Date(START - 5 * DAY).toISOString()
    const { code, stdout } = await command(at('ab', '--arms', 'far-better', '--split', split, '--dry-run'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/one after the other: the market has differed too/)
    expect(stdout).toMatch(/far-better before +far-better after/)
    expect(stdout).toMatch(/^KEEP: /m)
  })

  it.each<[string, string[], string[]]>([
    ['no second arm', [], ['there are no two arms to compare']],
    ['an arm that is not there', ['--arms', 'flat,nobody'], ['there is no arm nobody']],
    ['an arm and itself', ['--arms', 'flat,flat'], ['compared with itself']],
    ['two arms and a moment', ['--arms', 'flat,few', '--split', '2025-05-01'], ['two arms are not split']],
    ['a sequence without a moment', ['--arms', 'flat,few', '--mode', 'sequential'], ['--split']],
    ['a mode that there is not', ['--mode', 'both'], ['there is no mode both']],
  ])('refuses %s in one line', async (_, args, named) => {
    expectTrouble(await command(at('ab', ...args)), ...named)
  })
})
