import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ActiveAlert,
  type AlertChange,
  type AlertStep,
  evaluateRules,
} from '../../../src/engine/alerts/evaluate.ts'
import type { AlertInputs, Rule, SpanFigures } from '../../../src/engine/alerts/rule.ts'
import { countsForSilence, ruleNamed, RULES } from '../../../src/engine/alerts/rules.ts'
import { QUIET, SPAN, UNKNOWN } from '../../kit/alert-inputs.ts'
import { HOUR, MINUTE, SECOND_OF_JUNE as T } from '../../kit/moments.ts'

const last5 = (change: Partial<SpanFigures>): AlertInputs => ({ ...QUIET, last5: { ...SPAN, ...change } })
/** A room that nobody asks: the answers of its own five minutes. */
const few = (change: Partial<SpanFigures>): AlertInputs => last5({ timed: 5, shadowTimed: 5, ...change })
const last10 = (change: Partial<SpanFigures>): AlertInputs => ({ ...QUIET, last10: { ...SPAN, ...change } })
const paper = (change: Partial<NonNullable<AlertInputs['paper']>>): AlertInputs => ({
  ...QUIET,
  paper: {
    arm: 'v1_backtest',
    drawdown: 0.1,
    retrainFailed: null,
    slippageLowPct: 0.01,
    slippageAssumedPct: 0.05,
    ...change,
  },
})
const canary = (inputs: AlertInputs, psi: number | null = 0.05): AlertInputs => ({ ...inputs, canary: { psi } })

type Row = [name: string, severity: string, minutes: number, clear: number, at: AlertInputs, beyond: AlertInputs]

/** Rule, severity, minutes until it fires and until it is resolved, what is still within its bound, and what is just beyond. */
const TABLE: readonly Row[] = [
  ['MLShadowMatchLow', 'warning', 10, 5, last10({ matched: 950 }), last10({ matched: 949 })],
  ['MLShadowErrorRateHigh', 'warning', 5, 5, last5({ shadowErrors: 20 }), last5({ shadowErrors: 21 })],
  ['MLPredictLatencyP95High', 'warning', 10, 5, last5({ above80Ms: 50 }), last5({ above80Ms: 51 })],
  ['MLPredictLatencyP95Critical', 'critical', 5, 5, last5({ above120Ms: 50 }), last5({ above120Ms: 51 })],
  ['MLShadowLatencyP95High', 'warning', 10, 5, last5({ shadowAbove60Ms: 50 }), last5({ shadowAbove60Ms: 51 })],
  ['MLModelErrorsHigh', 'warning', 5, 5, last5({ modelErrors: 10 }), last5({ modelErrors: 11 })],
  ['MLPoorCalibration', 'warning', 30, 360, { ...QUIET, ece: 0.06 }, { ...QUIET, ece: 0.061 }],
  ['MLBreakerOpen', 'warning', 0, 0, QUIET, { ...QUIET, breakerOpen: true }],
  ['MLPSIWarning', 'warning', 60, 5, { ...QUIET, psi: 0.2 }, { ...QUIET, psi: 0.201 }],
  ['MLPSICritical', 'critical', 60, 5, { ...QUIET, psi: 0.3 }, { ...QUIET, psi: 0.301 }],
  ['MLPSIJump', 'warning', 0, 5, { ...QUIET, psi: 0.19, psiDayAgo: 0.05 }, { ...QUIET, psi: 0.19, psiDayAgo: 0.03 }],
  [
    'MLDriftCritical',
    'critical',
    0,
    0,
    { ...QUIET, driftCriticalAgoMs: 15 * MINUTE },
    { ...QUIET, driftCriticalAgoMs: 15 * MINUTE - 1 },
  ],
  ['MLDriftAsksKill', 'critical', 0, 0, QUIET, { ...QUIET, driftAsksKill: true }],
  ['MLFeatureStaleness', 'warning', 5, 0, { ...QUIET, rowAgeMs: 2 * MINUTE }, { ...QUIET, rowAgeMs: 2 * MINUTE + 1 }],
  ['MLDataGap', 'warning', 0, 0, { ...QUIET, rowAgeMs: 5 * MINUTE }, { ...QUIET, rowAgeMs: 5 * MINUTE + 1 }],
  [
    'MLFeatureMissing',
    'warning',
    0,
    5,
    { ...QUIET, missing: { feature: 'mid', share: 0.005 } },
    { ...QUIET, missing: { feature: 'mid', share: 0.0051 } },
  ],
  ['MLOutcomesOverdue', 'warning', 10, 5, { ...QUIET, overdueOutcomes: 60 }, { ...QUIET, overdueOutcomes: 61 }],
  [
    'MLEngineDown',
    'critical',
    0,
    0,
    { ...QUIET, back: { atMs: T, goneMs: 2 * MINUTE } },
    { ...QUIET, back: { atMs: T, goneMs: 2 * MINUTE + 1 } },
  ],
  ['MLJobOverdue', 'warning', 0, 0, QUIET, { ...QUIET, overdueJobs: ['psi hourly'] }],
  ['MLCardinalityHigh', 'warning', 0, 0, { ...QUIET, series: 10_000 }, { ...QUIET, series: 10_001 }],
  ['MLBackupOld', 'warning', 0, 0, { ...QUIET, backupAgeMs: 26 * HOUR }, { ...QUIET, backupAgeMs: 26 * HOUR + 1 }],
  ['MLKillSwitchOn', 'critical', 0, 0, QUIET, { ...QUIET, killSwitch: true }],
  [
    'MLCanaryPredictLatencyP95High',
    'warning',
    10,
    5,
    canary(last5({ above80Ms: 50 })),
    canary(last5({ above80Ms: 51 })),
  ],
  ['MLCanaryShadowMatchLow', 'warning', 10, 5, canary(last10({ matched: 950 })), canary(last10({ matched: 949 }))],
  [
    'MLCanaryShadowErrorRateHigh',
    'critical',
    0,
    5,
    { ...QUIET, canarySeen: { tried: 500, errors: 20, certain: false } },
    { ...QUIET, canarySeen: { tried: 500, errors: 21, certain: true } },
  ],
  ['MLCanaryModelErrorsHigh', 'warning', 5, 5, canary(last5({ modelErrors: 10 })), canary(last5({ modelErrors: 11 }))],
  ['MLCanaryPSIWarning', 'info', 60, 5, canary(QUIET, 0.2), canary(QUIET, 0.201)],
  ['MLCanaryPSICritical', 'info', 60, 5, canary(QUIET, 0.3), canary(QUIET, 0.301)],
  ['MLPaperDrawdown', 'warning', 60, 1_440, paper({ drawdown: 1 }), paper({ drawdown: 1.01 })],
  ['MLPaperRetrainFailed', 'warning', 0, 0, paper({}), paper({ retrainFailed: 'failed: the disk is full' })],
  ['MLSlippageHigh', 'warning', 30, 360, paper({ slippageLowPct: 0.05 }), paper({ slippageLowPct: 0.0501 })],
]

