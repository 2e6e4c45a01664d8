import { describe, expect, it } from 'vitest'
import { type ActiveAlert, type AlertStep, evaluateRules } from '../../../src/engine/alerts/evaluate.ts'
import type { AlertInputs, Rule } from '../../../src/engine/alerts/rule.ts'
import { oneSeries } from '../../../src/engine/alerts/rule.ts'
import { QUIET } from '../../kit/alert-inputs.ts'
import { HOUR, MINUTE, SECOND_OF_JUNE as T } from '../../kit/moments.ts'

/** Fires after five minutes of a kill switch, and is resolved after five without. */
const RULE: Rule = {
  name: 'Slow',
  severity: 'warning',
  forMs: 5 * MINUTE,
  clearMs: 5 * MINUTE,
  summary: 'It is slow.',
  next: ['Wait.'],
  expr: 'slow == 1',
  example: oneSeries('slow', { afterMin: 6, fires: '1x10', quiet: '0x10' }),
  read: ({ killSwitch }) => ({ holds: killSwitch, text: killSwitch ? 'slow' : 'quick' }),
}
const ON: AlertInputs = { ...QUIET, killSwitch: true }

const FIRING: ActiveAlert = {
  rule: 'Slow',
  severity: 'warning',
  state: 'firing',
  sinceMs: T - HOUR,
  firedMs: T - HOUR + 5 * MINUTE,
  clearMs: null,
  flapping: false,
  text: 'slow',
}
const PENDING: ActiveAlert = { ...FIRING, state: 'pending', sinceMs: T - 4 * MINUTE, firedMs: null }

interface Past {
  readonly active?: readonly ActiveAlert[]
  readonly evaluatedMs?: number | null
  readonly changedMs?: readonly number[]
}

function evaluated(inputs: AlertInputs, atMs: number, past: Past): AlertStep {
  const { active = [], evaluatedMs = atMs - MINUTE, changedMs = [] } = past
  return evaluateRules([RULE], { active, evaluatedMs, changed: new Map([['Slow', changedMs]]) }, inputs, atMs)
}

/** Evaluations at those minutes, one after the other. */
function course(active: ActiveAlert, looks: readonly (readonly [minute: number, inputs: AlertInputs])[]) {
  let [now, evaluatedMs]: [readonly ActiveAlert[], number] = [[active], T]
  return looks.map(([minute, inputs]) => {
    const atMs = T + minute * MINUTE
    const step = evaluated(inputs, atMs, { active: now, evaluatedMs })
    now = step.active
    evaluatedMs = atMs
    return step.changes[0]?.change ?? now[0]?.state ?? null
  })
}

describe('a hole in the watch', () => {
  it('is one from more than 90 seconds on: looks that far apart still see a condition hold', () => {
    const alert = { ...PENDING, sinceMs: T }
    const apart = (seconds: number) => [1, 2, 3, 4].map((n) => [(n * seconds) / 60, ON] as const)
    expect(course(alert, apart(90))).toEqual(['pending', 'pending', 'pending', 'fired'])
    expect(course(alert, apart(91))).toEqual(['pending', 'pending', 'pending', 'pending'])
  })

  it('moves what a pending alert still has to wait, and not since when one holds that has fired', () => {
    const after = (active: ActiveAlert) => evaluated(ON, T + 2 * HOUR, { active: [active], evaluatedMs: T }).active[0]
    expect(after(PENDING)).toMatchObject({ state: 'pending', sinceMs: PENDING.sinceMs + 2 * HOUR })
    expect(after(FIRING)).toMatchObject({ sinceMs: FIRING.sinceMs, firedMs: FIRING.firedMs, clearMs: null })
  })

  it('resolves nothing, and takes nothing from the time that was seen to be over before it', () => {
    expect(course(FIRING, [[120, QUIET]])).toEqual(['firing'])
    const seen = [1, 2, 3, 123, 124, 125, 126].map((minute) => [minute, QUIET] as const)
    // Three minutes before it and three after it; the fifth minute is the second of these.
    expect(course(FIRING, seen)).toEqual(['firing', 'firing', 'firing', 'firing', 'firing', 'firing', 'resolved'])
  })

  it('is not there before the first evaluation: what was active then waits no longer', () => {
    const first = evaluated(ON, T, { active: [PENDING], evaluatedMs: null })
    expect(first.active).toMatchObject([{ state: 'pending', sinceMs: PENDING.sinceMs }])
  })

  it('is none where the clock was set back', () => {
    const back = evaluated(ON, T, { active: [PENDING], evaluatedMs: T + HOUR })
    expect(back.active).toMatchObject([{ sinceMs: PENDING.sinceMs }])
  })
})

describe('flapping', () => {
  const ago = (...minutes: readonly number[]) => minutes.map((minute) => T - minute * MINUTE)
  const flapping = (active: ActiveAlert, changedMs: readonly number[]) =>
    evaluated(ON, T, { active: [active], changedMs }).active[0]?.flapping

  it('begins with the fourth change within an hour, this one among them', () => {
    const fires = { ...PENDING, sinceMs: T - 5 * MINUTE }
    expect(flapping(fires, ago(10, 20))).toBe(false)
    expect(flapping(fires, ago(10, 20, 30))).toBe(true)
    expect(flapping(FIRING, ago(10, 20, 30))).toBe(false)
    expect(flapping(FIRING, ago(10, 20, 30, 40))).toBe(true)
  })

  it('no longer counts a change of an hour ago', () => {
    expect(flapping(FIRING, ago(10, 20, 30, 60))).toBe(false)
    expect(flapping(FIRING, ago(10, 20, 30, 59.99))).toBe(true)
  })
})

describe('a change', () => {
  it('is told with the words of its own moment', () => {
    const fires = evaluated(ON, T, { active: [{ ...PENDING, sinceMs: T - 5 * MINUTE }] })
    expect(fires.changes).toEqual([{ rule: 'Slow', severity: 'warning', change: 'fired', text: 'slow' }])
    const over = evaluated(QUIET, T, { active: [{ ...FIRING, clearMs: T - 5 * MINUTE }] })
    expect(over.changes).toEqual([{ rule: 'Slow', severity: 'warning', change: 'resolved', text: 'quick' }])
  })
})
