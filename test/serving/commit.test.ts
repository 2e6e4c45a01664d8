import { describe, expect, it, vi } from 'vitest'
import { Bench, modelOf } from '../kit/desk.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
const MAX_WAITING = 10_000

describe('answers that are committed together', () => {
  it('are synced to the disk where `durability: power` is asked for, and not otherwise', async () => {
    for (const [durability, levels] of [
      ['power', ['synchronous = FULL', 'synchronous = NORMAL']],
      ['process', []],
    ] as const) {
      const room = new Bench(fresh(), { limits: { durability } })
      const pragma = vi.spyOn(room.store.db.raw, 'pragma')
      await room.ask()
      expect(pragma.mock.calls.map(([text]) => text)).toEqual(levels)
      expect(room.predictions()).toHaveLength(1)
      await room.close()
    }
  })

  it('are bounded: one request too many within a turn is refused with 503, and the others are answered', async () => {
    const room = new Bench(fresh())
    const asked = Array.from({ length: MAX_WAITING }, () => room.ask())
    await expect(room.ask()).rejects.toMatchObject({ code: 'busy', status: 503 })
    expect(await Promise.all(asked)).toHaveLength(MAX_WAITING)
    expect(await room.ask()).toMatchObject({ served_by: 'baseline' })
    await room.close()
  })
})

describe('an open breaker', () => {
  it("keeps the candidate from callers' requests and hides no probe of a canary", async () => {
    const bench = new Bench(fresh(), { candidate: modelOf('v2', () => 0.5) })
    const { breaker } = bench
    for (let i = 0; i < 200; i++) breaker.record(false)
    expect(breaker.open).toBe(true)
    expect((await bench.askWithShadow({ source: 'caller' })).shadow).toEqual({ kind: 'skipped' })
    const values = bench.desk.latest?.values
    if (values === undefined) throw new Error('there is no row')
    const probe = { values, phase: 'run/1' }
    expect((await bench.askWithShadow({ source: 'probe', probe })).shadow).toMatchObject({ kind: 'compared' })
    expect(bench.comparisons()).toMatchObject([{ source: 'probe', phase: 'run/1' }])
    await bench.close()
  })
})