/** Where one slow answer alone would be a fifth of all. */
const OF_FIVE: readonly Row[] = [
  ['MLPredictLatencyP95High', 'warning', 10, 5, few({ above80Ms: 2 }), few({ above80Ms: 3 })],
  ['MLPredictLatencyP95Critical', 'critical', 5, 5, few({ above120Ms: 2 }), few({ above120Ms: 3 })],
  ['MLShadowLatencyP95High', 'warning', 10, 5, few({ shadowAbove60Ms: 2 }), few({ shadowAbove60Ms: 3 })],
]

/** Conditions that are simply there or not: nothing about them can be unknown. */
const ALWAYS_KNOWN = [
  'MLPaperRetrainFailed',
  'MLBreakerOpen',
  'MLKillSwitchOn',
  'MLJobOverdue',
  'MLDriftCritical',
  'MLDriftAsksKill',
  'MLEngineDown',
  'MLCanaryShadowErrorRateHigh',
]

function ruleOf(name: string): Rule {
  const rule = ruleNamed(name)
  if (rule === undefined) throw new Error(`no rule ${name}`)
  return rule
}

/** A room's watch: evaluations one after the other, with what it remembers between them. */
class Watch {
  active: readonly ActiveAlert[] = []
  private evaluatedMs: number | null = null
  private readonly changed = new Map<string, number[]>()

  constructor(private readonly rules: readonly Rule[]) {}

  look(inputs: AlertInputs, atMs: number): AlertStep {
    const past = { active: this.active, evaluatedMs: this.evaluatedMs, changed: this.changed }
    const step = evaluateRules(this.rules, past, inputs, atMs)
    this.active = step.active
    this.evaluatedMs = atMs
    for (const { rule } of step.changes) this.changed.set(rule, [...(this.changed.get(rule) ?? []), atMs])
    return step
  }
}

/** The changes of one rule over evaluations half a minute apart. */
function play(
  rule: Rule,
  readings: readonly AlertInputs[],
): { changes: (string | null)[]; active: readonly ActiveAlert[] } {
  const watch = new Watch([rule])
  // The outage is told of at one moment: readings about it stand still in time.
  const step = rule.name === 'MLEngineDown' ? 0 : MINUTE / 2
  const changes = readings.map((inputs, i) => watch.look(inputs, T + i * step).changes[0]?.change ?? null)
  return { changes, active: watch.active }
}

