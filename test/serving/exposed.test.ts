import { describe, expect, it } from 'vitest'
import type { CanaryPick } from '../../src/serving/contract.ts'
import { type Bench, type BenchOptions, freshBenches, modelOf, rowOf } from '../kit/desk.ts'
import { Elsewhere, turns } from '../kit/elsewhere.ts'

const bench = freshBenches()

/** A room whose canary answers callers with v2. @param margin that its score must be away from its threshold, 0.6 */
function exposed(options: BenchOptions, margin = 0, pick: Partial<CanaryPick> = {}): Bench {
  const room = bench({ baseline: modelOf('base', () => 0.5), ...options })
  room.desk = { ...room.desk, pick: () => ({ phase: 'run/1', exposedTo: { version: 'v2', margin }, ...pick }) }
  return room
}

const WELL = { candidate: modelOf('v2', () => 0.7) }

describe('a caller whom the canary has picked', () => {
  it("gets the candidate's answer by its threshold, and both scores are recorded", async () => {
    const room = exposed(WELL)
    expect(await room.ask()).toMatchObject({
      score: 0.7,
      decision: 'signal',
      model_version: 'v2',
      served_by: 'canary',
      reason: 'picked by the canary',
    })
    await room.service.drain()
    expect(room.predictions()).toMatchObject([
      { model: 'v2', servedBy: 'canary', score: 0.7, fault: null, phase: 'run/1' },
    ])
    expect(room.comparisons()).toMatchObject([
      { model: 'v2', score: 0.7, baselineScore: 0.5, fault: null, phase: 'run/1' },
    ])
    // The candidate was asked once; the model in charge counts as tried, and the answer as the candidate's.
    expect(room.totals('v2')).toMatchObject({ requests: 1, tried: 1, errors: 0, compared: 1 })
    expect(room.totals('base')).toMatchObject({ requests: 0, tried: 1, errors: 0 })
    expect(room.metered).toEqual(['v2 ok', 'baseline ok', 'shadow compared'])
  })

  it.each<[why: string, options: BenchOptions, fault: string]>([
    [
      'throws',
      {
        candidate: modelOf('v2', () => {
          throw new Error('boom')
        }),
      },
      'throw',
    ],
    ['gives NaN', { candidate: modelOf('v2', () => Number.NaN) }, 'nan'],
    ['gives 2', { candidate: modelOf('v2', () => 2) }, 'range'],
  ])(
    'gets the answer of the one in charge where the candidate %s, which counts as its error',
    async (_, options, fault) => {
      const room = exposed(options)
      expect(await room.ask()).toMatchObject({
        score: 0.5,
        decision: 'none',
        model_version: 'base',
        served_by: 'baseline',
        reason: `in charge; v2 gave no score (${fault})`,
      })
      await room.service.drain()
      expect(room.comparisons()).toMatchObject([{ model: 'v2', score: null, fault, phase: 'run/1' }])
      expect(room.totals('v2')).toMatchObject({ requests: 0, tried: 1, errors: 1 })
      expect(room.totals('base')).toMatchObject({ requests: 1, tried: 1, errors: 0 })
    },
  )

  it('gets it too where the candidate answers beyond its budget', async () => {
    const room: Bench = exposed({
      candidate: modelOf('v2', () => {
        room.pass(60.5)
        return 0.7
      }),
    })
    expect(await room.ask()).toMatchObject({ model_version: 'base', reason: 'in charge; v2 gave no score (timeout)' })
    await room.service.drain()
    expect(room.comparisons()).toMatchObject([{ fault: 'timeout', latencyMs: 60.5 }])
  })

  it.each<[score: number, margin: number, by: string]>([
    [0.68, 0.08, 'canary'],
    [0.52, 0.58 - 0.5, 'canary'],
    [0.679, 0.08, 'baseline'],
    [0.521, 0.08, 'baseline'],
    [0.6, 0, 'canary'],
  ])('for a score of %d with a margin of %d is answered by the %s', async (score, margin, by) => {
    const room = exposed({ candidate: modelOf('v2', () => score) }, margin)
    const answer = await room.ask()
    expect(answer.served_by).toBe(by)
    if (by === 'baseline') expect(answer.reason).toBe('in charge; v2 is not confident')
    await room.service.drain()
    // It is compared all the same.
    expect(room.totals('v2')).toMatchObject({ tried: 1, compared: 1 })
  })

  it('whose row lacks what the candidate needs gets the other answer, and that is no error', async () => {
    const room = exposed({ candidate: modelOf('v2', () => 0.7, ['mid', 'rv_60m_log']), row: rowOf(['rv_60m_log']) })
    expect(await room.ask()).toMatchObject({ model_version: 'base', reason: 'in charge; v2 lacks a feature' })
    await room.service.drain()
    expect(room.totals('v2')).toMatchObject({ tried: 0, errors: 0 })
  })

  it("gets the candidate's where the one in charge fails, which counts as that one's error", async () => {
    const room = exposed({ ...WELL, baseline: modelOf('base', () => Number.NaN) })
    expect(await room.ask()).toMatchObject({ model_version: 'v2', served_by: 'canary', score: 0.7 })
    await room.service.drain()
    expect(room.predictions()).toMatchObject([{ servedBy: 'canary', fault: 'nan' }])
    expect(room.totals('base')).toMatchObject({ tried: 1, errors: 1 })
    expect(room.comparisons()).toMatchObject([{ score: 0.7, baselineScore: null }])
  })

  it('gets the fallback where both fail', async () => {
    const fails = (version: string) => modelOf(version, () => Number.NaN)
    const room = exposed({ baseline: fails('base'), candidate: fails('v2') })
    expect(await room.ask()).toMatchObject({
      served_by: 'fallback',
      decision: 'abstain',
      reason: 'base gave no score (nan); v2 gave no score (nan)',
    })
  })

  it('abstains on an old row, whoever answers', async () => {
    const room = exposed(WELL)
    room.market.set(room.market.now() + 10 * 60_000)
    expect(await room.ask()).toMatchObject({ served_by: 'canary', decision: 'abstain', reason: /old/ })
  })

  it('abstains once the kill switch is on, also where the candidate had been asked by then', async () => {
    const model = new Elsewhere('v2')
    const room = exposed({ candidate: model })
    const asked = room.ask()
    model.reply({ ok: true, score: 0.7, latencyMs: 1 })
    room.desk = Object.assign(room.desk, { killSwitch: true })
    expect(await asked).toMatchObject({ decision: 'abstain', served_by: 'fallback' })
  })

  it('is not exposed to a candidate whose breaker is open, but for the tries that may close it', async () => {
    let fails = true
    const room = exposed({ candidate: modelOf('v2', () => (fails ? Number.NaN : 0.7)) })
    while (!room.breaker.open) {
      await room.ask()
      await room.service.drain()
    }
    fails = false
    const answers = []
    for (let i = 0; i < 40; i++) answers.push(await room.ask())
    await room.service.drain()
    expect(answers.filter(({ served_by: by }) => by === 'canary')).toHaveLength(2)
    expect(answers[0]?.reason).toBe('in charge; the breaker of v2 is open')
  })

  it('alone is exposed: minutes, probes and smokes are answered by the one in charge', async () => {
    const room = exposed(WELL)
    for (const source of ['minute', 'smoke', 'probe'] as const)
      expect(await room.ask({ source })).toMatchObject({ model_version: 'base' })
  })

  it('who sends features of another moment gets the answer of the one model that they are whole for', async () => {
    const room = exposed({
      baseline: modelOf('base', () => 0.5, ['mid']),
      candidate: modelOf('v2', () => 0.7, ['mid', 'rsi14']),
    })
    expect(await room.ask({ features: { mid: 1 } })).toMatchObject({ model_version: 'base', reason: 'in charge' })
    expect(await room.ask({ features: { mid: 1, rsi14: 2 } })).toMatchObject({ model_version: 'v2' })
  })

  it('has the other answer where the canary ends before it leaves', async () => {
    const model = new Elsewhere('v2')
    const room = exposed({ candidate: model })
    const asked = room.ask()
    model.reply({ ok: true, score: 0.7, latencyMs: 1 })
    room.desk = Object.assign(room.desk, { exposes: () => false })
    expect(await asked).toMatchObject({ model_version: 'base', served_by: 'baseline', reason: 'in charge' })
    await room.service.drain()
    expect(room.comparisons()).toMatchObject([{ score: 0.7, baselineScore: 0.5 }])
  })

  it('is not exposed to another candidate than the one that was approved, nor by a canary that observes', async () => {
    const other = exposed({ candidate: modelOf('v3', () => 0.7) })
    expect(await other.ask()).toMatchObject({ model_version: 'base', reason: 'in charge' })
    const watching = exposed(WELL, 0, { exposedTo: null })
    expect(await watching.ask()).toMatchObject({ model_version: 'base', reason: 'in charge' })
  })
})

