import { z } from 'zod'
import { HEARTBEAT_MS } from '../engine/alerts/evaluate.ts'
import { evaluateGates, eligible } from '../engine/gates/evaluate.ts'
import type { GateInputs, GateResult } from '../engine/gates/catalogue.ts'
import { judgeOutcome, outcomeText, type Outcome } from '../engine/gates/outcome.ts'
import { seededRandom } from '../engine/kernel/random.ts'
import { DAY_MS, HOUR_MS, floorTo, isoTime, type UnixMs } from '../engine/kernel/units.ts'
import type { GateDocument, GatesDocument, OutcomeDocument, PsiDocument } from '../evidence/documents.ts'
import { requiredFiles, type RequiredFile } from '../evidence/required.ts'
import { COMPARED_SOURCES } from '../engine/shadow/source.ts'
import type { LoadedModel } from '../serving/contract.ts'
import type { Desk } from './desk.ts'
import type { EvidenceDesk } from './evidence-desk.ts'

/**
 * The interval moves slowly and is dear to draw: once there is a verdict, the log and the screen have it from the last quarter
 * of the day; before, the minutes that are missing are counted down.
 */
const OUTCOME_EVERY_MS = 6 * HOUR_MS
export const OUTCOME_SEED = 20_180_102

export interface Judgement {
  readonly model: LoadedModel | null
  readonly gates: readonly GateResult[]
  readonly outcome: Outcome
  readonly evidence: GateInputs['evidence']
}

/** Judges the six gates now. Writes nothing. */
export function judge(desk: Desk, evidence: EvidenceDesk, atMs: UnixMs, freshOutcome: boolean): Judgement {
  const model = desk.judged
  const files = model === null ? { present: 0, required: 14, missing: [] } : evidenceOf(desk, evidence, model, atMs)
  const inputs = gatherInputs(desk, model, files, atMs)
  return {
    model,
    gates: evaluateGates(inputs, desk.parts.limits.gates),
    outcome: freshOutcome ? measureOutcome(desk) : recentOutcome(desk, atMs),
    evidence: files,
  }
}

function gatherInputs(
  desk: Desk,
  model: LoadedModel | null,
  evidence: GateInputs['evidence'],
  atMs: UnixMs,
): GateInputs {
  const { rollups, slots } = desk
  const service = rollups.serviceDay()
  const own = model === null ? null : rollups.modelDay(model.version)
  const compared =
    slots.candidate === null ? null : rollups.totals(atMs - DAY_MS, atMs, COMPARED_SOURCES, slots.candidate.version)
  return {
    atMs,
    version: model?.version ?? null,
    profile: model?.profile ?? 'equivalent',
    judgesCandidate: slots.candidate !== null,
    psi: psiInput(model === null ? undefined : desk.psi.get(model.version)),
    latency: {
      n: service.count,
      serviceP95Ms: service.quantileMs(0.95),
      modelN: own?.count ?? 0,
      modelP95Ms: own?.quantileMs(0.95) ?? null,
    },
    alerts: { fired: desk.criticalSince(atMs - DAY_MS), ...coverageOf(desk, atMs) },
    offline: offlineInput(model),
    delta: {
      n: compared?.compared ?? 0,
      mean: compared === null || compared.compared === 0 ? null : compared.deltaSum / compared.compared,
    },
    differenceAcknowledged: model !== null && acknowledged(desk, model),
    evidence,
  }
}

/** Under `improve`, whoever approved the start of a canary of this artifact has acknowledged that it differs. */
function acknowledged(desk: Desk, model: LoadedModel): boolean {
  const run = desk.canary?.newest ?? null
  return (
    run !== null && run.row.sha256 === model.sha256 && run.state.kind !== 'idle' && run.state.kind !== 'awaitingOnay'
  )
}

