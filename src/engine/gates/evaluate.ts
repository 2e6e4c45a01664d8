import { DAY_MS, HOUR_MS, type UnixMs } from '../kernel/units.ts'
import type { Verdict } from '../kernel/verdict.ts'
import { GATE_NAMES, type GateInputs, type GateLimits, type GateResult } from './catalogue.ts'

type Judgement = Pick<GateResult, 'verdict' | 'value' | 'reason'> & { readonly readyAtMs?: UnixMs | null }

/** Judges the six gates, in order. Pure: what is unknown waits, and says how much is missing. */
export function evaluateGates(inputs: GateInputs, limits: GateLimits): readonly GateResult[] {
  const judged: Record<GateResult['name'], [GateResult['threshold'], Judgement]> = {
    psi: [limits.psiOverall, psiGate(inputs, limits)],
    p95: [limits.p95Ms, latencyGate(inputs, limits)],
    alert_silence: [0, alertGate(inputs, limits)],
    offline: [{ auc: limits.auc, precision_at_20: limits.precisionAt20 }, offlineGate(inputs, limits)],
    delta: [limits.meanDelta, deltaGate(inputs, limits)],
    evidence: [null, evidenceGate(inputs)],
  }
  return GATE_NAMES.map((name, i) => {
    const [threshold, judgement] = judged[name]
    const { verdict, value, reason, readyAtMs = null } = unmeasured(inputs.faults[name]) ?? judgement
    return { gate: i + 1, name, verdict, value, threshold, reason, readyAtMs }
  })
}

function unmeasured(why: string | undefined): Judgement | null {
  return why === undefined ? null : { verdict: 'ERROR', value: null, reason: `it could not be measured: ${why}` }
}

/** BLOCKED while any gate is not PASS. */
export function eligible(gates: readonly { readonly verdict: Verdict }[]): boolean {
  return gates.length === GATE_NAMES.length && gates.every((gate) => gate.verdict === 'PASS')
}

const wait = (value: Judgement['value'], reason: string, readyAtMs: UnixMs | null = null): Judgement => ({
  verdict: 'WAIT',
  value,
  reason,
  readyAtMs,
})

const decide = (ok: boolean, value: Judgement['value'], reason: string): Judgement => ({
  verdict: ok ? 'PASS' : 'FAIL',
  value,
  reason,
})

function psiGate({ psi, version, atMs }: GateInputs, limits: GateLimits): Judgement {
  if (version === null) return wait(null, 'no model yet')
  if (psi === null) return wait(null, 'no snapshot yet')
  if (psi.verdict === 'ERROR') return { verdict: 'ERROR', value: psi.overall, reason: psi.reason }
  if (atMs - psi.atMs > limits.psiMaxAgeMs) {
    return wait(psi.overall, `the snapshot is ${Math.floor((atMs - psi.atMs) / HOUR_MS)} h old`)
  }
  if (psi.verdict === 'WAIT' || psi.overall === null || psi.worst === null)
    return wait(psi.overall, psi.reason, psi.readyAtMs)
  const within = psi.overall < limits.psiOverall && psi.worst.psi <= limits.psiFeature
  return decide(
    within,
    psi.overall,
    `worst ${psi.worst.feature} ${psi.worst.psi.toFixed(3)}, limit ${limits.psiFeature}`,
  )
}

function latencyGate({ latency }: GateInputs, limits: GateLimits): Judgement {
  const missing = limits.p95MinRequests - latency.n
  if (missing > 0) return wait(null, `${missing} more requests needed`)
  const missingModel = limits.p95MinRequests - latency.modelN
  if (missingModel > 0) return wait(latency.serviceP95Ms, `${missingModel} more scores of the model needed`)
  if (latency.serviceP95Ms === null || latency.modelP95Ms === null) {
    return { verdict: 'ERROR', value: null, reason: 'the latencies could not be read' }
  }
  const worse = Math.max(latency.serviceP95Ms, latency.modelP95Ms)
  return decide(worse < limits.p95Ms, worse, `n ${latency.n}`)
}

function alertGate({ alerts, atMs }: GateInputs, limits: GateLimits): Judgement {
  // What has fired is known, however little was covered.
  const { length: fired } = alerts.fired
  if (fired > 0) return decide(false, fired, `${fired} critical in 24 h: ${[...new Set(alerts.fired)].join(', ')}`)
  if (alerts.coverage >= limits.alertCoverage) return decide(true, 0, '24 h covered')
  const readyAtMs = alerts.coveredSinceMs === null ? atMs + DAY_MS : alerts.coveredSinceMs + limits.windowMs
  return wait(0, `${(alerts.coverage * 24).toFixed(1)} of 24 h covered`, Math.max(readyAtMs, atMs))
}

function offlineGate({ offline }: GateInputs, limits: GateLimits): Judgement {
  if (offline === null) return wait(null, 'no offline report of this artifact')
  const { auc, precisionAt20, aucLo, aucHi, baseRate } = offline
  const value = { auc, precision_at_20: precisionAt20 }
  const lift = baseRate > 0 ? `, ${(precisionAt20 / baseRate).toFixed(2)} x base rate` : ''
  const reason = `AUC ${auc.toFixed(3)} in [${aucLo.toFixed(3)}, ${aucHi.toFixed(3)}], P@20 ${precisionAt20.toFixed(3)}${lift}`
  return decide(auc >= limits.auc && precisionAt20 >= limits.precisionAt20, value, reason)
}

function deltaGate(
  { delta, judgesCandidate, profile, differenceAcknowledged }: GateInputs,
  limits: GateLimits,
): Judgement {
  if (!judgesCandidate) return wait(null, 'no candidate in the shadow')
  const missing = limits.deltaMinComparisons - delta.n
  if (missing > 0 || delta.mean === null) return wait(delta.mean, `${Math.max(missing, 0)} more comparisons needed`)
  if (profile === 'equivalent') return decide(delta.mean < limits.meanDelta, delta.mean, `n ${delta.n}`)
  return differenceAcknowledged
    ? decide(true, delta.mean, `profile improve: shown and acknowledged, n ${delta.n}`)
    : wait(delta.mean, 'profile improve: approving a canary start acknowledges the difference')
}

function evidenceGate({ evidence, version }: GateInputs): Judgement {
  if (version === null) return wait(null, 'no model yet')
  const { present, required, missing } = evidence
  if (missing.length === 0) return decide(true, null, `${present} of ${required} files`)
  // What was made and does not count is no absence: it says why.
  const [failed] = missing.filter((file) => file.made)
  const names = missing.filter((file) => !file.made).map((file) => file.file)
  const absent = `missing ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`
  const said = [
    ...(failed === undefined ? [] : [`${failed.file}: ${failed.why}`]),
    ...(names.length > 0 ? [absent] : []),
  ]
  return wait(null, `${said.join('; ')}; next: ${(failed ?? missing[0])?.make ?? ''}`)
}
