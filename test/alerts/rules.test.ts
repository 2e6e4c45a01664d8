import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ActiveAlert, type AlertChange, evaluateRules } from '../../src/engine/alerts/evaluate.ts'
import {
  type AlertInputs,
  countsForSilence,
  type Rule,
  RULES,
  type SpanFigures,
} from '../../src/engine/alerts/rules.ts'

const MINUTE = 60_000
const T = Date.parse('2025-06-02T00:00:00Z')

const SPAN: SpanFigures = {
  requests: 1_000,
  timed: 1_000,
  above80Ms: 0,
  above120Ms: 0,
  tried: 1_000,
  modelErrors: 0,
  shadowTried: 1_000,
  shadowErrors: 0,
  shadowTimed: 1_000,
  shadowAbove60Ms: 0,
  compared: 1_000,
  matched: 1_000,
}
const QUIET: AlertInputs = { last5: SPAN, last10: SPAN, psi: 0.05, psiDayAgo: 0.05, stalenessMs: 0, breakerOpen: false }
const NOTHING = Object.fromEntries(Object.keys(SPAN).map((name) => [name, 0])) as unknown as SpanFigures
const UNKNOWN: AlertInputs = {
  last5: NOTHING,
  last10: NOTHING,
  psi: null,
  psiDayAgo: null,
  stalenessMs: null,
  breakerOpen: false,
}

const last5 = (change: Partial<SpanFigures>): AlertInputs => ({ ...QUIET, last5: { ...SPAN, ...change } })
const last10 = (change: Partial<SpanFigures>): AlertInputs => ({ ...QUIET, last10: { ...SPAN, ...change } })

/** Rule, its severity, for how many minutes, what is still within its bound, and what is just beyond it. */
const TABLE: readonly [name: string, severity: string, minutes: number, at: AlertInputs, beyond: AlertInputs][] = [
  ['MLShadowMatchLow', 'warning', 10, last10({ matched: 950 }), last10({ matched: 949 })],
  ['MLShadowErrorRateHigh', 'warning', 5, last5({ shadowErrors: 20 }), last5({ shadowErrors: 21 })],
  ['MLPredictLatencyP95High', 'warning', 10, last5({ above80Ms: 50 }), last5({ above80Ms: 51 })],
  ['MLPredictLatencyP95Critical', 'critical', 5, last5({ above120Ms: 50 }), last5({ above120Ms: 51 })],
  ['MLShadowLatencyP95High', 'warning', 10, last5({ shadowAbove60Ms: 50 }), last5({ shadowAbove60Ms: 51 })],
  ['MLPSIWarning', 'warning', 60, { ...QUIET, psi: 0.2, psiDayAgo: 0.2 }, { ...QUIET, psi: 0.201, psiDayAgo: 0.2 }],
  ['MLPSICritical', 'critical', 60, { ...QUIET, psi: 0.3, psiDayAgo: 0.3 }, { ...QUIET, psi: 0.301, psiDayAgo: 0.3 }],
  ['MLPSIJump', 'warning', 0, { ...QUIET, psi: 0.19, psiDayAgo: 0.05 }, { ...QUIET, psi: 0.19, psiDayAgo: 0.03 }],
  ['MLModelErrorsHigh', 'warning', 5, last5({ modelErrors: 10 }), last5({ modelErrors: 11 })],
  [
    'MLFeatureStaleness',
    'warning',
    5,
    { ...QUIET, stalenessMs: 2 * MINUTE },
    { ...QUIET, stalenessMs: 2 * MINUTE + 1 },
  ],
  ['MLDataGap', 'warning', 0, { ...QUIET, stalenessMs: 5 * MINUTE }, { ...QUIET, stalenessMs: 5 * MINUTE + 1 }],
  ['MLBreakerOpen', 'warning', 0, QUIET, { ...QUIET, breakerOpen: true }],
]

function ruleOf(name: string): Rule {
  const rule = RULES.find((candidate) => candidate.name === name)
  if (rule === undefined) throw new Error(`no rule ${name}`)
  return rule
}

/** The changes of one rule over evaluations half a minute apart. */
function play(
  rule: Rule,
  readings: readonly AlertInputs[],
): { changes: (string | null)[]; active: readonly ActiveAlert[] } {
  let active: readonly ActiveAlert[] = []
  const changes = readings.map((inputs, i) => {
    const step = evaluateRules([rule], active, inputs, T + i * (MINUTE / 2))
    active = step.active
    return step.changes[0]?.change ?? null
  })
  return { changes, active }
}

