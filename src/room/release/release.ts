import { randomUUID } from 'node:crypto'
import type { GivenAnswer } from '../../engine/approval/answer.ts'
import type { Approval } from '../../engine/approval/prompt.ts'
import type { CanaryProfile } from '../../engine/canary/plan.ts'
import type { Clock } from '../../engine/kernel/clock.ts'
import { conflict, reasonOf } from '../../engine/kernel/errors.ts'
import { unreachable } from '../../engine/kernel/unreachable.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { ApprovalDocument, CanaryDocument } from '../../evidence/documents/release-documents.ts'
import { Approvals } from '../safety/approvals.ts'
import { answerText, approvalLifetimeMs } from '../safety/open-prompt.ts'
import { answersWith, killKey, resumeKillSwitch, switchOff } from '../safety/kill-switch.ts'
import { askAfterLiveCanary, askPromotion } from './ask-promotion.ts'
import type { Bake } from './bake.ts'
import { abort, resume, start, step } from './canary.ts'
import { statusDocument } from '../canary/canary-document.ts'
import { phaseFigures } from '../canary/canary-figures.ts'
import { planAsked } from '../config/canary-policy.ts'
import { requirePreflight } from './canary-preflight.ts'
import type { AnswerApproval, StartCanary } from '../../control/commands.ts'
import type { AbDocument } from '../../control/paper-answers.ts'
import { contendersOf, refuseSecond, type ReleaseParts } from './contenders.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import type { Judgement } from '../watch/judge-gates.ts'
import { promote, rollback } from './promotion.ts'
import { missingForPromotion, promotionRules, validationDocument } from './promotion-needs.ts'
import { verdictsKey } from './prompts.ts'
import { offerSwap, setNamed, swapArms, swapKey, type SwapRequest } from './swap.ts'

/** Takes models live, and back: prompts, canary starts, promotions. What lowers risk needs no approval. */
export class Release {
  readonly approvals: Approvals
  private readonly parts: ReleaseParts

  constructor(
    private readonly desks: Desks,
    judging: Pick<ReleaseParts, 'judge' | 'live'>,
    private readonly bake: Bake,
    private readonly wall: Clock,
  ) {
    const { evidence, options } = desks
    this.parts = { evidence, config: options.config, ...judging }
    this.approvals = new Approvals(evidence)
  }

  /** Prompts that wait; those that have expired are closed, with what waited for them. */
  waiting(): ApprovalDocument[] {
    for (const approval of this.approvals.overdue()) this.expire(approval)
    return this.approvals.waiting()
  }

  /** What keeps the recording from being played at will. */
  restraint(): 'approval' | 'canary' | null {
    // Asked before every moment of a recording, when most often nothing waits.
    const open = this.desks.store.release.waiting()
    if (open.length > 0 && this.waiting().length > 0) return 'approval'
    return this.desks.all().some((desk) => desk.canary.running) ? 'canary' : null
  }

  /** The status of a candidate's release: canary, validation, bake. */
  status(symbol: string | undefined): CanaryDocument {
    const desk = this.desks.of(symbol)
    const { candidate, inCharge: baseline } = desk.lineUp
    const { newest, begun, split } = desk.canary
    const shown = newest?.state.kind === 'idle' ? (begun ?? newest) : newest
    const atMs = desk.nowMs()
    // This is about this candidate: a run of an earlier one is shown only until it has ended.
    const own = candidate === null || shown?.sha256 === candidate.sha256 || shown?.endedMs === null
    return statusDocument(own ? shown : null, {
      symbol: desk.symbol,
      candidate: candidate?.version ?? null,
      baseline: baseline?.version ?? null,
      profile: candidate?.profile ?? 'equivalent',
      killSwitch: desk.killSwitch,
      limits: desk.parts.limits,
      figures: phaseFigures(desk),
      inside: split.inside,
      total: split.total,
      validation: validationDocument(desk, atMs),
      bake: this.bake.document(desk, atMs),
      liveCanary: own ? this.parts.live.document(desk) : null,
    })
  }

