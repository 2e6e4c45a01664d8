import type { ShownPrompt, StoredApproval } from '../../db/approvals.ts'
import { answer, seenAt, type GivenAnswer } from '../../engine/approval/answer.ts'
import {
  openApproval,
  type Approval,
  type ApprovalState,
  type ApprovalSubject,
  type GivenApproval,
} from '../../engine/approval/prompt.ts'
import { notFound, OperatorError } from '../../engine/kernel/errors.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'
import type { ApprovalDocument, CanaryRunDocument } from '../../evidence/documents/release-documents.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { shownMark } from '../record/marks.ts'

/** A prompt that is to be opened. */
export interface PromptOpening {
  readonly id: string
  readonly subject: ApprovalSubject
  readonly symbol: string
  readonly sha256: string
  readonly figures: Readonly<Record<string, unknown>>
  readonly verdictsKey: string
  readonly against: readonly string[]
  readonly needs: 1 | 2
  readonly by: string
  readonly openedWallMs: UnixMs
  readonly expiresWallMs: UnixMs
  readonly shown: ShownPrompt
  /** Kept with the prompt for whoever carries it out. */
  readonly request: Readonly<Record<string, unknown>>
}

/** A prompt after somebody answered. */
interface AnsweredPrompt {
  readonly document: ApprovalDocument
  readonly approval: Approval
  /** Why the answer was refused; null when it was taken. */
  readonly refused: string | null
}

/** The prompts of a room: opened, answered once, expiring on the wall clock, each an entry of the chain. */
export class Approvals {
  constructor(private readonly evidence: EvidenceWriter) {}

  /** Opens a prompt; inside the caller's transaction. */
  open(opening: PromptOpening, atMs: UnixMs): ApprovalDocument {
    const { id, subject, symbol, sha256, figures, verdictsKey, against, needs, by, shown, request } = opening
    const figuresHash = sha256Hex(canonicalJson(figures))
    const approval = openApproval(
      subject,
      { id, symbol, sha256, figures, figuresHash, verdictsKey, against, needs, openedBy: by },
      opening,
    )
    const stored: StoredApproval = { approval, shown, why: null, request, tsMs: atMs }
    this.evidence.parts.store.release.putApproval(stored)
    this.evidence.recordFact('approval', `${symbol}/${id}`, atMs, {
      step: 'asked',
      action: approval.action,
      subject: approval.subject,
      sha256,
      sentence: approval.sentence,
      figures,
      figures_sha256: figuresHash,
      against,
      speaks_for: shown.speaksFor,
      what_happens: shown.whatHappens,
      stops_it: shown.stopsIt,
      shown_sha256: shownMark(approval, shown, request),
      needs,
      by,
    })
    return documentOf(stored)
  }

  /** Prompts that wait for an answer and may still be answered, the oldest first. */
  waiting(): ApprovalDocument[] {
    const wallMs = this.evidence.parts.wallNow()
    return this.evidence.parts.store.release
      .waiting()
      .filter(({ approval }) => seenAt(approval, wallMs).state === 'waiting')
      .map(documentOf)
  }

  /** Prompts that nobody answered in time and that are not closed yet. */
  overdue(): readonly Approval[] {
    const wallMs = this.evidence.parts.wallNow()
    return this.evidence.parts.store.release
      .waiting()
      .map(({ approval }) => approval)
      .filter((approval) => seenAt(approval, wallMs).state !== 'waiting')
  }

  all(): ApprovalDocument[] {
    return this.evidence.parts.store.release.approvals().map(documentOf)
  }

  /** @throws OperatorError 404 when there is no such prompt */
  get(id: string): ApprovalDocument {
    return documentOf(this.stored(id))
  }

  /** Those who said yes, for the record of what they approved. */
  givenTo(id: string): CanaryRunDocument['approvals'] {
    return this.readable(id)?.approval.given.map(givenDocument) ?? []
  }

  /** Takes a person's answer; inside the caller's transaction, which carries out what was approved. */
  answer(id: string, given: GivenAnswer, atMs: UnixMs): AnsweredPrompt {
    const stored = this.stored(id)
    const answered = answer(stored.approval, given)
    const refused = answered.ok ? null : answered.why
    const rejected = given.decision === 'reject' ? `refused by ${given.by}${reasonOf(given)}` : null
    const now: StoredApproval = { ...stored, approval: answered.approval, why: refused ?? rejected }
    if (stored.approval.state === 'waiting') this.put(now, atMs)
    return { document: documentOf(now), approval: answered.approval, refused }
  }

  /** Closes a prompt that waits, without a person's answer; inside the caller's transaction. One that is closed stays as it is. */
  close(id: string, as: Exclude<ApprovalState, 'waiting'>, why: string, atMs: UnixMs): void {
    const stored = this.readable(id)
    if (stored?.approval.state === 'waiting')
      this.put({ ...stored, approval: { ...stored.approval, state: as }, why }, atMs)
  }

  /** A prompt that is missing or damaged keeps no canary from being ended: it is for `evidence verify` to report. */
  private readable(id: string): StoredApproval | null {
    try {
      return this.evidence.parts.store.release.approval(id)
    } catch (error) {
      if (error instanceof OperatorError) return null
      throw error
    }
  }

  private put(stored: StoredApproval, atMs: UnixMs): void {
    const { approval, why } = stored
    this.evidence.parts.store.release.putApproval(stored)
    const { id, symbol, action, subject, sha256, sentence, state, given } = approval
    // A typing mistake leaves the prompt as it was, and the chain too.
    if (state === 'waiting' && given.length === 0) return
    this.evidence.recordFact('approval', `${symbol}/${id}`, atMs, {
      step: state,
      action,
      subject,
      sha256,
      sentence,
      why,
      given: given.map(givenDocument),
    })
  }

  private stored(id: string): StoredApproval {
    const stored = this.evidence.parts.store.release.approval(id)
    if (stored !== null) return stored
    throw notFound(
      `there is no approval ${id}`,
      'no prompt with this name was ever opened',
      'see them with: onay approvals',
      'unknown_approval',
    )
  }
}

function reasonOf({ reason }: GivenAnswer): string {
  return reason === '' ? '' : `: ${reason}`
}

function givenDocument({ atWallMs, sentence, ...word }: GivenApproval): CanaryRunDocument['approvals'][number] {
  return { ...word, at: isoTime(atWallMs), sentence }
}

function documentOf({ approval, shown, why }: StoredApproval): ApprovalDocument {
  return {
    id: approval.id,
    action: approval.action,
    symbol: approval.symbol,
    subject: approval.subject,
    sha256: approval.sha256 ?? '',
    figures: approval.figures,
    figures_sha256: approval.figuresHash,
    against: approval.against,
    sentence: approval.sentence,
    what_happens: shown.whatHappens,
    speaks_for: shown.speaksFor,
    stops_it: shown.stopsIt,
    asked_by: approval.openedBy,
    needs: approval.needs,
    given: approval.given.map(({ atWallMs, sentence: _, ...word }) => ({ ...word, at: isoTime(atWallMs) })),
    expires_at: isoTime(approval.expiresWallMs),
    state: approval.state,
    why,
  }
}
