import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outcomesIn } from '../../../src/engine/training/labels.ts'
import { defaultConfig, type Config } from '../../../src/room/config/config.ts'
import type { Desk } from '../../../src/room/desk/desk.ts'
import { foreseenOutcomes, takeOutcomes } from '../../../src/room/drivers/own-values.ts'
import { featuresDocument } from '../../../src/room/queries/readings.ts'
import { takeRow } from '../../../src/room/timeline/intake.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
const HORIZON = 10
const USUAL = defaultConfig()
const PUSHED: Config = {
  ...USUAL,
  label: { ...USUAL.label, kind: 'pushed', name: 'hit_target', horizon_min: HORIZON },
}
const MODEL = 'm'

const opened = (dir = fresh()): DeskKit => aDesk(dir, { config: PUSHED })

/**
 * A minute: its bar, a score of it, and what is settled by it.
 * @param dies once the bar and its score are stored, before anything is settled
 */
function minute(desk: Desk, at: number, dies = false): void {
  const bar = walk([at], at + 1)[0]
  if (bar === undefined) throw new Error('no bar')
  desk.transaction(() => {
    takeRow(desk, { line: 0, bar }, bar.tsMs + MINUTE, 1_000)
    desk.parts.store.predictions.score(SYMBOL, bar.tsMs, MODEL, 0.25)
    desk.minuteScored(bar.tsMs, MODEL, 0.25)
    if (!dies) desk.settlement.settle(bar, desk.lineUp, bar.tsMs + MINUTE)
    desk.tape.clearArrived()
    desk.persist()
  })
}

function settled({ parts: { store } }: Desk): readonly (readonly [minute: number, label: number])[] {
  return store.predictions
    .settled(SYMBOL, MODEL, 0, Number.MAX_SAFE_INTEGER)
    .map(({ tsMs, label }) => [(tsMs - START) / MINUTE, label] as const)
}

const labelOf = (at: number): 0 | 1 => (at % 3 === 0 ? 1 : 0)
const said = (at: number): { tsMs: number; label: 0 | 1 } => ({ tsMs: START + at * MINUTE, label: labelOf(at) })

