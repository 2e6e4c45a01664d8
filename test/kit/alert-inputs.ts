import type { AlertInputs, SpanFigures } from '../../src/engine/alerts/rule.ts'
import { SECOND_OF_JUNE } from './moments.ts'

export const SPAN: SpanFigures = {
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

/** A room at peace, with a candidate and no canary. */
export const QUIET: AlertInputs = {
  atMs: SECOND_OF_JUNE,
  last5: SPAN,
  last10: SPAN,
  candidate: { meantToMatch: true },
  canary: null,
  canarySeen: null,
  psi: 0.05,
  psiDayAgo: 0.05,
  driftCritical: false,
  driftAsksKill: false,
  driftCriticalAgoMs: null,
  rowAgeMs: 0,
  missing: { feature: 'mid', share: 0 },
  ece: 0.02,
  series: 90,
  overdueJobs: [],
  overdueOutcomes: 0,
  backupAgeMs: 60_000,
  paper: { arm: 'v1_backtest', drawdown: 0.1, retrainFailed: null, slippageLowPct: 0.01, slippageAssumedPct: 0.05 },
  killSwitch: false,
  breakerOpen: false,
  back: null,
}

const NOTHING: SpanFigures = {
  requests: 0,
  timed: 0,
  above80Ms: 0,
  above120Ms: 0,
  tried: 0,
  modelErrors: 0,
  shadowTried: 0,
  shadowErrors: 0,
  shadowTimed: 0,
  shadowAbove60Ms: 0,
  compared: 0,
  matched: 0,
}

/** Nothing that could be measured was. */
export const UNKNOWN: AlertInputs = {
  ...QUIET,
  last5: NOTHING,
  last10: NOTHING,
  canary: { psi: null },
  psi: null,
  psiDayAgo: null,
  rowAgeMs: null,
  missing: null,
  ece: null,
  series: null,
  overdueOutcomes: null,
  backupAgeMs: null,
  paper: { arm: 'v1_backtest', drawdown: null, retrainFailed: null, slippageLowPct: null, slippageAssumedPct: 0.05 },
}
