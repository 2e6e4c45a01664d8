import type { SlotName } from '../../db/models.ts'
import { BAKE_LIMITS, bakeUntilMs } from '../../engine/canary/bake.ts'
import { JUDGE_LIMITS } from '../../engine/canary/plan.ts'
import { validateHours, type Validation } from '../../engine/canary/validation.ts'
import { eligible } from '../../engine/gates/evaluate.ts'
import { OperatorError } from '../../engine/kernel/errors.ts'
import { HOUR_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { PromotionDocument, ValidationDocument } from '../../evidence/release-documents.ts'
import type { LoadedModel } from '../../serving/contract.ts'
import type { Config } from '../config/config.ts'
import { abort } from './canary.ts'
import { contendersOf } from './contenders.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { Judgement } from '../watch/judge-gates.ts'

/** The hours since a canary of the candidate succeeded; null when none has. */
export function validationOf(
  desk: Desk,
  atMs: UnixMs,
  neededH: number,
): (Validation & { readonly sinceMs: UnixMs }) | null {
  const run = desk.canary.newest
  const candidate = desk.slots.candidate
  if (run === null || candidate === null || run.state.kind !== 'succeeded' || run.row.sha256 !== candidate.sha256)
    return null
  const sinceMs = run.state.atMs
  const fullHours = Math.floor((atMs - sinceMs) / HOUR_MS)
  const hours = desk.parts.store.release
    .hourly(desk.symbol, candidate.version, sinceMs, sinceMs + fullHours * HOUR_MS)
    .map((hour) => ({ ...hour.counts, hourMs: hour.hourMs }))
  return { ...validateHours(hours, neededH, JUDGE_LIMITS, candidate.profile), sinceMs }
}

export function validationDocument(desk: Desk, atMs: UnixMs, neededH: number): ValidationDocument | null {
  const validation = validationOf(desk, atMs, neededH)
  if (validation === null) return null
  const { countedH, done, missing, sinceMs } = validation
  const passedH = Math.floor((atMs - sinceMs) / HOUR_MS)
  const until = done ? null : isoTime(sinceMs + (passedH + neededH - countedH) * HOUR_MS)
  return { needed_h: neededH, counted_h: Math.min(countedH, neededH), until, missing }
}

export interface PromotionRules {
  /** Hours of validation without a breach. */
  readonly neededH: number
  readonly outcomeBlocks: boolean
}

export function promotionRules(config: Config): PromotionRules {
  return { neededH: config.validation.hours, outcomeBlocks: config.gates.outcome === 'block' }
}

/** What keeps the candidate from being promoted, in words; empty when nothing does. */
export function missingForPromotion(desk: Desk, judgement: Judgement, atMs: UnixMs, rules: PromotionRules): string[] {
  const { candidate } = desk.slots
  if (candidate === null) return ['no candidate is in the shadow']
  const missing = judgement.gates
    .filter((gate) => gate.verdict !== 'PASS')
    .map((gate) => `gate ${gate.gate} ${gate.name}: ${gate.reason}`)
  if (!eligible(judgement.gates) && missing.length === 0) missing.push('the gates could not be judged')
  const validation = validationOf(desk, atMs, rules.neededH)
  if (validation === null) missing.push('no canary of this artifact has succeeded')
  else if (!validation.done) missing.push(`validation: ${validation.missing}`)
  missing.push(...outcomeMissing(judgement, candidate.profile, rules.outcomeBlocks))
  return missing
}

/** Under `improve` the settled outcome takes the place of match and delta; under `equivalent` it advises, or blocks when configured. */
function outcomeMissing({ outcome }: Judgement, profile: 'equivalent' | 'improve', blocks: boolean): string[] {
  if (profile === 'improve') {
    const better = outcome.verdict === 'better' && outcome.againstFallback !== null && outcome.againstFallback.hi < 0
    return better
      ? []
      : [`outcome: under improve "better" is needed against both, it is ${outcome.verdict.replace('_', ' ')}`]
  }
  const well = outcome.verdict === 'better' || outcome.verdict === 'no_worse'
  return !blocks || well ? [] : [`outcome: ${outcome.verdict.replace('_', ' ')}, and the configuration lets it block`]
}

/** Candidate into charge, what was in charge kept ready; one transaction of the caller's. @throws OperatorError without a candidate */
export function promote(desk: Desk, evidence: EvidenceWriter, approvalId: string, reason: string, atMs: UnixMs): void {
  const { candidate, baseline } = contendersOf(desk, 'promote')
  const { store, wallNow } = desk.parts
  const { symbol } = desk
  const wallMs = wallNow()
  place(desk, 'baseline', candidate, atMs)
  place(desk, 'former', baseline, atMs)
  store.models.clearSlot(symbol, 'candidate')
  store.release.addPromotion({
    symbol,
    tsMs: atMs,
    kind: 'promotion',
    version: candidate.version,
    former: baseline.version,
    profile: candidate.profile,
    approvalId,
    reason,
    wallMs,
  })
  evidence.recordFact('promotion', `${symbol}/${candidate.version}`, atMs, {
    model: candidate.version,
    model_sha256: candidate.sha256,
    former: baseline.version,
    approval: approvalId,
  })
  desk.events.log(
    'promotion',
    'info',
    `${candidate.version} is in charge; ${baseline.version} stays ready, and watches for 48 h`,
    'always',
  )
}

/**
 * The former model answers at once, the one in charge is retired; a canary measured against it ends with it.
 * @throws OperatorError when no former model is kept
 */
export function rollback(desk: Desk, evidence: EvidenceWriter, by: string, reason: string, atMs: UnixMs): void {
  desk.transaction(() => putBack(desk, evidence, by, reason, atMs), 'decision')
  desk.reloadSlots()
}

function putBack(desk: Desk, evidence: EvidenceWriter, by: string, reason: string, atMs: UnixMs): void {
  const { baseline, former } = desk.slots
  const { store, wallNow } = desk.parts
  if (baseline === null || former === null) {
    throw new OperatorError(
      'there is nothing to roll back to',
      'no former model is kept',
      'see the slots with: onay models',
      'no_former',
      409,
    )
  }
  const { symbol } = desk
  const wallMs = wallNow()
  place(desk, 'baseline', former, atMs)
  store.models.clearSlot(symbol, 'former')
  store.release.addPromotion({
    symbol,
    tsMs: atMs,
    kind: 'rollback',
    version: former.version,
    former: baseline.version,
    profile: former.profile,
    approvalId: null,
    reason,
    wallMs,
  })
  evidence.recordFact('rollback', `${symbol}/${former.version}`, atMs, {
    model: former.version,
    model_sha256: former.sha256,
    retired: baseline.version,
    by,
    reason,
  })
  if (desk.canary.underWay) abort(desk, evidence, by, 'the model in charge was rolled back')
  desk.events.log(
    'rollback',
    'critical',
    `rolled back to ${former.version}, ${baseline.version} is retired: ${reason}`,
    'always',
  )
}

function place(desk: Desk, slot: SlotName, { version, profile }: LoadedModel, sinceMs: UnixMs): void {
  const { store, wallNow } = desk.parts
  store.models.putSlot({ symbol: desk.symbol, slot, version, profile, sinceMs, wallMs: wallNow() })
}

export function promotionDocument(desk: Desk): PromotionDocument {
  const row = desk.parts.store.release.newestPromotion(desk.symbol)
  return {
    symbol: desk.symbol,
    baseline: desk.slots.baseline?.version ?? 'fallback',
    former: desk.slots.former?.version ?? null,
    at: isoTime(row?.tsMs ?? desk.nowMs()),
    approval_id: row?.approvalId ?? null,
    bake_until: row?.kind === 'promotion' ? isoTime(bakeUntilMs(row.tsMs, BAKE_LIMITS)) : null,
  }
}
