/** A prompt that waits for ONAY: how it is opened, how long it waits, and how its answer is told. */
import { clockText, MINUTE_MS } from '../../engine/kernel/units.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import type { AnswerApproval } from '../../control/commands.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { Approvals, type PromptOpening } from './approvals.ts'

/** How long a prompt waits, on the wall clock. */
export function approvalLifetimeMs({ approvals }: Config): number {
  return approvals.expires_min * MINUTE_MS
}

/** Opens a prompt, and notifies people of it: who may answer need not sit in front of the room. */
export function openPrompt(evidence: EvidenceWriter, desk: Desk, opening: PromptOpening): ApprovalDocument {
  const opened = new Approvals(evidence).open(opening, desk.tape.momentMs)
  const { id, sentence, asked_by, expires_at } = opened
  const until = `until ${clockText(expires_at)} UTC`
  desk.events.log('approval', 'info', `${id} waits ${until}: "${sentence}", asked by ${asked_by}`, 'always')
  return opened
}

/** Who answered what, and why. */
export function answerText(
  { sentence, needs, given }: ApprovalDocument,
  answer: Omit<AnswerApproval, 'id'>,
  by: string,
): string {
  const why = answer.reason === '' ? '' : `: "${answer.reason}"`
  if (answer.decision === 'reject') return `${sentence}: refused by ${by}${why}`
  const count = needs === 1 ? '' : ` (${given.length} of ${needs})`
  return `${sentence}: approved by ${by}${count}${why}`
}
