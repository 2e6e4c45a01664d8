import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { calibrated, type CalibrationMap, logitOf } from '../../../src/engine/models/calibration.ts'
import {
  dayOfAnswers,
  isWell,
  raisedBy,
  recalibrate,
  type SettledMinutes,
} from '../../../src/engine/training/recalibration.ts'
import { sigmoid } from '../../../src/engine/stats/calibration.ts'
import { MINUTE, START } from '../../kit/moments.ts'

/** Minutes whose outcome comes true as often as `truth` says of a score. */
function minutes(n: number, truth: (score: number) => number, seed = 1): SettledMinutes {
  const random = seededRandom(seed)
  const scores = Array.from({ length: n }, () => 0.1 + 0.8 * random.next())
  return {
    tsMs: scores.map((_, i) => START + i * MINUTE),
    scores,
    labels: scores.map((score) => Number(random.next() < truth(score))),
  }
}

const look = (settled: SettledMinutes, current: CalibrationMap | null = null) =>
  recalibrate(settled, current, 5, seededRandom(2))
const honest = (score: number): number => score
/** A model that promises far too much. */
const boastful = (score: number): number => sigmoid(0.5 * logitOf(score) - 1)

describe('a calibration', () => {
  it('is the score itself where there is none, and keeps the order of scores where there is', () => {
    const maps: readonly CalibrationMap[] = [
      { kind: 'platt', a: 0.5, b: -1 },
      { kind: 'isotonic', x: [0.2, 0.5, 0.8], y: [0.1, 0.4, 0.6] },
    ]
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        expect(calibrated(null, a)).toBe(a)
        for (const map of maps) {
          expect(calibrated(map, Math.max(a, b))).toBeGreaterThanOrEqual(calibrated(map, Math.min(a, b)))
          expect(calibrated(map, a)).toBeGreaterThanOrEqual(0)
          expect(calibrated(map, a)).toBeLessThanOrEqual(1)
        }
      }),
    )
    for (const map of maps) expect(calibrated(map, Number.NaN)).toBeNaN()
  })
})

describe('calibrating anew', () => {
  it('waits for a thousand minutes', () => {
    expect(look(minutes(999, boastful))).toBeNull()
    expect(look(minutes(1_000, boastful))).not.toBeNull()
  })

  it('is by Platt below five thousand minutes and isotonic from there on, fitted on three quarters less the horizon', () => {
    expect(look(minutes(4_999, boastful))).toMatchObject({ map: { kind: 'platt' }, tested: 1_249, fitted: 3_745 })
    expect(look(minutes(5_000, boastful))).toMatchObject({ map: { kind: 'isotonic' }, tested: 1_250, fitted: 3_745 })
  })

  it('finds the line that outcomes lie on', () => {
    const found = look(minutes(4_999, boastful))
    if (found?.map.kind !== 'platt') throw new Error('not by Platt')
    expect(found.map.a).toBeCloseTo(0.5, 0)
    expect(found.map.b).toBeCloseTo(-1, 0)
    expect(found.ece.after).toBeLessThan(found.ece.before / 2)
  })

  it.each([1_500, 4_000, 8_000])('is better for a model that promises too much, with %d minutes', (n) => {
    const found = look(minutes(n, boastful))
    expect(found?.better).toBe(true)
    expect(found?.difference.hi).toBeLessThan(0)
  })

  it('is seldom better for a model that is honest, or for one that is calibrated already', () => {
    const seeds = Array.from({ length: 40 }, (_, i) => i)
    const taken = seeds.filter((seed) => look(minutes(2_000, honest, seed))?.better === true)
    expect(taken.length).toBeLessThanOrEqual(4)
    const again = seeds.filter(
      (seed) => look(minutes(2_000, boastful, seed), { kind: 'platt', a: 0.5, b: -1 })?.better === true,
    )
    expect(again.length).toBeLessThanOrEqual(4)
  })

  it('never turns a model round, whatever came of its scores', () => {
    const found = look(minutes(3_000, (score) => 1 - score))
    expect(found?.difference.hi).toBeLessThan(0)
    expect(found?.better).toBe(false)
  })

  it('does not look at the newest quarter before it tries', () => {
    const settled = minutes(2_000, boastful)
    const other = { ...settled, labels: settled.labels.map((label, i) => (i < 1_500 ? label : 1 - label)) }
    expect(look(other)?.map).toEqual(look(settled)?.map)
  })
})

describe('the threshold', () => {
  const day = { n: 1_440, ece: 0.06, meanScore: 0.4, meanLabel: 0.3 }

  it('is raised by a hundredth while answers promise too much, to 0.05 in all', () => {
    let raised = 0
    const steps = Array.from({ length: 7 }, () => (raised = raisedBy(raised, day, false)))
    expect(steps).toEqual([0.01, 0.02, 0.03, 0.04, 0.05, 0.05, 0.05])
  })

  it.each<[what: string, day: typeof day, well: boolean, raised: number]>([
    ['stays where answers promise too little', { ...day, meanScore: 0.2 }, false, 0.02],
    ['stays with too few minutes', { ...day, n: 999 }, true, 0.02],
    ['stays until they were well for a day', { ...day, ece: 0.05 }, false, 0.02],
    ['is its own again then', { ...day, ece: 0.05 }, true, 0],
  ])('%s', (_, given, well, raised) => {
    expect(raisedBy(0.02, given, well)).toBe(raised)
  })

  it('goes by what is answered, not by what the artifact says', () => {
    const settled = minutes(2_000, boastful)
    expect(isWell(dayOfAnswers(null, settled))).toBe(false)
    expect(isWell(dayOfAnswers({ kind: 'platt', a: 0.5, b: -1 }, settled))).toBe(true)
    expect(isWell({ n: 999, ece: 0 })).toBe(false)
  })
})
