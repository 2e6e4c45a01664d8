import { beforeEach, describe, expect, it } from 'vitest'
import { idPrefix } from '../../../src/db/predictions.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import type { Desk } from '../../../src/room/desk/desk.ts'
import { minutesOfOutcomes } from '../../../src/room/handlers/outcome-keys.ts'
import { takeRow } from '../../../src/room/timeline/intake.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
const HORIZON = 240
const USUAL = defaultConfig()
const NOW = 40 * 60

let desk: Desk
let count = 0

/** A prediction of a minute, asked for under a key or none. */
function predicted(at: number, key: string | null): void {
  const tsMs = START + at * MINUTE
  desk.transaction(() =>
    desk.parts.store.predictions.insert({
      symbol: SYMBOL,
      id: `${idPrefix(tsMs)}-${++count}`,
      tsMs,
      wallMs: tsMs,
      source: 'request',
      key,
      score: 0.5,
      decision: 'abstain',
      model: 'm',
      servedBy: 'baseline',
      reason: '',
      latencyMs: 1,
      modelMs: 0.1,
      fault: null,
      phase: '',
    }),
  )
}
const minutes = async (...keys: readonly string[]): Promise<readonly number[]> => {
  const said = await minutesOfOutcomes(
    desk,
    keys.map((key) => ({ key, label: 1 })),
  )
  return said.map(({ tsMs }) => (tsMs - START) / MINUTE)
}

describe('an outcome by the key of its prediction', () => {
  beforeEach(() => {
    const label = { ...USUAL.label, kind: 'pushed' as const, name: 'hit_target', horizon_min: HORIZON }
    ;({ desk } = aDesk(fresh(), { config: { ...USUAL, label } }))
    const [bar] = walk([NOW], NOW + 1)
    if (bar === undefined) throw new Error('no bar')
    desk.transaction(() => takeRow(desk, { line: 0, bar }, bar.tsMs + MINUTE, 1_000))
    predicted(NOW - 5, null)
  })

  it('is of the minute that was predicted under it, in the order in which outcomes were sent', async () => {
    predicted(NOW, 'order-1')
    predicted(NOW - HORIZON - 7, 'order-2')
    predicted(NOW - 24 * 60 - HORIZON + 1, 'oldest')
    expect(await minutes('order-2', 'oldest', 'order-1')).toEqual([NOW - HORIZON - 7, NOW - 24 * 60 - HORIZON + 1, NOW])
  })

  it('leaves those that name a minute as they are, and reads nothing where all do', async () => {
    predicted(NOW, 'order-1')
    const byMinute = { tsMs: START, label: 0 } as const
    expect(await minutesOfOutcomes(desk, [byMinute])).toEqual([byMinute])
    expect(await minutesOfOutcomes(desk, [byMinute, { key: 'order-1', label: 1 }])).toEqual([
      byMinute,
      { tsMs: START + NOW * MINUTE, label: 1 },
    ])
  })

  it('is of the newest minute where a client asked again, across slices too', async () => {
    for (let at = NOW - 30; at < NOW - 10; at++) {
      predicted(at, `again-${at}`)
      predicted(at + 1, `again-${at}`)
      predicted(at + 1, `again-${at}`)
      expect(await minutes(`again-${at}`)).toEqual([at + 1])
    }
  })

  it.each([
    ['several predictions that lie apart', [NOW - 60, NOW - 20], 'the key "k" names several predictions'],
    ['a caller who asks each minute', [NOW - 3, NOW - 2, NOW - 1, NOW], 'the key "k" names several predictions'],
    ['none', [], 'no prediction has the key "k"'],
    [
      'one that is older than an outcome can be overdue',
      [NOW - 24 * 60 - HORIZON - 1],
      'no prediction has the key "k"',
    ],
  ])('of %s is refused', async (_, at, words) => {
    for (const one of at) predicted(one, 'k')
    predicted(NOW, 'other')
    await expect(minutes('other', 'k')).rejects.toThrow(words)
  })
})