  /** Opens the prompt of a live start, after a preflight. @throws OperatorError when it fails or a canary is under way */
  requestCanary(request: StartCanary, by: string): ApprovalDocument {
    const desk = this.desks.of(request.symbol)
    const { candidate, baseline } = contendersOf(desk, 'roll out')
    refuseSecond(desk)
    const mode = request.mode ?? 'observe'
    const plan = planAsked(this.parts.config, this.desks.options.dataDir, { plan: request.plan, mode })
    const profile = request.profile ?? candidate.profile
    requirePreflight(this.desks, desk)
    const wallMs = this.wall.now()
    const run = {
      symbol: desk.symbol,
      runId: randomUUID().slice(0, 12),
      plan,
      mode,
      profile,
      candidate: candidate.version,
      sha256: candidate.sha256,
      baseline: baseline.version,
      salt: randomUUID(),
      approvalId: `canary-${randomUUID().slice(0, 8)}`,
      tsMs: desk.tape.momentMs,
      wallMs,
    } as const
    return desk.transaction(() => {
      if (profile !== candidate.profile) this.setProfile(desk, profile)
      start(this.parts, desk, run, { by, expiresAtWallMs: wallMs + approvalLifetimeMs(this.parts.config) })
      return this.approvals.get(run.approvalId)
    }, 'decision')
  }

  /** The share is 0 when this returns. @throws OperatorError when nothing runs or waits */
  abortCanary(symbol: string | undefined, by: string, reason: string): CanaryDocument {
    abort(this.parts, this.desks.of(symbol), by, reason)
    this.desks.drainOutbox()
    return this.status(symbol)
  }

  /** What keeps the candidate from being promoted now. */
  missing(desk: Desk, judgement: Judgement): string[] {
    return missingForPromotion(desk, judgement, desk.nowMs(), promotionRules(this.parts.config))
  }

  /** Opens the prompt of a promotion. @throws OperatorError 409 while anything is missing */
  requestPromotion(symbol: string | undefined, version: string | undefined, by: string): ApprovalDocument {
    return askPromotion(this.parts, this.desks.of(symbol), version, { by, ...this.asking() })
  }

  /** See `askAfterLiveCanary` of ask-promotion.ts. */
  askAfterLiveCanary(desk: Desk): void {
    askAfterLiveCanary(this.parts, desk, this.asking())
  }

  private asking(): { readonly waiting: readonly ApprovalDocument[]; readonly openedWallMs: UnixMs } {
    return { waiting: this.waiting(), openedWallMs: this.wall.now() }
  }

  /** See `offerSwap` of swap.ts; inside the caller's transaction. */
  offerSwap(desk: Desk, document: AbDocument, asked: SwapRequest): Pick<AbDocument, 'approval' | 'swapped'> {
    return offerSwap(this.parts, desk, document, { ...asked, ...this.asking() })
  }

  /** The former model answers when this returns. @throws OperatorError when none is kept */
  rollback(symbol: string | undefined, by: string, reason: string): void {
    const desk = this.desks.of(symbol)
    rollback(this.parts, desk, by, reason, desk.tape.momentMs)
    this.desks.drainOutbox()
  }

  /** Takes a person's answer and carries out what was approved, in one transaction. */
  answer(id: string, given: Omit<AnswerApproval, 'id'>, by: string, person = by): ApprovalDocument {
    const asked = this.approvals.get(id)
    const { symbol, action } = asked
    const desk = this.desks.of(symbol)
    const atMs = desk.tape.momentMs
    const { document, approval, refused } = desk.transaction(() => {
      const answered = this.approvals.answer(id, this.answerOf({ ...given, by, person }, desk, asked), atMs)
      if (answered.refused === null && answered.approval.state === 'approved')
        this.carryOut(answered.approval, desk, atMs)
      else if (answered.approval.state !== 'waiting')
        this.end(answered.approval, desk, answered.document.why ?? 'it was refused')
      // The start of a canary is an event of its own.
      const started = action === 'canary_start' && answered.approval.state === 'approved'
      if (answered.refused === null && !started)
        desk.events.log('approval', 'info', answerText(answered.document, given, by))
      return answered
    }, 'decision')
    if (refused === null && approval.state === 'approved' && action === 'promote') desk.reloadSlots()
    if (action === 'kill_off') desk.kill.restore()
    this.desks.drainOutbox()
    if (refused === null) return document
    const next = approval.state === 'waiting' ? 'answer again' : 'ask for it anew'
    throw conflict(`the approval ${id} was not given`, refused, next, 'refused', { approval: document })
  }

