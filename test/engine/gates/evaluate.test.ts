import { describe, expect, it } from 'vitest'
import { GATE_NAMES, type GateInputs, type GateResult } from '../../../src/engine/gates/catalogue.ts'
import { eligible, evaluateGates } from '../../../src/engine/gates/evaluate.ts'
import type { Verdict } from '../../../src/engine/kernel/verdict.ts'
import { GOOD, LIMITS } from './gate-inputs.ts'
import { HOUR, SECOND_OF_JUNE } from '../../kit/moments.ts'

type Case = [line: string, change: Partial<GateInputs>, verdict: Verdict, reason: RegExp, readyAtMs?: number]

const psi = (change: object): Partial<GateInputs> => ({ psi: GOOD.psi === null ? null : { ...GOOD.psi, ...change } })
const latency = (change: object): Partial<GateInputs> => ({ latency: { ...GOOD.latency, ...change } })
const offline = (change: object): Partial<GateInputs> => ({
  offline: GOOD.offline === null ? null : { ...GOOD.offline, ...change },
})
const lacking = (...names: string[]): Partial<GateInputs> => ({
  evidence: {
    present: 14 - names.length,
    required: 14,
    missing: names.map((file) => ({ file, make: `onay make ${file}`, why: 'it was never made', made: false })),
  },
})
/** The last of them was made, and does not count. */
const failing = (...names: string[]): Partial<GateInputs> => {
  const { evidence } = lacking(...names)
  if (evidence === undefined) throw new Error('no evidence')
  const missing = evidence.missing.map((file, i) =>
    i === names.length - 1 ? { ...file, why: 'it failed: success 98.0 %', made: true } : file,
  )
  return { evidence: { ...evidence, missing } }
}
const ready = SECOND_OF_JUNE + 72 * HOUR

const TABLE: Readonly<Record<GateResult['name'], readonly Case[]>> = {
  psi: [
    ['passes below 0.2', psi({ overall: 0.1999 }), 'PASS', /worst spread_bp 0.123/],
    ['fails at 0.2', psi({ overall: 0.2, verdict: 'FAIL' }), 'FAIL', /worst spread_bp/],
    ['passes with a feature at 0.3', psi({ worst: { feature: 'mid', psi: 0.3 } }), 'PASS', /worst mid 0.300/],
    ['fails with a feature above it', psi({ worst: { feature: 'mid', psi: 0.301 } }), 'FAIL', /worst mid 0.301/],
    [
      'waits for the seven days',
      psi({ verdict: 'WAIT', reason: '3 of 7 days', readyAtMs: ready }),
      'WAIT',
      /3 of 7/,
      ready,
    ],
    ['waits while nothing could be counted', psi({ overall: null, worst: null }), 'WAIT', /within/],
    ['takes a snapshot of two hours', psi({ atMs: SECOND_OF_JUNE - 2 * HOUR }), 'PASS', /worst/],
    ['waits for one that is younger', psi({ atMs: SECOND_OF_JUNE - 2 * HOUR - 1 }), 'WAIT', /snapshot is 2 h old/],
    ['waits for the first snapshot', { psi: null }, 'WAIT', /no snapshot yet/],
    ['waits for a model', { version: null }, 'WAIT', /no model yet/],
    ['is in error where PSI could not be measured', psi({ verdict: 'ERROR', reason: 'no bins' }), 'ERROR', /no bins/],
  ],
  p95: [
    ['passes below 80 ms', latency({ serviceP95Ms: 79.9 }), 'PASS', /n 1440/],
    ['fails at 80 ms', latency({ serviceP95Ms: 80 }), 'FAIL', /n 1440/],
    ['judges the worse of service and model', latency({ modelP95Ms: 81 }), 'FAIL', /n 1440/],
    ['waits for 59 requests', latency({ n: 58 }), 'WAIT', /^1 more requests needed/],
    ['is judged at 59', latency({ n: 59, modelN: 59 }), 'PASS', /n 59/],
    ['waits for 59 scores of the model', latency({ modelN: 50 }), 'WAIT', /^9 more scores of the model/],
    ['waits where nobody waited for an answer', latency({ n: 0, serviceP95Ms: null }), 'WAIT', /^59 more/],
    ['is in error where latencies cannot be read', latency({ serviceP95Ms: null }), 'ERROR', /could not be read/],
  ],
  alert_silence: [
    ['passes without a critical alert', {}, 'PASS', /24 h covered/],
    [
      'passes at 99 % covered',
      { alerts: { fired: [], coverage: 0.99, coveredSinceMs: SECOND_OF_JUNE - 12 * HOUR } },
      'PASS',
      /covered/,
    ],
    [
      'waits until a day is covered',
      { alerts: { fired: [], coverage: 0.5, coveredSinceMs: SECOND_OF_JUNE - 12 * HOUR } },
      'WAIT',
      /12.0 of 24 h covered/,
      SECOND_OF_JUNE + 12 * HOUR,
    ],
    [
      'waits a whole day where it never watched',
      { alerts: { fired: [], coverage: 0, coveredSinceMs: null } },
      'WAIT',
      /0.0 of 24/,
      SECOND_OF_JUNE + 24 * HOUR,
    ],
    [
      'fails with one, however little is covered',
      { alerts: { fired: ['MLEngineDown'], coverage: 0.1, coveredSinceMs: SECOND_OF_JUNE } },
      'FAIL',
      /1 critical in 24 h: MLEngineDown$/,
    ],
  ],
  offline: [
    ['passes at AUC 0.62 and P@20 0.58', offline({ auc: 0.62, precisionAt20: 0.58 }), 'PASS', /1.29 x base rate/],
    ['fails below AUC 0.62', offline({ auc: 0.613 }), 'FAIL', /AUC 0.613 in \[0.610, 0.635\]/],
    ['fails below P@20 0.58', offline({ precisionAt20: 0.579 }), 'FAIL', /P@20 0.579/],
    ['tells no lift over a base rate of zero', offline({ baseRate: 0 }), 'PASS', /P@20 0.672$/],
    ['waits for a report of this artifact', { offline: null }, 'WAIT', /no offline report/],
  ],
  delta: [
    ['passes below 0.05', { delta: { n: 500, mean: 0.0499 } }, 'PASS', /n 500/],
    ['fails at 0.05', { delta: { n: 500, mean: 0.05 } }, 'FAIL', /n 500/],
    ['waits for 500 comparisons', { delta: { n: 499, mean: 0.01 } }, 'WAIT', /^1 more comparisons/],
    ['waits where there is none', { delta: { n: 0, mean: null } }, 'WAIT', /^500 more/],
    ['waits without a candidate', { judgesCandidate: false }, 'WAIT', /no candidate/],
    [
      'under improve waits for whoever acknowledges it',
      { profile: 'improve', delta: { n: 500, mean: 0.3 } },
      'WAIT',
      /acknowledges/,
    ],
    [
      'under improve passes once acknowledged',
      { profile: 'improve', differenceAcknowledged: true, delta: { n: 500, mean: 0.3 } },
      'PASS',
      /acknowledged/,
    ],
    [
      'under improve waits for 500 too',
      { profile: 'improve', differenceAcknowledged: true, delta: { n: 1, mean: 0.3 } },
      'WAIT',
      /^499/,
    ],
  ],
  evidence: [
    ['passes with every file', {}, 'PASS', /14 of 14 files/],
    ['waits, and names file and command', lacking('a.json'), 'WAIT', /^missing a.json; next: onay make a.json$/],
    [
      'waits, and says of a file that failed why',
      failing('a.json'),
      'WAIT',
      /^a.json: it failed: success 98.0 %; next: onay make a.json$/,
    ],
    [
      'names the one that failed before those that are missing',
      failing('a', 'b'),
      'WAIT',
      /^b: it failed: success 98.0 %; missing a; next: onay make b$/,
    ],
    [
      'names three and counts the others',
      lacking('a', 'b', 'c', 'd', 'e'),
      'WAIT',
      /^missing a, b, c and 2 more; next: onay make a$/,
    ],
    ['waits for a model', { version: null }, 'WAIT', /no model yet/],
  ],
}