describe('labels of a user', () => {
  it('settle the same minutes whenever they come: before, at once, late, and over a restart', () => {
    const MINUTES = 40
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5, max: 2 * MINUTES }), { minLength: MINUTES, maxLength: MINUTES }),
        fc.nat(MINUTES),
        (arrivals, restartAt) => {
          const dir = fresh()
          let kit = opened(dir)
          const left = new Map(arrivals.map((arrival, at) => [at, at + arrival]))
          for (let now = 0; now < MINUTES + HORIZON; now++) {
            if (now === restartAt) {
              kit.desks.close()
              kit = opened(dir)
            }
            const due = [...left].filter(([, arrival]) => arrival <= now).map(([at]) => at)
            takeOutcomes(kit.desk, kit.desks.evidence, due.map(said))
            for (const at of due) left.delete(at)
            minute(kit.desk, now)
          }
          takeOutcomes(kit.desk, kit.desks.evidence, [...left.keys()].map(said))
          const all = Array.from({ length: MINUTES }, (_, at) => [at, labelOf(at)] as const)
          expect(settled(kit.desk)).toEqual(all)
          expect(takeOutcomes(kit.desk, kit.desks.evidence, [said(0)])).toMatchObject({
            name: 'hit_target',
            added: 0,
            known: 1,
          })
          kit.desks.close()
        },
      ),
      { numRuns: 15 },
    )
  })

  it('wait for the end of their horizon, and leave unsettled what nobody has said', () => {
    const { desk, desks } = opened()
    takeOutcomes(desk, desks.evidence, [said(0), said(2)])
    for (let now = 0; now < HORIZON; now++) minute(desk, now)
    expect(settled(desk)).toEqual([])
    minute(desk, HORIZON)
    expect(settled(desk)).toEqual([[0, 1]])
    minute(desk, HORIZON + 1)
    minute(desk, HORIZON + 2)
    expect(settled(desk)).toEqual([
      [0, 1],
      [2, 0],
    ])
    expect(featuresDocument(desks, SYMBOL).own?.outcomes).toEqual({ name: 'hit_target', overdue: 1 })
    takeOutcomes(desk, desks.evidence, [said(1)])
    expect(settled(desk).map(([at]) => at)).toEqual([0, 1, 2])
    expect(featuresDocument(desks, SYMBOL).own?.outcomes).toEqual({ name: 'hit_target', overdue: 0 })
    desks.close()
  })

  it('are settled by the next bar where the process died between a bar and what it settles', () => {
    const dir = fresh()
    const first = opened(dir)
    takeOutcomes(first.desk, first.desks.evidence, [said(0), said(1)])
    for (let now = 0; now < HORIZON; now++) minute(first.desk, now)
    minute(first.desk, HORIZON, true)
    first.desks.close()
    const { desk, desks } = opened(dir)
    expect(settled(desk)).toEqual([])
    minute(desk, HORIZON + 1)
    expect(settled(desk)).toEqual([
      [0, 1],
      [1, 0],
    ])
    desks.close()
  })

  it('train: rows that nothing is known of have none', () => {
    const { desk, desks } = opened()
    for (let now = 0; now < 5; now++) minute(desk, now)
    takeOutcomes(desk, desks.evidence, [said(0), said(3)])
    const { label } = desk.parts.limits
    const table = desk.parts.store.features.labelled(SYMBOL, 0, Number.MAX_SAFE_INTEGER, [], label)
    expect([...outcomesIn(table, label)]).toEqual([1, Number.NaN, Number.NaN, 1, Number.NaN])
    desks.close()
  })

  it.each([
    ['given twice, otherwise', [said(0), { ...said(0), label: 0 as const }], 'is given twice'],
    ['of half a minute', [{ tsMs: START + 1, label: 1 as const }], 'not the start of a minute'],
    ['of the future', [{ tsMs: Date.parse('2026-01-03T00:00:00Z'), label: 1 as const }], 'in the future'],
  ])('are refused as a whole: %s', (_, outcomes, words) => {
    const { desk, desks } = opened()
    expect(() => foreseenOutcomes(desk, [said(5), ...outcomes])).toThrow(words)
    expect(() => takeOutcomes(desk, desks.evidence, [said(5), ...outcomes])).toThrow(words)
    expect(desk.parts.store.ownLabels.between(SYMBOL, 'hit_target', 0, Number.MAX_SAFE_INTEGER).size).toBe(0)
    desks.close()
  })

  it('can be tried: none is taken, and the answer is what taking them then says', () => {
    const { desk, desks } = opened()
    takeOutcomes(desk, desks.evidence, [said(0)])
    const all = [said(0), said(5), said(6)]
    const { ts_ms: minutes, ...tried } = foreseenOutcomes(desk, all)
    expect(tried).toEqual({ symbol: SYMBOL, name: 'hit_target', added: 2, known: 1 })
    expect(minutes).toEqual(all.map(({ tsMs }) => tsMs))
    expect(desk.parts.store.ownLabels.between(SYMBOL, 'hit_target', 0, Number.MAX_SAFE_INTEGER).size).toBe(1)
    expect(takeOutcomes(desk, desks.evidence, all)).toEqual(tried)
    desks.close()
  })

  it('are refused where the room works them out by itself', () => {
    const { desk, desks } = aDesk(fresh())
    expect(() => takeOutcomes(desk, desks.evidence, [said(0)])).toThrow('the room does not wait for outcomes')
    desks.close()
  })

  it('begin anew when the configuration says something else, and an event says so', () => {
    const dir = fresh()
    const first = opened(dir)
    for (let now = 0; now < 20; now++) {
      takeOutcomes(first.desk, first.desks.evidence, [said(now)])
      minute(first.desk, now)
    }
    expect(settled(first.desk)).toHaveLength(10)
    first.desks.close()
    const other = aDesk(dir, { config: { ...PUSHED, label: { ...PUSHED.label, name: 'other' } } })
    expect(settled(other.desk)).toEqual([])
    const events = other.desk.parts.store.journal.events(SYMBOL, 9).map(({ text }) => text)
    expect(events.join('\n')).toContain('the label has changed, from hit_target within 10 min to other within 10 min')
    for (let now = 20; now < 31; now++) {
      minute(other.desk, now)
      takeOutcomes(other.desk, other.desks.evidence, [said(now)])
    }
    expect(settled(other.desk)).toEqual([[20, labelOf(20)]])
    other.desks.close()
  })
})