function times<A>(n: number, value: A): A[] {
  return Array.from({ length: n }, () => value)
}

describe('the alert rules', () => {
  it('are those of the table, once each', () => {
    expect(RULES.map((rule) => [rule.name, rule.severity, rule.forMs / MINUTE, rule.clearMs / MINUTE])).toEqual(
      TABLE.map(([name, severity, minutes, clear]) => [name, severity, minutes, clear]),
    )
  })

  it('each say in a line what they mean, and what to do next', () => {
    for (const rule of RULES) {
      expect(rule.summary, rule.name).toMatch(/^[A-Z].*\.$/)
      expect(rule.next.length, rule.name).toBeGreaterThan(0)
      for (const line of rule.next) expect(line, rule.name).toMatch(/^\S.*[.)]$/)
    }
  })

  it.each([...TABLE, ...OF_FIVE])(
    '%s (%s, %i min) does not fire at its bound, and fires beyond it after its time',
    (name, _, minutes, __, at, beyond) => {
      const rule = ruleOf(name)
      const steps = minutes * 2
      expect(play(rule, times(steps + 10, at)).active).toEqual([])
      const { changes, active } = play(rule, times(steps + 10, beyond))
      expect(changes.indexOf('fired')).toBe(steps)
      expect(changes.filter((change) => change !== null)).toEqual(['fired'])
      expect(active).toMatchObject([
        { rule: name, state: 'firing', sinceMs: T, firedMs: T + minutes * MINUTE, clearMs: null },
      ])
    },
  )

  it.each([...TABLE, ...OF_FIVE])(
    '%s begins its time anew when the condition was over for a moment',
    (name, _, minutes, __, at, beyond) => {
      if (minutes === 0) return
      const readings = [...times(minutes * 2, beyond), at, ...times(minutes * 2, beyond)]
      expect(play(ruleOf(name), readings).changes.every((change) => change === null)).toBe(true)
    },
  )

  it.each([...TABLE, ...OF_FIVE])(
    '%s is resolved once, after its condition was over for its time',
    (name, _, minutes, clear, at, beyond) => {
      const rule = ruleOf(name)
      const { changes, active } = play(rule, [...times(minutes * 2 + 1, beyond), ...times(clear * 2 + 1, at), at])
      expect(changes.slice(-2)).toEqual(['resolved', null])
      expect(active).toEqual([])
    },
  )

  it.each(TABLE.filter(([, , , clear]) => clear > 0))(
    '%s is not resolved by a moment within its bound: its time begins anew',
    (name, _, minutes, clear, at, beyond) => {
      const over = times(clear * 2, at)
      const { changes, active } = play(ruleOf(name), [...times(minutes * 2 + 1, beyond), ...over, beyond, ...over])
      expect(changes.filter((change) => change !== null)).toEqual(['fired'])
      expect(active).toMatchObject([{ state: 'firing' }])
    },
  )

  it.each(TABLE.filter(([name]) => !ALWAYS_KNOWN.includes(name)))(
    '%s neither fires nor is resolved without a reading',
    (name, _, minutes, __, ___, beyond) => {
      const rule = ruleOf(name)
      expect(play(rule, times(400, UNKNOWN)).active).toEqual([])
      const { changes, active } = play(rule, [...times(minutes * 2 + 1, beyond), ...times(50, UNKNOWN)])
      expect(changes.filter((change) => change !== null)).toEqual(['fired'])
      expect(active).toMatchObject([{ rule: name, state: 'firing' }])
    },
  )

  it.each(['MLShadowMatchLow', 'MLShadowErrorRateHigh', 'MLShadowLatencyP95High'])(
    '%s ends with its candidate',
    (name) => {
      const beyond = TABLE.find(([row]) => row === name)?.[5] ?? QUIET
      const watch = new Watch([ruleOf(name)])
      for (let minute = 0; minute <= 10; minute++) watch.look(beyond, T + minute * MINUTE)
      expect(watch.active).toMatchObject([{ state: 'firing' }])
      for (let minute = 11; minute <= 16; minute++) watch.look({ ...beyond, candidate: null }, T + minute * MINUTE)
      expect(watch.active).toEqual([])
    },
  )

  it('say nothing of the match of a candidate that is meant to differ', () => {
    const differs = { ...last10({ matched: 100 }), candidate: { meantToMatch: false }, canary: { psi: 0 } }
    for (const name of ['MLShadowMatchLow', 'MLCanaryShadowMatchLow'])
      expect(ruleOf(name).read(differs)).toMatchObject({ holds: false })
  })

  it('say that the room is down for two minutes after it came back, and then no more', () => {
    const back = { atMs: T, goneMs: 5 * MINUTE }
    const watch = new Watch([ruleOf('MLEngineDown')])
    expect(watch.look({ ...QUIET, back }, T).changes).toMatchObject([{ change: 'fired', severity: 'critical' }])
    expect(watch.look({ ...QUIET, back, atMs: T + MINUTE }, T + MINUTE).changes).toEqual([])
    expect(watch.look({ ...QUIET, back, atMs: T + 2 * MINUTE }, T + 2 * MINUTE).changes).toMatchObject([
      { change: 'resolved' },
    ])
  })

  it('look at PSI only once its seven days are full, and at its jump only with a figure of the day before', () => {
    const jump = ruleOf('MLPSIJump')
    expect(jump.read({ ...QUIET, psi: 5, psiDayAgo: null })).toBeNull()
    expect(jump.read({ ...QUIET, psi: null, psiDayAgo: 0 })).toBeNull()
    expect(ruleOf('MLPSICritical').read({ ...QUIET, psi: null })).toBeNull()
  })

  it('do not count the time in which nobody looked, neither for firing nor for being resolved', () => {
    const rule = ruleOf('MLShadowErrorRateHigh')
    const beyond = last5({ shadowErrors: 100 })
    const watch = new Watch([rule])
    watch.look(beyond, T)
    watch.look(beyond, T + MINUTE)
    // Two hours later: one minute of the five has been seen.
    const back = T + 120 * MINUTE
    expect(watch.look(beyond, back).changes).toEqual([])
    for (let minute = 1; minute <= 3; minute++) expect(watch.look(beyond, back + minute * MINUTE).changes).toEqual([])
    expect(watch.look(beyond, back + 4 * MINUTE).changes).toMatchObject([{ change: 'fired' }])
    watch.look(QUIET, back + 5 * MINUTE)
    expect(watch.look(QUIET, back + 300 * MINUTE).changes).toEqual([])
  })

  it('are marked as flapping from the fourth change within an hour on, and no more an hour later', () => {
    const rule = ruleOf('MLDataGap')
    const watch = new Watch([rule])
    const gap = { ...QUIET, rowAgeMs: 10 * MINUTE }
    const flapping = [gap, QUIET, gap, QUIET, gap].map((inputs, i) => {
      watch.look(inputs, T + i * MINUTE)
      return watch.active[0]?.flapping ?? null
    })
    expect(flapping).toEqual([false, null, false, null, true])
    for (let minute = 5; minute <= 70; minute++) watch.look(gap, T + minute * MINUTE)
    expect(watch.active).toMatchObject([{ state: 'firing', flapping: false }])
  })

  it('tell every change once: fired and resolved take turns, in any course of readings', () => {
    const inputs = TABLE.flatMap(([, , , , at, beyond]) => [at, beyond])
    const course = fc.array(fc.tuple(fc.constantFrom(...inputs, UNKNOWN), fc.integer({ min: 1, max: 90 })), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(course, (steps) => {
        const watch = new Watch(RULES)
        let atMs = T
        const told = new Map<string, AlertChange['change']>()
        for (const [reading, halves] of steps) {
          atMs += (halves * MINUTE) / 2
          const step = watch.look(reading, atMs)
          for (const { rule, change } of step.changes) {
            expect(change).toBe(told.get(rule) === 'fired' ? 'resolved' : 'fired')
            told.set(rule, change)
          }
          const firing = watch.active.filter((alert) => alert.state === 'firing').map((alert) => alert.rule)
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

describe('time without a reading', () => {
  const rule = ruleNamed('MLFeatureStaleness')
  const old = { ...QUIET, rowAgeMs: 10 * MINUTE }

  it('counts for no rule: one that was pending before has to be seen to hold for its whole time', () => {
    if (rule === undefined) throw new Error('no such rule')
    let past: AlertStep & { evaluatedMs: number | null } = { active: [], changes: [], evaluatedMs: null }
    const fired: number[] = []
    for (let minute = 0; minute < 40; minute++) {
      const atMs = T + minute * MINUTE
      const inputs = minute >= 2 && minute < 30 ? UNKNOWN : old
      const step = evaluateRules([rule], { ...past, changed: new Map() }, inputs, atMs)
      if (step.changes.length > 0) fired.push(minute)
      past = { ...step, evaluatedMs: atMs }
    }
    // Seen to hold for one minute before, and for four after.
    expect(fired).toEqual([33])
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