describe('a gate whose figures could not be measured', () => {
  it.each(GATE_NAMES)('is in error, and leaves every other gate what it is: %s', (name) => {
    const gates = evaluateGates({ ...GOOD, faults: { [name]: 'EIO' } }, LIMITS)
    const verdicts = Object.fromEntries(gates.map((gate) => [gate.name, gate.verdict]))
    expect(verdicts).toEqual(Object.fromEntries(GATE_NAMES.map((each) => [each, each === name ? 'ERROR' : 'PASS'])))
    expect(gates.find((gate) => gate.name === name)).toMatchObject({
      value: null,
      reason: 'it could not be measured: EIO',
    })
    expect(eligible(gates)).toBe(false)
  })
})

function judged(change: Partial<GateInputs>, name: GateResult['name']): GateResult {
  const found = evaluateGates({ ...GOOD, ...change }, LIMITS).find((gate) => gate.name === name)
  if (found === undefined) throw new Error(`no gate ${name}`)
  return found
}

describe.each(Object.entries(TABLE))('the gate %s', (name, cases) => {
  it.each(cases)('%s', (_line, change, verdict, reason, readyAtMs) => {
    const gate = judged(change, name as GateResult['name'])
    expect(gate).toMatchObject({ verdict, readyAtMs: readyAtMs ?? null })
    expect(gate.reason).toMatch(reason)
  })

  it.each(cases)('is told alone: where it %s, no other gate changes but for want of a model', (_line, change) => {
    if (change.version === null) return
    const others = evaluateGates({ ...GOOD, ...change }, LIMITS).filter((gate) => gate.name !== name)
    expect(others.map((gate) => gate.verdict)).toEqual(Array(5).fill('PASS'))
  })
})

describe('the six gates', () => {
  it('come in order, each with its threshold', () => {
    expect(evaluateGates(GOOD, LIMITS).map((gate) => [gate.gate, gate.name, gate.threshold])).toEqual([
      [1, 'psi', 0.2],
      [2, 'p95', 80],
      [3, 'alert_silence', 0],
      [4, 'offline', { auc: 0.62, precision_at_20: 0.58 }],
      [5, 'delta', 0.05],
      [6, 'evidence', null],
    ])
  })

  it('show the figure so far while they wait', () => {
    expect(judged(psi({ verdict: 'WAIT', overall: 1.391 }), 'psi').value).toBe(1.391)
    expect(judged({ delta: { n: 10, mean: 0.02 } }, 'delta').value).toBe(0.02)
  })

  it('let promote only with six PASS: any other verdict blocks', () => {
    const gates = evaluateGates(GOOD, LIMITS)
    expect(eligible(gates)).toBe(true)
    expect(eligible(gates.slice(1))).toBe(false)
    expect(eligible([])).toBe(false)
    for (const verdict of ['FAIL', 'WAIT', 'ERROR'] as const) {
      for (const at of gates.keys()) {
        expect(eligible(gates.map((gate, i) => (i === at ? { ...gate, verdict } : gate)))).toBe(false)
      }
    }
  })
})
