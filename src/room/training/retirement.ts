/** How a candidate leaves the shadow without a promotion: what is lost is said beforehand, and recorded. */
import type { LeavingModel, RetirementDocument } from '../../control/answers.ts'
import { seenAt } from '../../engine/approval/answer.ts'
import { conflict, notFound, OperatorError } from '../../engine/kernel/errors.ts'
import { floorTo, HOUR_MS, isoTime, MINUTE_MS, spanText, type UnixMs } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { retireChallenger } from './challengers.ts'

interface Retirement {
  readonly by: string
  readonly reason: string
  /** The version that takes its place; null where the shadow is left empty. */
  readonly replacedBy: string | null
}

/** The candidate, with what was counted of it since it has been in the shadow; null without one. */
export function leavingModel(desk: Desk, atMs: UnixMs): LeavingModel | null {
  const { candidate } = desk.lineUp
  if (candidate === null) return null
  const { version, sinceMs } = candidate
  const hours = desk.parts.store.release.hourly(desk.symbol, version, sinceMs, Math.max(atMs, sinceMs) + MINUTE_MS)
  const comparisons = hours.reduce((sum, { counts }) => sum + counts.comparisons, 0)
  return { version, since: isoTime(sinceMs), comparisons }
}

/** What is lost with it: `148 h in the shadow and 8940 comparisons end`. */
export function lossText({ since, comparisons }: LeavingModel, atMs: UnixMs): string {
  const ms = Math.max(0, atMs - Date.parse(since))
  const span = spanText(floorTo(ms, ms < HOUR_MS ? MINUTE_MS : HOUR_MS))
  return `${span} in the shadow and ${comparisons} comparisons end`
}

/** Takes the candidate out of the shadow; inside the caller's transaction, after which the line-up is to be read anew. */
export function leaveShadow(
  desk: Desk,
  evidence: EvidenceWriter,
  { by, reason, replacedBy }: Retirement,
  atMs: UnixMs,
): LeavingModel | null {
  const leaving = leavingModel(desk, atMs)
  const { candidate } = desk.lineUp
  if (leaving === null || candidate === null) return null
  const { version, since, comparisons } = leaving
  desk.parts.store.models.clearSlot(desk.symbol, 'candidate')
  evidence.recordFact('retirement', `${desk.symbol}/${version}`, atMs, {
    model: version,
    model_sha256: candidate.sha256,
    since,
    comparisons,
    by,
    ...(replacedBy === null ? { reason } : { replaced_by: replacedBy }),
  })
  const why = replacedBy === null ? `retired by ${by}: ${reason}` : `replaced by ${replacedBy} (${by})`
  desk.events.log('training', 'info', `${version} left the shadow, ${why}; ${lossText(leaving, atMs)}`)
  return leaving
}

/**
 * Refuses what would take the candidate away from something that rests on it.
 * @throws OperatorError while a canary of it is under way, or its promotion waits for ONAY
 */
export function refuseWhileNeeded(desk: Desk): void {
  if (desk.canary.underWay)
    throw conflict(
      'the slot is taken',
      'a canary of the candidate is under way',
      'wait for its end, or abort it: onay canary abort',
      'canary_runs',
    )
  const { store, wallNow } = desk.parts
  const waiting = store.release
    .waiting()
    // A swap of arms is about sets.
    .filter(({ approval }) => approval.symbol === desk.symbol && approval.action !== 'ab_swap')
    .find(({ approval }) => seenAt(approval, wallNow()).state === 'waiting')
  if (waiting !== undefined)
    throw conflict(
      'the slot is taken',
      `${waiting.approval.id} waits for ONAY`,
      `answer it first, for instance: onay reject ${waiting.approval.id}`,
      'waits',
    )
}

/** @throws OperatorError where there is a candidate: what would be lost */
export function refuseReplacing(desk: Desk, atMs: UnixMs): void {
  const leaving = leavingModel(desk, atMs)
  if (leaving !== null)
    throw conflict(
      `${leaving.version} is in the shadow`,
      `it would be replaced: ${lossText(leaving, atMs)}`,
      'to replace it, ask with replace (onay retrain --replace)',
      'would_replace',
    )
}

/** Retires the candidate or the challenger of that name. @throws OperatorError for a version that is not the candidate, or is needed */
export function retireCandidate(
  desk: Desk,
  evidence: EvidenceWriter,
  version: string,
  why: Pick<Retirement, 'by' | 'reason'>,
): RetirementDocument {
  const { momentMs: atMs } = desk.tape
  if (desk.lineUp.roleOf(version) === 'challenger') return retireChallenger(desk, evidence, version, why)
  if (desk.lineUp.candidate?.version !== version) throw notInShadow(desk, version)
  refuseWhileNeeded(desk)
  const left = desk.transaction(() => leaveShadow(desk, evidence, { ...why, replacedBy: null }, atMs), 'decision')
  desk.reloadSlots()
  if (left === null) throw notInShadow(desk, version)
  return { symbol: desk.symbol, ...left, at: isoTime(atMs), slot: 'retired', reason: why.reason }
}

function notInShadow(desk: Desk, version: string): OperatorError {
  const { inCharge, former } = desk.lineUp
  const what = `${version} is not in the shadow`
  if (inCharge?.version === version)
    return conflict(what, 'it is in charge', 'to put the former model back: onay rollback', 'not_candidate')
  if (former?.version === version)
    return conflict(what, 'it is kept for a rollback', 'a promotion takes its place', 'not_candidate')
  if (desk.parts.store.models.versions(desk.symbol).includes(version))
    return conflict(what, 'it has no role any more', 'see the roles with: onay models', 'not_candidate')
  return notFound(what, 'no model of this name was registered', 'see them with: onay models', 'unknown_version')
}