describe('a candidate of another server that answers callers', () => {
  it('is asked beside the one in charge, and neither waits for the other', async () => {
    const [far, next] = [new Elsewhere('base'), new Elsewhere('v2')]
    const room = exposed({ baseline: far, candidate: next })
    const asked = room.ask()
    await turns()
    expect([far.asked, next.asked]).toEqual([1, 1])
    next.reply({ ok: true, score: 0.7, latencyMs: 5 })
    far.reply({ ok: true, score: 0.4, latencyMs: 9 })
    expect(await asked).toMatchObject({ model_version: 'v2', score: 0.7 })
    await room.service.drain()
    expect([far.asked, next.asked]).toEqual([0, 0])
    expect(room.comparisons()).toMatchObject([{ score: 0.7, baselineScore: 0.4, latencyMs: 5 }])
  })

  it.each(['timeout', 'unreachable', 'status', 'garbage'] as const)(
    'that ends with %s leaves its caller the answer of the one in charge',
    async (fault) => {
      const next = new Elsewhere('v2')
      const room = exposed({ candidate: next })
      const asked = room.ask()
      await turns()
      next.reply({ ok: false, fault, latencyMs: 60 })
      expect(await asked).toMatchObject({ model_version: 'base', reason: `in charge; v2 gave no score (${fault})` })
      await room.service.drain()
      expect(room.totals('v2')).toMatchObject({ tried: 1, errors: 1 })
    },
  )
})
