import { describe, expect, it } from 'vitest'
import { heuristicScore } from '../../../src/engine/models/heuristic.ts'
import { settledScores } from '../../../src/room/watch/settled-scores.ts'
import { aDesk, play } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()

describe('what several models have said of the same settled minutes', () => {
  it('leaves out a minute that one of them, or the fallback, has not scored, and one that is not settled', async () => {
    const kit = aDesk(fresh())
    const { desk, desks } = kit
    const { predictions, features } = desks.store
    await play(
      kit,
      Array.from({ length: 70 }, (_, i) => wanderingBar(START + i * MINUTE)),
    )
    const [a, b, c, d] = [65, 66, 67, 68].map((i) => START + i * MINUTE) as [number, number, number, number]
    // No row: the fallback has no score there.
    const rowless = START + 80 * MINUTE
    desk.transaction(() => {
      for (const [i, tsMs] of [a, b, c, d, rowless].entries()) predictions.score(SYMBOL, tsMs, 'v1', 0.1 * i)
      for (const tsMs of [a, c, d, rowless]) predictions.score(SYMBOL, tsMs, 'v2', 0.5)
      for (const tsMs of [a, b, c, rowless]) predictions.settle(SYMBOL, tsMs, tsMs === c ? 1 : 0, tsMs + 6 * MINUTE)
    })
    const seen = settledScores(desk, ['v1', 'v2'], START, START + 90 * MINUTE)
    expect(seen).toMatchObject({ tsMs: [a, c], labels: [0, 1] })
    expect(seen.scores).toEqual([
      [0, 0.2],
      [0.5, 0.5],
    ])
    const variance = features.column(SYMBOL, 'ewma_var_1m', START, START + 90 * MINUTE)
    expect(seen.fallback).toEqual(
      [a, c].map((tsMs) => heuristicScore(variance.get(tsMs) ?? Number.NaN, desk.parts.limits.label)),
    )
    // The window ends before its end.
    expect(settledScores(desk, ['v2', 'v1'], a, c).tsMs).toEqual([a])
    desks.close()
  })
})
