/** A promotion is asked for: by a person, or by a canary of days that has succeeded. */
import { conflict } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import type { Desk } from '../desk/desk.ts'
import { gatesDocument } from '../watch/gate-documents.ts'
import { contendersOf, type ReleaseParts } from './contenders.ts'
import { missingForPromotion, promotionRules } from './promotion-needs.ts'
import { openPromotionPrompt } from './prompts.ts'

/** Who asks where no person does. */
const LIVE_CANARY = 'the live canary'

interface Asking {
  readonly by: string
  /** Prompts that wait, of any symbol. */
  readonly waiting: readonly ApprovalDocument[]
  readonly openedWallMs: UnixMs
}

/** Opens the prompt of a promotion. @throws OperatorError 409 while anything is missing */
export function askPromotion(
  parts: ReleaseParts,
  desk: Desk,
  version: string | undefined,
  { by, waiting, openedWallMs }: Asking,
): ApprovalDocument {
  const { candidate } = contendersOf(desk, 'promote')
  if (version !== undefined && version !== candidate.version) {
    throw conflict(
      `${version} cannot be promoted`,
      `the candidate is ${candidate.version}`,
      'promote that, or train another',
      'not_candidate',
    )
  }
  if (isWaiting(desk, waiting)) {
    throw conflict(
      `a promotion of ${desk.symbol} waits for ONAY`,
      'one at a time',
      'answer it: onay approvals',
      'waits',
    )
  }
  const nowMs = desk.nowMs()
  const judgement = parts.judge.judgeFresh(desk, nowMs)
  const missing = missingForPromotion(desk, judgement, nowMs, promotionRules(parts.config))
  if (missing.length > 0) {
    const gates = parts.evidence.stamp('gates/1', nowMs, gatesDocument(desk, judgement, 'now', nowMs))
    const next = 'see them with: onay gates'
    throw conflict(`${candidate.version} is BLOCKED`, missing.join('; '), next, 'blocked', { gates })
  }
  return desk.transaction(() => openPromotionPrompt(parts, desk, judgement, { by, openedWallMs }), 'decision')
}

/** A canary of days that has succeeded asks once for the promotion that it speaks for, as soon as nothing else is missing. */
export function askAfterLiveCanary(parts: ReleaseParts, desk: Desk, asking: Omit<Asking, 'by'>): void {
  const run = desk.canary.begun
  const { candidate } = desk.lineUp
  if (run?.plan.live === undefined || run.state.kind !== 'succeeded' || run.sha256 !== candidate?.sha256) return
  if (isWaiting(desk, asking.waiting)) return
  const endedMs = run.state.atMs
  const wasAsked = desk.parts.store.release
    .approvals()
    .some(({ approval, tsMs }) => approval.action === 'promote' && approval.sha256 === run.sha256 && tsMs >= endedMs)
  if (wasAsked) return
  const judgement = parts.judge.judgeFresh(desk, desk.nowMs())
  if (missingForPromotion(desk, judgement, desk.nowMs(), promotionRules(parts.config)).length > 0) return
  askPromotion(parts, desk, undefined, { ...asking, by: LIVE_CANARY })
}

function isWaiting({ symbol }: Desk, waiting: readonly ApprovalDocument[]): boolean {
  return waiting.some((prompt) => prompt.symbol === symbol && prompt.action === 'promote')
}
