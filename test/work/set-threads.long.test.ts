import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import { columnOf, emptyTable } from '../../src/engine/features/row.ts'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import { SET_TARGETS } from '../../src/engine/models/tree-set.ts'
import { prepareSet, type PreparedSet } from '../../src/engine/training/set-rows.ts'
import { threadsFor, trainMembers } from '../../src/work/set-threads.ts'
import { MINUTE, START } from '../kit/moments.ts'
import { wanderingBar } from '../kit/wandering-bars.ts'

/** Hardly more than a set needs: a day between training and test, and enough to test on. */
const ROWS = 7_000
const FEATURES = ['mid_logret_1m', 'mid_logret_15m', 'rv_15m_log'] as const

/** Seeded rows of three features, over bars that wander. */
function prepared(): PreparedSet {
  const random = seededRandom(3)
  const bars = Array.from({ length: ROWS }, (_, i) => wanderingBar(START + i * MINUTE))
  const table = emptyTable(builtInCatalogue, ROWS)
  for (const [i, { tsMs }] of bars.entries()) {
    table.tsMs[i] = tsMs
    for (const name of FEATURES) columnOf(table, name)[i] = random.next()
  }
  const window = { fromMs: START, untilMs: START + ROWS * MINUTE }
  return prepareSet({ version: 'set-1', table, bars, features: FEATURES, window, seed: 5 })
}

describe('training a set in threads', () => {
  const rows = prepared()

  it('gives the same bytes whatever their number, and says how far it is without going back', async () => {
    const trained = await Promise.all(
      [1, 2, 5].map(async (threads) => {
        const shares: number[] = []
        const members = await trainMembers(rows, threads, (share) => shares.push(share))
        expect(shares).toEqual(shares.toSorted((a, b) => a - b))
        expect(shares).toHaveLength(SET_TARGETS.length)
        return JSON.stringify(members)
      }),
    )
    expect(new Set(trained).size).toBe(1)
    expect(JSON.parse(trained[0] ?? '')).toMatchObject({ risk: { report: { loss: 'squared error' } } })
  })

  it('fails as a whole when one of them does', async () => {
    const targets = { ...rows.targets, risk: rows.targets.risk.map(() => Number.POSITIVE_INFINITY) }
    for (const threads of [1, 3])
      await expect(trainMembers({ ...rows, targets }, threads, () => undefined)).rejects.toThrow(
        'Infinity is not a target',
      )
  })

  it('takes no more than there are models, and leaves the room a core', () => {
    expect([1, 3, 64].map(threadsFor)).toEqual([1, 3, SET_TARGETS.length])
    expect(threadsFor(0)).toBeGreaterThanOrEqual(1)
  })
})
