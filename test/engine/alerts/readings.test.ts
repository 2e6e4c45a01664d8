import { describe, expect, it } from 'vitest'
import { minuteText } from '../../../src/engine/kernel/units.ts'
import type { AlertInputs } from '../../../src/engine/alerts/rule.ts'
import { countsForSilence, RULES, ruleNamed } from '../../../src/engine/alerts/rules.ts'
import { QUIET, SPAN } from '../../kit/alert-inputs.ts'
import { HOUR, MINUTE, SECOND_OF_JUNE as T } from '../../kit/moments.ts'

/** One thing in ten that goes wrong, wherever it is counted. */
const TENTH = {
  ...SPAN,
  above80Ms: 100,
  above120Ms: 90,
  modelErrors: 100,
  shadowErrors: 100,
  shadowAbove60Ms: 100,
  matched: 900,
}
const WRONG: AlertInputs = {
  ...QUIET,
  last5: TENTH,
  last10: TENTH,
  canary: { psi: 0.4567 },
  canarySeen: { tried: 1_000, errors: 100, certain: true },
  psi: 0.4567,
  psiDayAgo: 0.1234,
  driftCritical: true,
  driftAsksKill: true,
  driftCriticalAgoMs: 4.4 * MINUTE,
  rowAgeMs: 432_100,
  missing: { feature: 'mid', share: 0.0123 },
  ece: 0.0789,
  series: 10_500,
  overdueJobs: ['psi hourly', 'report daily'],
  overdueOutcomes: 1_234,
  backupAgeMs: 27.5 * HOUR,
  paper: {
    arm: 'v1_backtest',
    drawdown: 1.2345,
    retrainFailed: 'failed: the disk is full',
    slippageLowPct: 0.06123,
    slippageAssumedPct: 0.05,
  },
  killSwitch: true,
  breakerOpen: true,
  back: { atMs: T, goneMs: 7.6 * MINUTE },
}

/** What each rule says of it. */
const SAID: Readonly<Record<string, string>> = {
  MLOutcomesOverdue: '1234 minutes lack their outcome, limit 60',
  MLShadowMatchLow: 'mismatch 10.0 %, limit 5 %',
  MLShadowErrorRateHigh: 'shadow errors 10.0 %, limit 2 %',
  MLPredictLatencyP95High: 'answers above 80 ms 10.0 %, limit 5 %',
  MLPredictLatencyP95Critical: 'answers above 120 ms 9.0 %, limit 5 %',
  MLShadowLatencyP95High: 'shadow runs above 60 ms 10.0 %, limit 5 %',
  MLModelErrorsHigh: 'model errors 10.0 %, limit 1 %',
  MLPoorCalibration: 'ECE 0.079, limit 0.06',
  MLBreakerOpen: 'the shadow is stopped: 10.0 % errors in 5 min',
  MLPSIWarning: 'PSI 0.457, limit 0.2',
  MLPSICritical: 'PSI 0.457, limit 0.3',
  MLPSIJump: 'PSI up in 24 h by 0.333, limit 0.15',
  MLDriftCritical: `drift became critical at ${minuteText(T - 4.4 * MINUTE)}`,
  MLDriftAsksKill: 'overall PSI of the last 24 hours beyond its limit',
  MLFeatureStaleness: 'the newest row is 432 s old',
  MLDataGap: 'the newest row is 432 s old',
  MLFeatureMissing: 'mid missing in 1.23 % of the rows, limit 0.5 %',
  MLEngineDown: 'the room was down for 8 min',
  MLJobOverdue: 'overdue: psi hourly, report daily',
  MLCardinalityHigh: '10500 series, limit 10000',
  MLBackupOld: 'the newest backup is 27 h old, limit 26 h',
  MLKillSwitchOn: 'the kill switch is on',
  MLCanaryPredictLatencyP95High: 'answers above 80 ms 10.0 %, limit 5 %',
  MLCanaryShadowMatchLow: 'mismatch 10.0 %, limit 5 %',
  MLCanaryShadowErrorRateHigh: '100 of 1000 runs of the candidate failed in this phase, limit 2 %',
  MLCanaryModelErrorsHigh: 'model errors 10.0 %, limit 1 %',
  MLCanaryPSIWarning: 'PSI of the candidate 0.457, limit 0.2',
  MLCanaryPSICritical: 'PSI of the candidate 0.457, limit 0.3',
  MLPaperDrawdown: 'drawdown 1.234, limit 1',
  MLPaperRetrainFailed: 'failed: the disk is full',
  MLSlippageHigh: 'at least 0.0612 % a side, 0.05 % is assumed',
}

