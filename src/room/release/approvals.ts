import { z } from 'zod'
import type { ApprovalRow } from '../../db/release.ts'
import type { Store } from '../../db/store.ts'
import { answer, seenAt, type GivenAnswer } from '../../engine/approval/answer.ts'
import { openApproval, type Approval, type Asked } from '../../engine/approval/prompt.ts'
import { OperatorError } from '../../engine/kernel/errors.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'
import type { ApprovalDocument, CanaryRunDocument } from '../../evidence/release-documents.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

/** What a person is shown beside the prompt itself. */
export interface Shown {
  readonly whatHappens: string
  readonly speaksFor: readonly string[]
  readonly stopsIt: string
}

interface Stored {
  readonly approval: Approval
  readonly shown: Shown
  readonly why: string | null
}

export interface Opening {
  readonly asked: Asked
  readonly symbol: string
  readonly sha256: string
  readonly figures: Readonly<Record<string, unknown>>
  readonly verdictsKey: string
  readonly against: readonly string[]
  readonly needs: 1 | 2
  readonly by: string
  readonly shown: Shown
  /** Kept with the prompt for whoever carries it out. */
  readonly request: object
}

const Request = z.record(z.string(), z.unknown())

/** The prompts of a room: opened, answered once, expiring on the wall clock, each an entry of the chain. */
export class Approvals {
  constructor(
    private readonly store: Store,
    private readonly evidence: EvidenceWriter,
    private readonly wallNow: () => number,
  ) {}

  /** Opens a prompt; inside the caller's transaction. */
  open(id: string, opening: Opening, atMs: UnixMs): ApprovalDocument {
    const { asked, symbol, sha256, figures, verdictsKey, against, needs, by } = opening
    const figuresHash = sha256Hex(canonicalJson(figures))
    const approval = openApproval(
      asked,
      { id, symbol, sha256, figures, figuresHash, verdictsKey, against, needs, openedBy: by },
      this.wallNow(),
    )
    const stored: Stored = { approval, shown: opening.shown, why: null }
    this.store.release.putApproval({
      symbol,
      id,
      state: approval.state,
      action: approval.action,
      document: JSON.stringify(stored),
      request: JSON.stringify(opening.request),
      tsMs: atMs,
      wallMs: approval.openedWallMs,
    })
    this.evidence.recordFact('approval', `${symbol}/${id}`, atMs, {
      step: 'asked',
      action: approval.action,
      subject: approval.subject,
      sha256,
      figures_sha256: figuresHash,
      against,
      by,
    })
    return documentOf(stored)
  }

  /** Prompts that wait, the oldest first; one whose time is over waits until it is closed with `expire`. */
  waiting(): ApprovalDocument[] {
    return this.store.release.waiting().map((row) => documentOf(parseStored(row)))
  }

  /** Prompts that nobody answered in time and that are not yet closed. */
  overdue(): readonly Approval[] {
    const wallMs = this.wallNow()
    return this.store.release
      .waiting()
      .map((row) => seenAt(parseStored(row).approval, wallMs))
      .filter((approval) => approval.state !== 'waiting')
  }

  /** Closes a prompt that nobody answered in time; inside the caller's transaction. */
  expire(approval: Approval): void {
    const row = this.row(approval.id)
    this.close(row, { ...parseStored(row), approval, why: 'nobody answered in time' }, row.tsMs)
  }

  all(): ApprovalDocument[] {
    return this.store.release.approvals().map((row) => documentOf(parseStored(row)))
  }

  /** @throws OperatorError 404 when there is no such prompt */
  get(id: string): {
    readonly approval: Approval
    readonly request: Readonly<Record<string, unknown>>
    readonly document: ApprovalDocument
  } {
    const row = this.row(id)
    const stored = parseStored(row)
    return { approval: stored.approval, request: Request.parse(JSON.parse(row.request)), document: documentOf(stored) }
  }

  /**
   * Takes a person's answer in; inside the caller's transaction, which carries out what was approved.
   * @returns the prompt as it stands then, and why the answer was refused, if it was
   */
  answer(
    id: string,
    given: GivenAnswer,
    atMs: UnixMs,
  ): { readonly document: ApprovalDocument; readonly approval: Approval; readonly refused: string | null } {
    const row = this.row(id)
    const stored = parseStored(row)
    const answered = answer(stored.approval, given)
    const refused = answered.ok ? null : answered.why
    const why =
      refused ??
      (given.decision === 'reject' ? `refused by ${given.by}${given.reason === '' ? '' : `: ${given.reason}`}` : null)
    const now: Stored = { ...stored, approval: answered.approval, why }
    this.close(row, now, atMs)
    return { document: documentOf(now), approval: answered.approval, refused }
  }

  private close(row: ApprovalRow, stored: Stored, atMs: UnixMs): void {
    const { approval, why } = stored
    this.store.release.putApproval({ ...row, state: approval.state, document: JSON.stringify(stored) })
    const { action, subject, sha256, sentence, state } = approval
    if (state === 'waiting' && approval.given.length === 0) return
    this.evidence.recordFact('approval', `${row.symbol}/${row.id}`, atMs, {
      step: state,
      action,
      subject,
      sha256,
      sentence,
      why,
      given: approval.given.map((word) => ({
        by: word.by,
        reason: word.reason,
        at: isoTime(word.atWallMs),
        sentence: word.sentence,
      })),
    })
  }

  private row(id: string): ApprovalRow {
    const row = this.store.release.approval(id)
    if (row !== null) return row
    throw new OperatorError(
      `there is no approval ${id}`,
      'nobody asked for it',
      'see them with: onay approvals',
      'unknown_approval',
      404,
    )
  }
}

/** Who said yes to a run, for its record. */
export function givenOf(store: Store, id: string): CanaryRunDocument['approvals'] {
  const row = store.release.approval(id)
  if (row === null) return []
  return parseStored(row).approval.given.map((word) => ({
    by: word.by,
    reason: word.reason,
    at: isoTime(word.atWallMs),
    sentence: word.sentence,
  }))
}

/** The JSON was written by this class. */
function parseStored(row: ApprovalRow): Stored {
  return JSON.parse(row.document) as Stored
}

function documentOf({ approval, shown, why }: Stored): ApprovalDocument {
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
    given: approval.given.map((word) => ({ by: word.by, reason: word.reason, at: isoTime(word.atWallMs) })),
    expires_at: isoTime(approval.expiresWallMs),
    state: approval.state,
    why,
  }
}
