import { evaluateGates } from '../../engine/gates/evaluate.ts'
import type { GateInputs, GateName, GateResult } from '../../engine/gates/catalogue.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import { judgeOutcome, type Outcome, type OutcomeVerdict } from '../../engine/gates/outcome.ts'
import { seededRandom } from '../../engine/kernel/random.ts'
import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import { COMPARED_SOURCES } from '../../engine/shadow/source.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { GateEvidence } from './gate-evidence.ts'

/**
 * The interval moves slowly and is dear to draw: once there is a verdict, the log and the screen have it from the last quarter
 * of the day; before, the minutes that are missing are counted down.
 */
const OUTCOME_EVERY_MS = 6 * HOUR_MS
export const OUTCOME_SEED = 20_180_102
const NO_FILES: GateInputs['evidence'] = { present: 0, required: 14, missing: [] }
const NO_LATENCY: GateInputs['latency'] = { n: 0, serviceP95Ms: null, modelN: 0, modelP95Ms: null }
const NOT_WATCHED: GateInputs['alerts'] = { fired: [], coverage: 0, coveredSinceMs: null }
const NOT_COMPARED: GateInputs['delta'] = { n: 0, mean: null }

interface JudgedGates {
  readonly model: LoadedModel | null
  readonly gates: readonly GateResult[]
  readonly evidence: GateInputs['evidence']
}

export interface Judgement extends JudgedGates {
  readonly outcome: Outcome
}

interface Known<T> {
  readonly key: string
  readonly value: T
}

/**
 * Judges the six gates. One judgement a moment and model: the screen, prompts and reports read the same one until something that
 * it rests on has changed. Writes nothing.
 */
export class GateJudge {
  private readonly files: GateEvidence
  private readonly judged = new Map<string, Known<JudgedGates>>()
  private readonly judgements = new Map<string, Known<Judgement>>()
  private readonly outcomes = new Map<string, Known<Outcome>>()

  constructor(evidence: EvidenceWriter) {
    this.files = new GateEvidence(evidence)
  }

  /** As the screen and the log have it: the outcome's interval from the last quarter of the day. */
  judge(desk: Desk, atMs: UnixMs): Judgement {
    return this.known(desk, atMs, 'recent', () => this.recentOutcome(desk, atMs))
  }

  /** What the log of each minute keeps. Of too few settled minutes the outcome needs no interval to be too early. */
  judgeForLog(desk: Desk, atMs: UnixMs): JudgedGates & { readonly outcome: OutcomeVerdict } {
    const judged = this.gates(desk, atMs).value
    return { ...judged, outcome: isEarly(desk) ? 'too_early' : this.recentOutcome(desk, atMs).verdict }
  }

  /** For a decision: the outcome's interval drawn afresh from every settled minute. */
  judgeFresh(desk: Desk, atMs: UnixMs): Judgement {
    return this.known(desk, atMs, 'fresh', () => measureOutcome(desk))
  }

  private known(desk: Desk, atMs: UnixMs, kind: string, outcome: () => Outcome): Judgement {
    const place = `${kind} ${desk.symbol}`
    const { key, value: judged } = this.gates(desk, atMs)
    const known = this.judgements.get(place)
    // The gates are the same object for as long as nothing has changed and all of them could be measured.
    if (known?.key === key && known.value.gates === judged.gates) return known.value
    const value = { ...judged, outcome: outcome() }
    this.judgements.set(place, { key, value })
    return value
  }

  private gates(desk: Desk, atMs: UnixMs): Known<JudgedGates> {
    const model = desk.judged
    const measuring = new Measuring(desk)
    const evidence = measuring.of('evidence', NO_FILES, () =>
      model === null ? NO_FILES : this.files.of(desk, model, atMs),
    )
    const key = restsOn(desk, evidence, atMs)
    const known = this.judged.get(desk.symbol)
    if (known?.key === key && measuring.faults.evidence === undefined) return known
    const inputs = gatherInputs(desk, model, evidence, measuring, atMs)
    const judged = { key, value: { model, gates: evaluateGates(inputs, desk.parts.limits.gates), evidence } }
    // What could not be measured is tried again by the next that asks.
    if (Object.keys(measuring.faults).length === 0) this.judged.set(desk.symbol, judged)
    return judged
  }

  private recentOutcome(desk: Desk, atMs: UnixMs): Outcome {
    const few = isEarly(desk)
    const { candidate, inCharge: baseline } = desk.lineUp
    const key = `${few ? atMs : floorTo(atMs, OUTCOME_EVERY_MS)}/${candidate?.sha256 ?? ''}/${baseline?.sha256 ?? ''}`
    const known = this.outcomes.get(desk.symbol)
    if (known?.key === key) return known.value
    const value = measureOutcome(desk)
    this.outcomes.set(desk.symbol, { key, value })
    return value
  }
}

