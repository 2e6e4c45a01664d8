import type { GateInputs, GateLimits } from '../../../src/engine/gates/catalogue.ts'
import { HOUR, SECOND_OF_JUNE } from '../../kit/moments.ts'

export const LIMITS: GateLimits = {
  psiOverall: 0.2,
  psiFeature: 0.3,
  psiMaxAgeMs: 2 * HOUR,
  p95Ms: 80,
  p95MinRequests: 59,
  alertCoverage: 0.99,
  auc: 0.62,
  precisionAt20: 0.58,
  meanDelta: 0.05,
  deltaMinComparisons: 500,
  windowMs: 24 * HOUR,
}

/** What lets all six gates pass. */
export const GOOD: GateInputs = {
  faults: {},
  atMs: SECOND_OF_JUNE,
  version: 'v1.8.1',
  profile: 'equivalent',
  judgesCandidate: true,
  psi: {
    atMs: SECOND_OF_JUNE,
    overall: 0.035,
    worst: { feature: 'spread_bp', psi: 0.123 },
    verdict: 'PASS',
    reason: 'within the limits',
    readyAtMs: null,
  },
  latency: { n: 1_440, serviceP95Ms: 3, modelN: 1_440, modelP95Ms: 0.1 },
  alerts: { fired: [], coverage: 1, coveredSinceMs: SECOND_OF_JUNE - 48 * HOUR },
  offline: { auc: 0.6226, aucLo: 0.61, aucHi: 0.635, precisionAt20: 0.672, baseRate: 0.45 },
  delta: { n: 1_440, mean: 0.014 },
  differenceAcknowledged: false,
  evidence: { present: 14, required: 14, missing: [] },
}