const read = (name: string, inputs: AlertInputs) => ruleNamed(name)?.read(inputs)

describe('what a rule says', () => {
  it.each(RULES.map(({ name }) => name))('%s gives the figure beside its limit', (name) => {
    expect(read(name, WRONG)).toEqual({ holds: true, text: SAID[name] })
  })

  it('holds for as long as drift is critical, and for the 15 minutes of the event where it no longer is', () => {
    const of = (driftCritical: boolean, minutes: number | null) =>
      read('MLDriftCritical', {
        ...QUIET,
        driftCritical,
        driftCriticalAgoMs: minutes === null ? null : minutes * MINUTE,
      })
    expect(of(true, 180)).toEqual({ holds: true, text: `drift became critical at ${minuteText(T - 180 * MINUTE)}` })
    expect(of(true, null)).toEqual({ holds: true, text: 'drift is critical' })
    expect(of(false, 14)).toEqual({
      holds: true,
      text: `drift became critical at ${minuteText(T - 14 * MINUTE)}, and no longer is`,
    })
    expect(of(false, 15)?.holds).toBe(false)
  })

  it('names what is not there, which ends an alert', () => {
    expect(read('MLDriftCritical', QUIET)).toEqual({ holds: false, text: 'no drift event' })
    expect(read('MLEngineDown', QUIET)).toEqual({ holds: false, text: 'there is no outage' })
    expect(read('MLJobOverdue', QUIET)).toEqual({ holds: false, text: 'overdue: none' })
    for (const rule of ['MLPaperDrawdown', 'MLSlippageHigh'])
      expect(read(rule, { ...QUIET, paper: null })).toEqual({ holds: false, text: 'there is no active arm' })
    expect(read('MLPaperRetrainFailed', { ...QUIET, paper: null })).toEqual({ holds: false, text: 'there is no set' })
    expect(read('MLKillSwitchOn', QUIET)).toEqual({ holds: false, text: 'the kill switch is off' })
    expect(read('MLShadowMatchLow', { ...WRONG, candidate: null })).toEqual({
      holds: false,
      text: 'there is no candidate',
    })
  })

  it.each(RULES.filter(({ canary }) => canary !== undefined).map(({ name }) => name))(
    '%s holds of nothing while no canary runs',
    (name) => {
      expect(read(name, { ...WRONG, canary: null, canarySeen: null })).toEqual({
        holds: false,
        text: 'there is no canary that runs',
      })
    },
  )

  it('is no share of nothing: an open breaker whose candidate was not tried has no errors', () => {
    const untried = { ...WRONG, last5: { ...SPAN, shadowTried: 0, shadowErrors: 0 } }
    expect(read('MLBreakerOpen', untried)?.text).toBe('the shadow is stopped: 0.0 % errors in 5 min')
  })
})

describe('an alert of a rule that the catalogue no longer has', () => {
  it('counts for gate 3 by its name: what was on drift is left to gate 1', () => {
    expect(ruleNamed('MLOfOldTimes')).toBeUndefined()
    expect(countsForSilence('MLOfOldTimes', 'critical')).toBe(true)
    expect(countsForSilence('MLOfOldTimes', 'warning')).toBe(false)
    expect(countsForSilence('MLPSIOfOldTimes', 'critical')).toBe(false)
    // One that the catalogue has is left to gate 1 by what it is about, whatever its name begins with.
    expect(countsForSilence('MLCanaryPSICritical', 'critical')).toBe(false)
  })
})