/** Measures for one gate after the other: what fails is the fault of that gate alone. */
class Measuring {
  readonly faults: Partial<Record<GateName, string>> = {}

  constructor(private readonly desk: Desk) {}

  /** @throws what the measurement threw, where it has undone the transaction around it: that is everybody's fault */
  of<T>(gate: GateName, unknown: T, measure: () => T): T {
    const { raw } = this.desk.parts.store.db
    const within = raw.inTransaction
    try {
      return measure()
    } catch (error) {
      if (raw.inTransaction !== within) throw error
      this.faults[gate] = messageOf(error)
      return unknown
    }
  }
}

/** Everything that a judgement rests on and that changes. What the chain records (alerts, drift, the canary) is in its length. */
function restsOn(desk: Desk, files: GateInputs['evidence'], atMs: UnixMs): string {
  const { lineUp, rollups, settlement, canary, alerts, parts } = desk
  return [
    atMs,
    parts.store.journal.lastEntry()?.seq ?? 0,
    files.present,
    rollups.changes,
    settlement.pairs,
    alerts.heartbeat?.untilMs ?? 0,
    canary.begun?.state.kind ?? '',
    ...[lineUp.candidate, lineUp.inCharge].map((model) => `${model?.sha256 ?? ''} ${model?.profile ?? ''}`),
  ].join('/')
}

function isEarly({ settlement, parts }: Desk): boolean {
  return settlement.pairs < parts.limits.outcome.minRows
}

function measureOutcome(desk: Desk): Outcome {
  return judgeOutcome(desk.settlement.losses(), desk.parts.limits.outcome, seededRandom(OUTCOME_SEED))
}

function gatherInputs(
  desk: Desk,
  model: LoadedModel | null,
  evidence: GateInputs['evidence'],
  measuring: Measuring,
  atMs: UnixMs,
): GateInputs {
  const { candidate } = desk.lineUp
  return {
    atMs,
    version: model?.version ?? null,
    profile: model?.profile ?? 'equivalent',
    judgesCandidate: candidate !== null,
    psi: measuring.of('psi', null, () => (model === null ? null : psiInput(desk, model.version))),
    latency: measuring.of('p95', NO_LATENCY, () => latencyInput(desk, model)),
    alerts: measuring.of('alert_silence', NOT_WATCHED, () => alertInput(desk, atMs)),
    offline: measuring.of('offline', null, () => offlineInput(model)),
    delta: measuring.of('delta', NOT_COMPARED, () => deltaInput(desk, candidate, atMs)),
    differenceAcknowledged: model !== null && acknowledged(desk, model),
    evidence,
    faults: measuring.faults,
  }
}

function latencyInput({ rollups }: Desk, model: LoadedModel | null): GateInputs['latency'] {
  const service = rollups.serviceDay()
  const own = model === null ? null : rollups.modelDay(model.version)
  return {
    n: service.count,
    serviceP95Ms: service.quantileMs(0.95),
    modelN: own?.count ?? 0,
    modelP95Ms: own?.quantileMs(0.95) ?? null,
  }
}

function alertInput({ alerts }: Desk, atMs: UnixMs): GateInputs['alerts'] {
  const covered = alerts.coverage(atMs - DAY_MS, atMs)
  return { fired: alerts.criticalSince(atMs - DAY_MS), coverage: covered.share, coveredSinceMs: covered.sinceMs }
}

function deltaInput({ rollups }: Desk, candidate: LoadedModel | null, atMs: UnixMs): GateInputs['delta'] {
  if (candidate === null) return NOT_COMPARED
  const { compared, deltaSum } = rollups.totals(atMs - DAY_MS, atMs, COMPARED_SOURCES, candidate.version)
  return { n: compared, mean: compared === 0 ? null : deltaSum / compared }
}

/** Under `improve`, whoever approved the start of a canary of this artifact has acknowledged that it differs. */
function acknowledged(desk: Desk, model: LoadedModel): boolean {
  const run = desk.canary.begun
  return run !== null && run.sha256 === model.sha256 && run.profile === 'improve'
}

/** @throws Error where the newest measurement failed: an older figure does not stand for it */
function psiInput({ drift }: Desk, version: string): GateInputs['psi'] {
  const fault = drift.faultOf(version)
  if (fault !== null) throw new Error(fault)
  const document = drift.snapshotOf(version)
  if (document === undefined) return null
  return {
    atMs: Date.parse(document.at),
    overall: document.overall_psi,
    worst: document.worst,
    verdict: document.verdict,
    reason: document.reason,
    readyAtMs: document.ready_at === null ? null : Date.parse(document.ready_at),
  }
}

function offlineInput(model: LoadedModel | null): GateInputs['offline'] {
  if (model === null || model.offline === null) return null
  const { auc, aucLo, aucHi, precisionAt20, baseRate } = model.offline
  return { auc, aucLo, aucHi, precisionAt20, baseRate }
}