  /** After a restart: prompts and canaries that were open go on, or end if their time is over; a bake is looked at. */
  resume(): void {
    for (const desk of this.desks.all()) {
      resumeKillSwitch(this.parts.evidence, desk)
      resume(this.parts, desk)
      this.bake.look(desk, desk.tape.momentMs)
    }
    this.waiting()
  }

  private carryOut(approval: Approval, desk: Desk, atMs: UnixMs): void {
    const { action, id, given } = approval
    const { by = '', reason = '' } = given.at(-1) ?? {}
    if (action === 'promote') {
      promote(this.parts, desk, { approvalId: id, reason, atMs })
      return
    }
    if (action === 'kill_drill') return // `KillDrills` begins it, once this is stored
    if (action === 'kill_off') {
      switchOff(this.parts.evidence, desk, { by, reason, approval: id, atMs })
      return
    }
    if (action === 'ab_swap') {
      const run = Number(this.desks.store.release.approval(id)?.request.run)
      swapArms(this.parts.evidence, desk, { to: setNamed(approval.subject), run, by, reason, atMs })
      return
    }
    const refused = step(this.parts, desk, { kind: 'approved', atMs, atWallMs: this.wall.now(), promptId: id })
    if (refused !== null) {
      const next = 'ask for it anew: onay canary start --live'
      throw conflict('the canary could not start', refused, next, 'canary')
    }
    desk.events.log('canary', 'info', `canary started by ${by}: "${reason}"`)
  }

  /** A prompt has ended without an approval: the start that waited for it is withdrawn in the same transaction. */
  private end(approval: Approval, desk: Desk, why: string): void {
    if (approval.action !== 'canary_start') return
    const { momentMs: atMs } = desk.tape
    const { id: promptId, state } = approval
    step(
      this.parts,
      desk,
      state === 'expired' ? { kind: 'expired', atMs, promptId } : { kind: 'refused', atMs, promptId, why },
    )
  }

  /** Closes a prompt that nobody answered in time. While that cannot be stored, it is not shown and cannot be answered. */
  private expire(approval: Approval): void {
    const { troubles } = this.desks
    const desk = this.desks.of(approval.symbol)
    const why = 'nobody answered in time'
    try {
      desk.transaction(() => {
        this.end({ ...approval, state: 'expired' }, desk, why)
        this.approvals.close(approval.id, 'expired', why, desk.tape.momentMs)
      }, 'decision')
      troubles.clear('approvals')
    } catch (error) {
      troubles.report('approvals', `the expiry of ${approval.id} could not be stored: ${reasonOf(error)}`)
    }
  }

  private answerOf(
    given: Omit<AnswerApproval, 'id'> & Pick<GivenAnswer, 'by' | 'person'>,
    desk: Desk,
    { action, subject }: ApprovalDocument,
  ): GivenAnswer {
    const { decision, phrase = '', by, person } = given
    const reason = given.reason ?? ''
    const current = this.standing(desk, action, subject)
    return { decision, phrase, reason, by, person, atWallMs: this.wall.now(), current }
  }

  /** What an approval is bound to, as it stands now. */
  private standing(desk: Desk, action: ApprovalDocument['action'], subject: string): GivenAnswer['current'] {
    switch (action) {
      case 'ab_swap':
        return { verdictsKey: swapKey(desk), sha256: desk.sets.of(setNamed(subject))?.sha256 ?? null }
      case 'kill_off':
      case 'kill_drill':
        return { verdictsKey: killKey(desk), sha256: answersWith(desk) }
      case 'canary_start':
      case 'promote':
        return { verdictsKey: verdictsKey(this.parts, desk, action), sha256: desk.lineUp.candidate?.sha256 ?? null }
      default:
        return unreachable(action)
    }
  }

  private setProfile(desk: Desk, profile: CanaryProfile): void {
    const { candidate } = desk.lineUp
    if (candidate === null) return
    const { store, wallNow } = desk.parts
    const { version, sha256, sinceMs } = candidate
    store.models.putSlot({ symbol: desk.symbol, slot: 'candidate', version, profile, sinceMs, wallMs: wallNow() })
    this.parts.evidence.recordFact('profile', `${desk.symbol}/${version}`, desk.tape.momentMs, {
      model: version,
      model_sha256: sha256,
      profile,
    })
    desk.reloadSlots()
  }
}
