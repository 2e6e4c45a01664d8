import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GateResult } from '../../../src/engine/gates/catalogue.ts'
import { isoTime } from '../../../src/engine/kernel/units.ts'
import type { PsiDocument } from '../../../src/evidence/documents/documents.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { barAt } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { psiDocument } from '../../kit/stored.ts'

const fresh = freshDirectories()
/** A quarter of the day begins with it. */
const NOON = START + 12 * HOUR
const MIN_ROWS = 10

/** A desk whose outcome may be told after ten settled minutes. */
function desk(): DeskKit {
  const config = defaultConfig()
  const kit = aDesk(fresh(), { config: { ...config, gates: { ...config.gates, outcome_min_rows: MIN_ROWS } } })
  registerModel(kit.desk, 'baseline', 'v1')
  registerModel(kit.desk, 'candidate', 'v2', { bias: 0.3 })
  return kit
}

/** Minutes that candidate, model in charge and fallback have scored and whose label is known. */
function settleMinutes({ desk: settled }: DeskKit, count: number): void {
  const { settlement, lineUp } = settled
  const from = settlement.pairs
  settled.transaction(() => {
    for (let i = from; i < from + count; i++) {
      const { tsMs } = barAt(i, 100)
      for (const model of ['v1', 'v2', settled.fallback.version]) settlement.scored(tsMs, model, 0.5)
      settlement.sawBar(barAt(i, 100))
      settlement.settle(barAt(i + settled.parts.limits.label.horizonMin, 100), lineUp, tsMs)
    }
  })
  if (settlement.pairs !== from + count) throw new Error('a minute was not settled')
}

/** How many settled minutes the gates' outcome rests on. */
const pairsAt = ({ desk: judged, judging }: DeskKit, atMs: number): number =>
  judging.judge.judge(judged, atMs).outcome.n

describe('the outcome beside the gates', () => {
  it('counts every minute that is settled until there are enough, and is then taken from the last quarter of the day', () => {
    const kit = desk()
    settleMinutes(kit, MIN_ROWS - 2)
    expect(pairsAt(kit, NOON)).toBe(MIN_ROWS - 2)
    settleMinutes(kit, 1)
    expect(pairsAt(kit, NOON + MINUTE)).toBe(MIN_ROWS - 1)
    settleMinutes(kit, 1)
    expect(pairsAt(kit, NOON + 2 * MINUTE)).toBe(MIN_ROWS)
    settleMinutes(kit, 5)
    expect(pairsAt(kit, NOON + 3 * MINUTE)).toBe(MIN_ROWS)
    // For a decision it is drawn afresh.
    expect(kit.judging.judge.judgeFresh(kit.desk, NOON + 3 * MINUTE).outcome.n).toBe(MIN_ROWS + 5)
    expect(pairsAt(kit, NOON + 6 * HOUR - 1)).toBe(MIN_ROWS)
    expect(pairsAt(kit, NOON + 6 * HOUR)).toBe(MIN_ROWS + 5)
    kit.desks.close()
  })

  it('is logged as it is judged, and as too early until there are enough', () => {
    const kit = desk()
    const logged = (atMs: number): string => kit.judging.judge.judgeForLog(kit.desk, atMs).outcome
    settleMinutes(kit, MIN_ROWS - 1)
    expect(logged(NOON)).toBe('too_early')
    settleMinutes(kit, 1)
    const { verdict } = kit.judging.judge.judge(kit.desk, NOON + MINUTE).outcome
    expect([verdict, logged(NOON + MINUTE)]).toEqual(['no_worse', 'no_worse'])
    kit.desks.close()
  })

  it('and the gates are one judgement a moment, for all that read it, until something is counted', () => {
    const kit = desk()
    const judged = () => kit.judging.judge.judge(kit.desk, NOON)
    const first = judged()
    expect(judged()).toBe(first)
    expect(kit.judging.judge.judgeFresh(kit.desk, NOON).gates).toBe(first.gates)
    expect(kit.judging.judge.judgeForLog(kit.desk, NOON).gates).toBe(first.gates)
    kit.desk.rollups.answered({ tsMs: NOON, model: 'v1', source: 'caller', phase: '' }, false, 1)
    expect(judged().gates).not.toBe(first.gates)
    kit.desks.close()
  })

  it('is of the candidate that stands there now, within the same quarter too', () => {
    const kit = desk()
    settleMinutes(kit, MIN_ROWS)
    expect(pairsAt(kit, NOON)).toBe(MIN_ROWS)
    registerModel(kit.desk, 'candidate', 'v3', { bias: 0.4, sinceMs: NOON })
    expect(pairsAt(kit, NOON)).toBe(0)
    kit.desks.close()
  })
})

/** What gate 1 says once this is the newest snapshot of the candidate. */
function psiGate({ desk: judged, judging }: DeskKit, known: Partial<PsiDocument> | null): GateResult | undefined {
  if (known !== null)
    judged.transaction(() =>
      judged.drift.take(psiDocument({ symbol: judged.symbol, model: 'v2', at: isoTime(NOON), ...known }), NOON, 0),
    )
  return judging.judge.judgeFresh(judged, NOON + MINUTE).gates.find(({ name }) => name === 'psi')
}

describe('the gates of a candidate of which nothing is known yet', () => {
  let kit: DeskKit
  beforeAll(() => {
    kit = desk()
  })
  afterAll(() => kit.desks.close())

  it('wait for a first snapshot of its drift', () => {
    expect(psiGate(kit, null)).toMatchObject({ verdict: 'WAIT', reason: 'no snapshot yet', readyAtMs: null })
  })

  it('name each file that is missing, why, and what makes it', () => {
    const { evidence } = kit.judging.judge.judge(kit.desk, NOON)
    expect(evidence).toMatchObject({ present: 0, required: 14 })
    expect(evidence.missing).toHaveLength(14)
    expect(evidence.missing).toContainEqual({
      file: 'canary_run_*.json',
      make: 'onay canary start --live',
      made: false,
      why: 'it was never made',
    })
  })
})

describe('the gates of a room without a model', () => {
  it('have fourteen files to wait for, and can name none', () => {
    const kit = aDesk(fresh())
    const { model, evidence } = kit.judging.judge.judge(kit.desk, NOON)
    expect([model, evidence]).toEqual([null, { present: 0, required: 14, missing: [] }])
    kit.desks.close()
  })
})

describe('gate 1', () => {
  const waits = { verdict: 'WAIT', reason: '7 days on 2025-05-12' } as const
  let kit: DeskKit
  beforeAll(() => {
    kit = desk()
  })
  afterAll(() => kit.desks.close())

  it.each([
    ['passes by the snapshot of the model that is judged', {}, { verdict: 'PASS', value: 0.05 }],
    ['waits as its snapshot does', { ...waits, ready_at: isoTime(NOON + DAY) }, { readyAtMs: NOON + DAY, ...waits }],
    ['waits without a time where its snapshot knows none', { ...waits, ready_at: null }, { readyAtMs: null, ...waits }],
  ])('%s', (_, known, seen) => {
    // Something else has been counted since the last one was judged.
    kit.desk.rollups.answered({ tsMs: NOON, model: 'v1', source: 'caller', phase: '' }, false, 1)
    expect(psiGate(kit, known)).toMatchObject(seen)
  })
})