describe('the alert rules', () => {
  it('are those of the table, once each', () => {
    expect(RULES.map((rule) => [rule.name, rule.severity, rule.forMs / MINUTE])).toEqual(
      TABLE.map(([name, severity, minutes]) => [name, severity, minutes]),
    )
  })

  it.each(TABLE)(
    '%s (%s, %i min) does not fire at its bound, and fires beyond it after its time',
    (name, _, minutes, at, beyond) => {
      const rule = ruleOf(name)
      const steps = minutes * 2
      expect(play(rule, Array(steps + 10).fill(at)).active).toEqual([])
      const { changes, active } = play(rule, Array(steps + 10).fill(beyond))
      expect(changes.indexOf('fired')).toBe(steps)
      expect(changes.filter((change) => change !== null)).toEqual(['fired'])
      expect(active).toMatchObject([{ rule: name, state: 'firing', sinceMs: T, firedMs: T + minutes * MINUTE }])
    },
  )

  it.each(TABLE)('%s begins its time anew when the condition was over for a moment', (name, _, minutes, at, beyond) => {
    if (minutes === 0) return
    const readings = [...Array(minutes * 2).fill(beyond), at, ...Array(minutes * 2).fill(beyond)]
    expect(play(ruleOf(name), readings).changes.every((change) => change === null)).toBe(true)
  })

  it.each(TABLE)('%s resolves once, when its condition is over', (name, _, minutes, at, beyond) => {
    const { changes, active } = play(ruleOf(name), [...Array(minutes * 2 + 1).fill(beyond), at, at])
    expect(changes.slice(-2)).toEqual(['resolved', null])
    expect(active).toEqual([])
  })

  it.each(TABLE.filter(([name]) => name !== 'MLBreakerOpen'))(
    '%s neither fires nor resolves without a reading',
    (name, _, minutes, __, beyond) => {
      const rule = ruleOf(name)
      expect(play(rule, Array(400).fill(UNKNOWN)).active).toEqual([])
      const { changes, active } = play(rule, [...Array(minutes * 2 + 1).fill(beyond), ...Array(50).fill(UNKNOWN)])
      expect(changes.filter((change) => change !== null)).toEqual(['fired'])
      expect(active).toMatchObject([{ rule: name, state: 'firing' }])
    },
  )

  it('look at PSI only once its seven days are full, and at its jump only with a figure of the day before', () => {
    const jump = ruleOf('MLPSIJump')
    expect(jump.read({ ...QUIET, psi: 5, psiDayAgo: null })).toBeNull()
    expect(jump.read({ ...QUIET, psi: null, psiDayAgo: 0 })).toBeNull()
    expect(ruleOf('MLPSICritical').read({ ...QUIET, psi: null })).toBeNull()
  })

  it('fire whatever the number of evaluations between: by time alone', () => {
    const rule = ruleOf('MLFeatureStaleness')
    const beyond = { ...QUIET, stalenessMs: 10 * MINUTE }
    const begun = evaluateRules([rule], [], beyond, T)
    expect(begun.active).toMatchObject([{ state: 'pending', sinceMs: T, firedMs: null }])
    expect(evaluateRules([rule], begun.active, beyond, T + 5 * MINUTE - 1).changes).toEqual([])
    expect(evaluateRules([rule], begun.active, beyond, T + 5 * MINUTE).changes).toMatchObject([{ change: 'fired' }])
  })

  it('tell every change once: fired and resolved take turns, in any course of readings', () => {
    const inputs = TABLE.flatMap(([, , , at, beyond]) => [at, beyond])
    const course = fc.array(fc.tuple(fc.constantFrom(...inputs, UNKNOWN), fc.integer({ min: 1, max: 90 })), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(course, (steps) => {
        let active: readonly ActiveAlert[] = []
        let atMs = T
        const told = new Map<string, AlertChange['change']>()
        for (const [reading, minutes] of steps) {
          atMs += minutes * MINUTE
          const step = evaluateRules(RULES, active, reading, atMs)
          active = step.active
          for (const { rule, change } of step.changes) {
            expect(change).toBe(told.get(rule) === 'fired' ? 'resolved' : 'fired')
            told.set(rule, change)
          }
          const firing = active.filter((alert) => alert.state === 'firing').map((alert) => alert.rule)
          expect(firing.sort()).toEqual(
            [...told]
              .filter(([, last]) => last === 'fired')
              .map(([rule]) => rule)
              .sort(),
          )
        }
      }),
    )
  })
})

describe('gate 3', () => {
  it('counts critical alerts, without those on drift that gate 1 has', () => {
    expect(countsForSilence('MLPredictLatencyP95Critical', 'critical')).toBe(true)
    expect(countsForSilence('MLKillSwitchOn', 'critical')).toBe(true)
    for (const name of ['MLPSICritical', 'MLPSIWarning', 'MLPSIJump', 'MLDriftCritical', 'MLPSIOfAnotherKind']) {
      expect(countsForSilence(name, 'critical')).toBe(false)
    }
    expect(countsForSilence('MLPredictLatencyP95High', 'warning')).toBe(false)
  })
})
