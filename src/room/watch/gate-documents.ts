import type { GateResult } from '../../engine/gates/catalogue.ts'
import { eligible } from '../../engine/gates/evaluate.ts'
import { outcomeText, type Outcome } from '../../engine/gates/outcome.ts'
import { invalid } from '../../engine/kernel/errors.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { lettersOf, verdictOf } from '../../engine/kernel/verdict.ts'
import type { GateDocument, GatesDocument } from '../../evidence/documents/documents.ts'
import { outcomeDocument } from '../../evidence/outcome-document.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { GateJudge, Judgement } from './judge-gates.ts'

const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/

export function gatesDocument(desk: Desk, judgement: Judgement, label: string, atMs: UnixMs): GatesDocument {
  const { gates, model, evidence } = judgement
  const missing = evidence.missing.map(({ file, make }) => ({ file, make }))
  const rows = gates.map((gate): GateDocument => {
    const { readyAtMs, ...rest } = gate
    const value =
      gate.name === 'evidence' && gate.verdict !== 'ERROR'
        ? { present: evidence.present, required: evidence.required, missing }
        : rest.value
    return { ...rest, value, ready_at: readyAtMs === null ? null : isoTime(readyAtMs) }
  })
  return {
    label,
    symbol: desk.symbol,
    model: model?.version ?? null,
    at: isoTime(atMs),
    verdict: eligible(gates) ? 'ELIGIBLE' : 'BLOCKED',
    passed: gates.filter((gate) => gate.verdict === 'PASS').length,
    of: gates.length,
    gates: rows,
    outcome: outcomeDocument(judgement.outcome, outcomeWords(desk, judgement.outcome)),
  }
}

function outcomeWords(desk: Desk, outcome: Outcome): string {
  return desk.lineUp.candidate === null ? 'no candidate in the shadow' : outcomeText(outcome, desk.parts.limits.outcome)
}

/** Judges the gates and keeps the record as `gates_<label>.json`. @throws OperatorError for a label that cannot be a file name */
export function saveGates(desks: Desks, judge: GateJudge, symbol: string | undefined, label: string): GatesDocument {
  if (!LABEL.test(label))
    throw invalid(
      `"${label}" is not a valid label`,
      'letters, digits, dots and dashes only, at most 40',
      'choose another',
      'label',
    )
  const desk = desks.of(symbol)
  const atMs = desk.nowMs()
  const { evidence } = desks
  const judgement = judge.judgeFresh(desk, atMs)
  const document = evidence.stamp('gates/1', atMs, gatesDocument(desk, judgement, label, atMs))
  const detail =
    judgement.model === null ? {} : { model: judgement.model.version, model_sha256: judgement.model.sha256 }
  desk.transaction(() =>
    evidence.writeDocument(evidence.subject(desk.symbol, `gates_${label}.json`), document, atMs, detail),
  )
  desks.drainOutbox()
  return document
}

/**
 * Logs the gates of a moment, and records each verdict that has changed; inside the caller's transaction.
 * @param round 1 after the reports of midnight, which may be what gate 6 waited for
 */
export function logGates(
  desk: Desk,
  evidence: EvidenceWriter,
  judge: GateJudge,
  atMs: UnixMs,
  round: 0 | 1,
): JobResult {
  const { store, wallNow } = desk.parts
  const { gates, model, outcome } = judge.judgeForLog(desk, atMs)
  if (model === null) return { ok: true, result: 'no model yet' }
  const verdicts = lettersOf(gates.map((gate) => gate.verdict))
  const { gateVerdicts, gatesJudged } = desk.jobs
  // Of another model nothing has changed: its verdicts are its first.
  const before = gatesJudged === model.version ? gateVerdicts : null
  const changed = before !== verdicts
  const passed = gates.filter((gate) => gate.verdict === 'PASS').length
  const result = passed === gates.length ? 'eligible' : `blocked ${passed}/${gates.length}`
  store.watch.logGates({
    symbol: desk.symbol,
    tsMs: atMs,
    round,
    model: model.version,
    verdicts,
    detail: changed ? gates : null,
    figures: gates.map((gate) => gate.value),
    outcome,
    wallMs: wallNow(),
  })
  if (changed) recordChanges(desk, evidence, { gates, version: model.version, before }, atMs)
  if (before === null) {
    const earlier = gatesJudged === null ? '' : ` (before: ${gatesJudged})`
    desk.events.log('gate', 'info', `the gates judge ${model.version} from now on${earlier}: ${result}`)
  }
  desk.jobs.gatesLogged(model.version, verdicts)
  return { ok: true, result }
}

/** @param before the verdicts so far, a letter a gate; null of a model that is judged for the first time, which is not a change */
function recordChanges(
  desk: Desk,
  evidence: EvidenceWriter,
  {
    gates,
    version,
    before,
  }: { readonly gates: readonly GateResult[]; readonly version: string; readonly before: string | null },
  atMs: UnixMs,
): void {
  gates.forEach((gate, i) => {
    const was = before === null ? null : verdictOf(before[i])
    if (was === gate.verdict) return
    evidence.recordFact('gate', `${desk.symbol}/${gate.name}`, atMs, {
      model: version,
      from: was,
      to: gate.verdict,
      reason: gate.reason,
    })
    if (was === null) return
    desk.events.log(
      'gate',
      gate.verdict === 'FAIL' || gate.verdict === 'ERROR' ? 'warning' : 'info',
      `gate ${gate.gate} ${gate.name} of ${version}: ${was} to ${gate.verdict}, ${gate.reason}`,
    )
  })
}
