/** What the view says about taking a model live, in the terms that keys, header and panels share. */
import type { UnixMs } from '../engine/kernel/units.ts'
import type { ApprovalDocument, CanaryDocument } from '../evidence/documents/release-documents.ts'
import type { ClockView, RoomView } from '../control/view.ts'

/** Whether phases run: what an abort stops, and what a person should not walk away from unasked. */
export function canaryRuns(canary: CanaryDocument): boolean {
  return canary.state === 'ramping' || canary.state === 'holding'
}

/** `2 of 3`; `0 of 3` before the first phase. */
export function phaseText(canary: CanaryDocument): string {
  return `${canary.phase ?? 0} of ${canary.plan.length}`
}

/** A decision's name as words: `goOn` and `go_on` both as `go on`. */
export function decisionText(decision: string): string {
  return decision
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
}

/** Prompts that a person can still answer, the oldest first. */
export function waitingPrompts(view: RoomView): readonly ApprovalDocument[] {
  return view.models.approvals.filter((approval) => approval.state === 'waiting')
}

/** Milliseconds since 1970 of an ISO time; null where there is none or it cannot be read. */
export function timeOf(iso: string | null): UnixMs | null {
  const ms = iso === null ? Number.NaN : Date.parse(iso)
  return Number.isFinite(ms) ? ms : null
}

/** Seconds of the room's wall clock until a prompt expires, never below 0; null when its end cannot be read. */
export function expiresInSec(approval: ApprovalDocument, clock: ClockView): number | null {
  const until = timeOf(approval.expires_at)
  return until === null ? null : Math.max(0, (until - clock.wallMs) / 1000)
}

/**
 * Wall seconds that so much market time takes as the recording plays now; null when it stands still, has no known pace, or
 * the two clocks are one. While a prompt waits a recording plays at 1x, whatever speed is set.
 */
export function wallSeconds(marketSec: number, view: RoomView): number | null {
  const { clock } = view.room
  if (clock.kind === 'real' || clock.paused || clock.ended || clock.speed === 'max') return null
  return marketSec / (waitingPrompts(view).length > 0 ? 1 : clock.speed)
}
