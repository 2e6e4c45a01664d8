import type { ApprovalAction, ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import type { ClockView, RoomView } from '../../control/view.ts'
import { duration } from '../format.ts'
import { sides, span, textLine, type Line } from '../line.ts'
import { expiresInSec, waitingPrompts } from '../release.ts'

const WHAT: Readonly<Record<ApprovalAction, (subject: string) => string>> = {
  canary_start: (subject) => `start of a canary with ${subject}`,
  promote: (subject) => `promotion of ${subject}`,
  ab_swap: (subject) => `A/B swap to ${subject}`,
  kill_drill: () => 'a drill of the kill switch',
  kill_off: () => 'switching the kill switch off',
}

/** `promotion of v1.8.1`, with the symbol where the room has several. */
export function promptName(prompt: ApprovalDocument, view: RoomView): string {
  const of = view.room.symbols.length > 1 ? ` (${prompt.symbol})` : ''
  return `${WHAT[prompt.action](prompt.subject)}${of}`
}

/** `expires in 14:31` */
export function expiryText(prompt: ApprovalDocument, clock: ClockView): string {
  const left = expiresInSec(prompt, clock)
  return left === null ? 'expiry unknown' : `expires in ${duration(left)}`
}

/** One line that stands out while a person is awaited; none for the prompt that is open anyway. */
export function waitingLine(view: RoomView, openId: string | null, width: number): readonly Line[] {
  const waiting = waitingPrompts(view).filter((prompt) => prompt.id !== openId)
  const oldest = waiting[0]
  if (oldest === undefined) return []
  const waits = waiting.length === 1 ? 'waits for a person' : `and ${waiting.length - 1} more`
  const what = `${promptName(oldest, view)} ${waits}, ${expiryText(oldest, view.room.clock)}`
  const right = openId === null ? textLine('o opens it ', 'strong') : []
  return [sides([span(' ONAY ', 'bad'), span(what, 'warn')], right, width)]
}
