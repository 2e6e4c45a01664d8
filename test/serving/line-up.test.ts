import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineUp } from '../../src/serving/line-up.ts'
import { freshDirectories } from '../kit/directories.ts'
import { Bench, loaded, modelOf } from '../kit/desk.ts'

const fresh = freshDirectories()
const named = (version: string) => loaded(modelOf(version, () => 0.5))
const versions = (models: readonly { readonly version: string }[]) => models.map(({ version }) => version)
const compared = (bench: Bench) =>
  bench
    .comparisons()
    .map(({ model }) => model)
    .toSorted()

describe('a line-up', () => {
  it('has nobody in any role to begin with', () => {
    const empty = new LineUp()
    expect([empty.inCharge, empty.candidate, empty.former, empty.judged]).toEqual([null, null, null, null])
    expect([empty.challengers, empty.shadows, empty.standing]).toEqual([[], [], []])
  })

  it('runs the candidate, the former one and the challengers beside the one in charge, in that order', () => {
    const lineUp = new LineUp({
      challengers: [named('c1'), named('c2')],
      former: named('former'),
      inCharge: named('base'),
      candidate: named('next'),
    })
    expect(versions(lineUp.shadows)).toEqual(['next', 'former', 'c1', 'c2'])
    expect(versions(lineUp.contenders)).toEqual(['next', 'former'])
    expect(versions(lineUp.standing)).toEqual(['base', 'next', 'former', 'c1', 'c2'])
  })

  it('judges the candidate, and where there is none the one in charge', () => {
    const [base, next] = [named('base'), named('next')]
    expect(new LineUp({ inCharge: base, candidate: next }).judged).toBe(next)
    expect(new LineUp({ inCharge: base, former: next }).judged).toBe(base)
  })

  it('finds each model with its role by its version, and nobody else', () => {
    const name = fc.option(fc.constantFrom('a', 'b', 'c', 'd'))
    fc.assert(
      fc.property(name, name, name, fc.subarray(['e', 'f']), (inCharge, candidate, former, challengers) => {
        const cast = [inCharge, candidate, former].map((version) => (version === null ? null : named(version)))
        const [first = null, second = null, third = null] = cast
        const lineUp = new LineUp({
          inCharge: first,
          candidate: second,
          former: third,
          challengers: challengers.map(named),
        })
        for (const version of ['a', 'b', 'c', 'd', 'e', 'f']) {
          expect(lineUp.of(version) !== null).toBe(lineUp.roleOf(version) !== null)
          expect(lineUp.of(version) !== null).toBe(versions(lineUp.standing).includes(version))
        }
        expect(lineUp.standing).toHaveLength(cast.filter((one) => one !== null).length + challengers.length)
      }),
    )
  })

  it('runs challengers beside the minute of the room and never beside a request of a caller', async () => {
    const bench = new Bench(fresh(), {
      candidate: modelOf('next', () => 0.5),
      former: modelOf('former', () => 0.5),
      challengers: [modelOf('c1', () => 0.2), modelOf('c2', () => 0.3)],
    })
    await bench.ask({ source: 'caller' })
    await bench.service.drain()
    expect(compared(bench)).toEqual(['former', 'next'])
    await bench.ask({ source: 'minute' })
    await bench.service.drain()
    expect(compared(bench)).toEqual(['c1', 'c2', 'former', 'former', 'next', 'next'])
    expect(bench.scored.map(([, model]) => model)).toEqual(['base', 'next', 'former', 'c1', 'c2'])
    await bench.close()
  })

  it('has its challengers run on the minute while the breaker keeps the candidate back, or there is none', async () => {
    const bench = new Bench(fresh(), { challengers: [modelOf('c1', () => 0.2)] })
    const { answer, shadow } = await bench.askWithShadow({ source: 'minute' })
    expect([answer.model_version, shadow]).toEqual(['base', { kind: 'skipped' }])
    expect(compared(bench)).toEqual(['c1'])
    await bench.close()
  })
})
