/** Opening a prompt that waits for ONAY, and how long it waits. */
import { clockText, MINUTE_MS } from '../../engine/kernel/units.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
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