function psiInput(document: PsiDocument | undefined): GateInputs['psi'] {
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

/** The share of the last 24 hours over which the alert rules were evaluated, and since when without a hole. */
function coverageOf(desk: Desk, atMs: UnixMs): { coverage: number; coveredSinceMs: UnixMs | null } {
  const fromMs = atMs - DAY_MS
  const current = desk.heartbeat
  if (current === null) return { coverage: 0, coveredSinceMs: null }
  if (current.fromMs <= fromMs && current.untilMs >= atMs) return { coverage: 1, coveredSinceMs: current.fromMs }
  const stored = desk.parts.store.watch.heartbeats(desk.symbol, fromMs).filter((beat) => beat.fromMs !== current.fromMs)
  const covered = [...stored, current].reduce(
    (sum, beat) => sum + Math.max(0, Math.min(beat.untilMs, atMs) - Math.max(beat.fromMs, fromMs)),
    0,
  )
  return { coverage: covered / DAY_MS, coveredSinceMs: atMs - current.untilMs <= HEARTBEAT_MS ? current.fromMs : null }
}

/** Which of gate 6's files stand. Looked up anew when the chain has grown, or an hour has passed. */
function evidenceOf(desk: Desk, evidence: EvidenceDesk, model: LoadedModel, atMs: UnixMs): GateInputs['evidence'] {
  const head = desk.parts.store.journal.lastEntry()?.seq ?? 0
  const key = `${head}/${evidence.drains}/${model.sha256}/${floorTo(atMs, HOUR_MS)}`
  if (desk.evidenceCache?.key === key) return desk.evidenceCache.value
  const required = requiredFiles(model.version, atMs)
  const missing = required.flatMap((file) => {
    const why = lacking(desk, evidence, model, file)
    return why === null ? [] : [{ file: file.prefix === true ? `${file.name}*.json` : file.name, make: file.make, why }]
  })
  const value = { present: required.length - missing.length, required: required.length, missing }
  desk.evidenceCache = { key, value }
  return value
}

const EntryDetail = z.object({
  model_sha256: z.string().optional(),
  status: z.string().optional(),
  pass: z.boolean().optional(),
})

/** Why a required file does not count; null when it does. */
function lacking(desk: Desk, evidence: EvidenceDesk, model: LoadedModel, file: RequiredFile): string | null {
  const { journal } = desk.parts.store
  const subject =
    file.where === 'artifacts'
      ? evidence.artifactSubject(desk.symbol, model.version, file.name)
      : evidence.subject(desk.symbol, file.name)
  const entries = file.prefix === true ? journal.entriesUnder(subject) : [journal.entryOf(subject)]
  let why = 'it was never made'
  for (const entry of entries) {
    if (entry === null) continue
    const detail = EntryDetail.parse(JSON.parse(entry.detail))
    const standing = evidence.standing(entry.subject)
    if (standing !== 'whole')
      why = standing === 'changed' ? 'it is not the file that was recorded' : 'it is missing on the disk'
    else if (file.ofArtifact && detail.model_sha256 !== model.sha256) why = 'it is of another artifact'
    else if (detail.pass === false) why = 'its check did not pass'
    else if (file.name.startsWith('canary_run_') && detail.status !== 'SUCCESS') why = 'the run did not succeed'
    else if (file.name.startsWith('canary_dryrun') && detail.status === 'ABORTED') why = 'the dry run was aborted'
    else return null
  }
  return why
}

function recentOutcome(desk: Desk, atMs: UnixMs): Outcome {
  const few = desk.settlement.pairs < desk.parts.limits.outcome.minRows
  const key = `${few ? atMs : floorTo(atMs, OUTCOME_EVERY_MS)}/${desk.slots.candidate?.version ?? ''}/${desk.slots.baseline?.version ?? ''}`
  if (desk.outcomeCache?.key === key) return desk.outcomeCache.value
  const value = measureOutcome(desk)
  desk.outcomeCache = { key, value }
  return value
}

function measureOutcome(desk: Desk): Outcome {
  return judgeOutcome(desk.settlement.losses(), desk.parts.limits.outcome, seededRandom(OUTCOME_SEED))
}

export function gatesDocument(desk: Desk, judgement: Judgement, label: string, atMs: UnixMs): GatesDocument {
  const { gates, model, evidence } = judgement
  const missing = evidence.missing.map(({ file, make }) => ({ file, make }))
  const rows = gates.map((gate): GateDocument => {
    const { readyAtMs, ...rest } = gate
    const value =
      gate.name === 'evidence' ? { present: evidence.present, required: evidence.required, missing } : rest.value
    return { ...rest, value, ready_at: readyAtMs === null ? null : isoTime(readyAtMs) }
  })
  return {
    label,
    symbol: desk.symbol,
    model: model?.version ?? null,
    at: isoTime(atMs),
    verdict: eligible(gates) ? 'ELIGIBLE' : 'BLOCKED',
    passed: gates.filter((gate) => gate.verdict === 'PASS').length,
    of: 6,
    gates: rows,
    outcome: outcomeDocument(desk, judgement.outcome),
  }
}

function outcomeDocument(desk: Desk, outcome: Outcome): OutcomeDocument {
  const text =
    desk.slots.candidate === null ? 'no candidate in the shadow' : outcomeText(outcome, desk.parts.limits.outcome)
  return {
    verdict: outcome.verdict,
    n: outcome.n,
    log_loss: outcome.logLoss,
    difference: outcome.difference,
    against_fallback: outcome.againstFallback,
    text,
  }
}
