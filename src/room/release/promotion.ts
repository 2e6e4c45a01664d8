import type { SlotName } from '../../db/models.ts'
import type { PromotionRow } from '../../db/release.ts'
import { bakeUntilMs } from '../../engine/canary/bake.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { PromotionDocument } from '../../evidence/documents/release-documents.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import { Approvals } from '../safety/approvals.ts'
import { abortDecision } from './canary.ts'
import { contendersOf, type ReleaseParts } from './contenders.ts'
import type { Desk } from '../desk/desk.ts'

/** Candidate into charge, what was in charge kept ready; one transaction of the caller's. @throws OperatorError without a candidate */
export function promote(
  { evidence }: ReleaseParts,
  desk: Desk,
  { approvalId, reason, atMs }: { readonly approvalId: string; readonly reason: string; readonly atMs: UnixMs },
): void {
  const { candidate, baseline } = contendersOf(desk, 'promote')
  place(desk, 'former', baseline, atMs)
  putInCharge(desk, 'promotion', { model: candidate, leaves: 'candidate', former: baseline, approvalId, reason, atMs })
  evidence.recordFact('promotion', `${desk.symbol}/${candidate.version}`, atMs, {
    model: candidate.version,
    model_sha256: candidate.sha256,
    former: baseline.version,
    approval: approvalId,
    profile: candidate.profile,
    reason,
  })
  desk.events.log(
    'promotion',
    'info',
    `${candidate.version} is in charge; ${baseline.version} stays ready, and ${candidate.version} is watched against it for 48 h`,
    'always',
  )
}

/**
 * The former model answers from this call on, whatever the database says; the one in charge is retired, and a canary measured
 * against it ends with it. @throws OperatorError when no former model is kept
 */
export function rollback(parts: ReleaseParts, desk: Desk, by: string, reason: string, atMs: UnixMs): void {
  const { inCharge: baseline, former } = desk.lineUp
  if (baseline === null || former === null) {
    throw conflict(
      'there is nothing to roll back to',
      'no former model is kept',
      'see the slots with: onay models',
      'no_former',
    )
  }
  const aborted = abortDecision(parts, desk, by, 'the model in charge was rolled back')
  desk.unsaved.writeOrKeep({
    what: `the rollback to ${former.version}`,
    hold: () => {
      desk.models.rollBack(former.version, atMs)
      aborted?.hold()
    },
    write: () => {
      storeRollback(parts, desk, { baseline, former, by, reason, atMs })
      aborted?.write()
    },
  })
  desk.takeUpSlots()
}

interface Rollback {
  readonly baseline: LoadedModel
  readonly former: LoadedModel
  readonly by: string
  readonly reason: string
  readonly atMs: UnixMs
}

function storeRollback({ evidence }: ReleaseParts, desk: Desk, change: Rollback): void {
  const { baseline, former, by, reason, atMs } = change
  putInCharge(desk, 'rollback', {
    model: former,
    leaves: 'former',
    former: baseline,
    approvalId: null,
    reason,
    atMs,
  })
  evidence.recordFact('rollback', `${desk.symbol}/${former.version}`, atMs, {
    model: former.version,
    model_sha256: former.sha256,
    retired: baseline.version,
    profile: former.profile,
    by,
    reason,
  })
  // What they showed was measured against a model that no longer answers.
  const approvals = new Approvals(evidence)
  for (const { id, symbol } of approvals.waiting())
    if (symbol === desk.symbol) approvals.close(id, 'stale', `rolled back to ${former.version} meanwhile`, atMs)
  desk.events.log(
    'rollback',
    'critical',
    `rolled back to ${former.version}, ${baseline.version} is retired: ${reason}`,
    'always',
  )
}

interface Change {
  readonly model: LoadedModel
  /** Where it stood until now. */
  readonly leaves: SlotName
  /** What was in charge until now. */
  readonly former: LoadedModel
  readonly approvalId: string | null
  readonly reason: string
  readonly atMs: UnixMs
}

/** A model into charge out of its slot, and the row about it. */
function putInCharge(desk: Desk, kind: PromotionRow['kind'], change: Change): void {
  const { model, leaves, former, approvalId, reason, atMs } = change
  const { store, wallNow } = desk.parts
  const { symbol } = desk
  const { version, profile } = model
  place(desk, 'baseline', model, atMs)
  store.models.clearSlot(symbol, leaves)
  store.release.addPromotion({
    symbol,
    tsMs: atMs,
    kind,
    version,
    former: former.version,
    profile,
    approvalId,
    reason,
    wallMs: wallNow(),
  })
}

function place(desk: Desk, slot: SlotName, { version, profile }: LoadedModel, sinceMs: UnixMs): void {
  const { store, wallNow } = desk.parts
  store.models.putSlot({ symbol: desk.symbol, slot, version, profile, sinceMs, wallMs: wallNow() })
}

/** How the model in charge came there. */
export function promotionDocument(desk: Desk): PromotionDocument {
  const { inCharge: baseline, former } = desk.lineUp
  const newest = desk.parts.store.release.newestPromotion(desk.symbol)
  // A rollback that could not be stored yet holds all the same: the newest row is then about the model before.
  const row = newest?.version === baseline?.version ? newest : null
  return {
    symbol: desk.symbol,
    baseline: baseline?.version ?? 'fallback',
    former: former?.version ?? null,
    at: isoTime(row?.tsMs ?? baseline?.sinceMs ?? desk.nowMs()),
    approval_id: row?.approvalId ?? null,
    bake_until: row?.kind === 'promotion' ? isoTime(bakeUntilMs(row.tsMs, desk.parts.limits.bake)) : null,
  }
}
