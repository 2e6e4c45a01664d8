import { describe, expect, it } from 'vitest'
import { nextPlan, type RetrainPlan } from '../../../src/engine/drift/retrain-plan.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'

const PLAN: RetrainPlan = { model: 'v1', sinceMs: START, dueMs: START + 2 * DAY, calmSinceMs: null }
const CALM = { ...PLAN, calmSinceMs: START + HOUR }

type Seen = Parameters<typeof nextPlan>[1]

const seen = (more: Partial<Seen> = {}): Seen => ({
  atMs: START,
  model: 'v1',
  verdict: 'ok',
  newer: false,
  ...more,
})

describe('a planned retraining', () => {
  it.each<[string, RetrainPlan | null, Partial<Seen>, RetrainPlan | null, string | null]>([
    ['is not made without drift', null, {}, null, null],
    ['is not made before there is a verdict', null, { verdict: 'wait' }, null, null],
    ['is made by a warning, for 48 hours later', null, { verdict: 'warning' }, PLAN, 'planned'],
    ['is made by critical drift', null, { verdict: 'critical' }, PLAN, 'planned'],
    ['is not made while a newer model is there already', null, { verdict: 'critical', newer: true }, null, null],
    ['stays while the drift lasts', PLAN, { atMs: START + 3 * DAY, verdict: 'warning' }, PLAN, null],
    ['ends with a newer model', PLAN, { verdict: 'warning', newer: true }, null, 'retrained'],
    ['ends when another model is in charge', PLAN, { verdict: 'critical', model: 'v2' }, null, 'replaced'],
    ['counts from the first calm check', PLAN, { atMs: START + HOUR }, CALM, null],
    ['counts anew after drift', CALM, { atMs: START + 2 * HOUR, verdict: 'warning' }, PLAN, null],
    ['takes no missing verdict for calm', CALM, { atMs: START + 26 * HOUR, verdict: 'wait' }, PLAN, null],
    ['stays until a day of calm is over', CALM, { atMs: START + 25 * HOUR - MINUTE }, CALM, null],
    ['ends after a day of calm', CALM, { atMs: START + 25 * HOUR }, null, 'calm'],
  ])('%s', (_, before, what, plan, change) => {
    expect(nextPlan(before, seen(what))).toEqual({ plan, change })
  })
})
