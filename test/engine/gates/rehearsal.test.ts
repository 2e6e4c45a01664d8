import { describe, expect, it } from 'vitest'
import type { RehearsedGate } from '../../../src/engine/kernel/rehearsed-rules.ts'
import { evaluateGates } from '../../../src/engine/gates/evaluate.ts'
import { type GateRecord, rehearseGates } from '../../../src/engine/gates/rehearsal.ts'
import { lettersOf } from '../../../src/engine/kernel/verdict.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { GOOD, LIMITS } from './gate-inputs.ts'

type Inputs = Partial<typeof GOOD>

/** As the room logs it. */
function logged(atMs: number, change: Inputs): GateRecord['evaluations'][number] {
  const gates = evaluateGates({ ...GOOD, ...change, atMs }, LIMITS)
  return { atMs, verdicts: lettersOf(gates.map(({ verdict }) => verdict)), figures: gates.map(({ value }) => value) }
}

/** Hours, each with what it differs in. */
function record(hours: readonly Inputs[], change: Partial<GateRecord> = {}): GateRecord {
  return {
    profile: 'equivalent',
    snapshots: [],
    evaluations: hours.map((inputs, i) => logged(START + i * HOUR, inputs)),
    ...change,
  }
}

function of(gate: RehearsedGate, recorded: GateRecord, limits = LIMITS) {
  const found = rehearseGates(recorded, limits, START + 100 * HOUR).find((figures) => figures.gate === gate)
  if (found === undefined) throw new Error(`no ${gate}`)
  return {
    judged: found.judged,
    failed: found.failed.map(({ fromMs, untilMs }) => [(fromMs - START) / HOUR, (untilMs - START) / HOUR]),
  }
}

const slow = (ms: number): Inputs => ({ latency: { ...GOOD.latency, serviceP95Ms: ms } })
const differs = (mean: number, n = 1_440): Inputs => ({ delta: { n, mean } })

describe('gates over recorded weeks', () => {
  it('fail where they did, under the limits that they had', () => {
    const recorded = record([slow(79), slow(80), slow(90), slow(3), differs(0.05), differs(0.2, 20)])
    expect(of('gate 2', recorded)).toEqual({ judged: 6, failed: [[1, 3]] })
    expect(of('gate 5', recorded)).toEqual({ judged: 5, failed: [[4, 5]] })
    expect(of('gate 4', recorded)).toEqual({ judged: 6, failed: [] })
    for (const gate of ['gate 2', 'gate 3', 'gate 4', 'gate 5'] as const) {
      const place = Number(gate.slice(5)) - 1
      const failures = recorded.evaluations.filter(({ verdicts }) => verdicts[place] === 'F').length
      expect(of(gate, recorded).failed.reduce((hours, [from = 0, until = 0]) => hours + until - from, 0)).toBe(failures)
    }
  })

  it('fail elsewhere under others', () => {
    const recorded = record([slow(79), slow(81), differs(0.04)])
    expect(of('gate 2', recorded, { ...LIMITS, p95Ms: 70 }).failed).toEqual([[0, 2]])
    expect(of('gate 2', recorded, { ...LIMITS, p95Ms: 100 }).failed).toEqual([])
    expect(of('gate 5', recorded, { ...LIMITS, meanDelta: 0.04 }).failed).toEqual([[2, 3]])
    expect(of('gate 4', recorded, { ...LIMITS, auc: 0.63 }).failed).toEqual([[0, 3]])
    expect(of('gate 4', recorded, { ...LIMITS, precisionAt20: 0.68 }).failed).toEqual([[0, 3]])
  })

  it('hold the critical alerts of the day, whatever was covered', () => {
    const alerts = { fired: ['MLHighErrorRate'], coverage: 0.1, coveredSinceMs: null }
    const uncovered = { ...alerts, fired: [] }
    expect(of('gate 3', record([{}, { alerts }, { alerts: uncovered }]))).toEqual({ judged: 2, failed: [[1, 2]] })
  })

  it('hold PSI against the hourly snapshots', () => {
    const at = (hour: number, overall: number, worst = 0) => ({ atMs: START + hour * HOUR, overall, worst })
    const snapshots = [at(1, 0.19), at(2, 0.2), at(3, 0.1, 0.31), at(4, 0.1, 0.3), at(9, 0.5)]
    expect(of('gate 1', record([], { snapshots }))).toEqual({
      judged: 5,
      failed: [
        [2, 4],
        [9, 10],
      ],
    })
  })

  it('say nothing where the gate waited, could not be measured, or has no limit', () => {
    const faults = { p95: 'the file is gone' }
    expect(of('gate 2', record([{ faults }, { latency: { ...GOOD.latency, n: 3 } }]))).toEqual({
      judged: 0,
      failed: [],
    })
    expect(of('gate 5', record([differs(0.9)], { profile: 'improve' }))).toEqual({ judged: 0, failed: [] })
  })

  it('stand until the next moment, and an hour at most', () => {
    const evaluations = [0, 1, 2, 300].map((minute) => logged(START + minute * MINUTE, slow(minute === 2 ? 3 : 90)))
    expect(of('gate 2', record([], { evaluations })).failed).toEqual([
      [0, 2 / 60],
      [5, 6],
    ])
    const last = rehearseGates(record([slow(90)]), LIMITS, START + MINUTE)
    expect(last[1]?.failed).toEqual([{ fromMs: START, untilMs: START + MINUTE }])
  })
})
