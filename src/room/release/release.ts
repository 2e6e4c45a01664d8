import { randomUUID } from 'node:crypto'
import { APPROVAL_LIFETIME_MS, type Approval } from '../../engine/approval/prompt.ts'
import type { Clock } from '../../engine/kernel/clock.ts'
import { OperatorError } from '../../engine/kernel/errors.ts'
import type { ApprovalDocument, CanaryDocument } from '../../evidence/release-documents.ts'
import { Approvals } from './approvals.ts'
import type { Bake } from './bake.ts'
import { abort, openRun, resume, step } from './canary.ts'
import { planNamed } from './canary-plans.ts'
import { preflight } from './canary-preflight.ts'
import { canaryStatus } from './canary-status.ts'
import type { AnswerApproval, StartCanary } from '../../control/commands.ts'
import { contendersOf } from './contenders.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import type { GateJudge, Judgement } from '../watch/judge-gates.ts'
import { missingForPromotion, promote, promotionRules, rollback } from './promotion.ts'
import { openCanaryPrompt, openPromotionPrompt, verdictsKey, type PromptParts } from './prompts.ts'

/** Takes models live, and back: prompts, canary starts, promotions. Whatever lowers risk asks nobody. */
export class Release {
  readonly approvals: Approvals

  constructor(
    private readonly desks: Desks,
    private readonly judge: GateJudge,
    private readonly bake: Bake,
    private readonly wall: Clock,
  ) {
    this.approvals = new Approvals(desks.store, desks.evidence, () => wall.now())
  }

  /** Prompts that wait; those that have expired are closed, with what waited for them. */
  waiting(): ApprovalDocument[] {
    for (const approval of this.approvals.overdue()) {
      // In one transaction: what waited for a prompt must not go on waiting for one that is gone.
      this.decide(this.desks.of(approval.symbol), () => {
        this.approvals.expire(approval)
        this.over(approval, 'expired')
      })
    }
    return this.approvals.waiting()
  }

  /** What keeps the recording from being played at will. */
  restraint(): 'approval' | 'canary' | null {
    if (this.desks.store.release.waiting().length > 0 && this.waiting().length > 0) return 'approval'
    return this.desks.all().some((desk) => desk.canary.running) ? 'canary' : null
  }

  status(symbol: string | undefined): CanaryDocument {
    const desk = this.desks.of(symbol)
    return canaryStatus(desk, this.bake, this.neededH)
  }

  /** Opens the prompt of a live start, after a preflight. @throws OperatorError when it fails or a canary is under way */
  requestCanary(request: StartCanary, by: string): ApprovalDocument {
    const desk = this.desks.of(request.symbol)
    const { candidate } = contendersOf(desk, 'roll out')
    const plan = planNamed(this.desks.options.config, request.plan)
    const profile = request.profile ?? candidate.profile
    const flight = preflight(this.desks, desk)
    const failed = flight.checks.filter((check) => !check.pass)
    if (failed.length > 0)
      throw new OperatorError(
        'the preflight failed',
        failed.map((check) => `${check.check}: ${check.said}`).join('; '),
        'put that right, then start again',
        'preflight',
        409,
      )
    const atMs = desk.tape.momentMs
    const { evidence } = this.desks
    return this.decide(desk, () => {
      if (profile !== candidate.profile) this.setProfile(desk, profile)
      const promptId = `canary-${randomUUID().slice(0, 8)}`
      openRun(
        desk,
        evidence,
        {
          runId: randomUUID().slice(0, 12),
          salt: randomUUID(),
          plan,
          profile,
          promptId,
          expiresAtWallMs: this.wall.now() + APPROVAL_LIFETIME_MS,
        },
        atMs,
      )
      return openCanaryPrompt(this.promptParts, desk, { id: promptId, plan, profile, by })
    })
  }

  /** The share is 0 when this returns. @throws OperatorError when nothing runs or waits */
  abortCanary(symbol: string | undefined, by: string, reason: string): CanaryDocument {
    const desk = this.desks.of(symbol)
    const { evidence } = this.desks
    const { canary } = desk
    const promptId = canary.awaiting ? (canary.newest?.row.approvalId ?? null) : null
    if (promptId === null) abort(desk, evidence, by, reason)
    else {
      const refusal = this.answerOf({ decision: 'reject', reason }, by, desk, 'canary_start')
      desk.transaction(() => {
        abort(desk, evidence, by, reason)
        this.approvals.answer(promptId, refusal, desk.tape.momentMs)
      }, 'decision')
    }
    this.desks.drainOutbox()
    return this.status(symbol)
  }

  /** What keeps the candidate from being promoted now. */
  missing(desk: Desk, judgement: Judgement): string[] {
    return missingForPromotion(desk, judgement, desk.nowMs(), promotionRules(this.desks.options.config))
  }

  /** Opens the prompt of a promotion. @throws OperatorError 409 while anything is missing */
  requestPromotion(symbol: string | undefined, version: string | undefined, by: string): ApprovalDocument {
    const desk = this.desks.of(symbol)
    const { candidate } = contendersOf(desk, 'promote')
    const { store } = this.desks
    if (version !== undefined && version !== candidate.version) {
      throw new OperatorError(
        `${version} cannot be promoted`,
        `the candidate is ${candidate.version}`,
        'promote that, or train another',
        'not_candidate',
        409,
      )
    }
    if (store.release.waiting().some((row) => row.symbol === desk.symbol && row.action === 'promote')) {
      throw new OperatorError(
        `a promotion of ${desk.symbol} waits for ONAY`,
        'one at a time',
        'answer it: onay approvals',
        'waits',
        409,
      )
    }
    const judgement = this.judge.judgeFresh(desk, desk.nowMs())
    const missing = this.missing(desk, judgement)
    if (missing.length > 0)
      throw new OperatorError(
        `${candidate.version} is BLOCKED`,
        missing.join('; '),
        'see them with: onay gates',
        'blocked',
        409,
      )
    return this.decide(desk, () => openPromotionPrompt(this.promptParts, desk, judgement, by))
  }

  rollback(symbol: string | undefined, by: string, reason: string): void {
    const desk = this.desks.of(symbol)
    rollback(desk, this.desks.evidence, by, reason, desk.tape.momentMs)
    this.desks.drainOutbox()
  }

  /** Takes a person's answer and carries out what was approved, in one transaction. */
  answer(id: string, given: Omit<AnswerApproval, 'id'>, by: string): ApprovalDocument {
    const { approval } = this.approvals.get(id)
    const desk = this.desks.of(approval.symbol)
    const atMs = desk.tape.momentMs
    const done = this.decide(desk, () => {
      const answered = this.approvals.answer(id, this.answerOf(given, by, desk, approval.action), atMs)
      if (answered.approval.state === 'approved') this.carryOut(answered.approval, desk, atMs)
      else if (answered.approval.state !== 'waiting')
        this.over(answered.approval, answered.document.why ?? 'it was refused')
      return answered
    })
    if (done.approval.state === 'approved' && done.approval.action === 'promote') desk.reloadSlots()
    this.desks.drainOutbox()
    if (done.refused !== null)
      throw new OperatorError(
        `the approval ${id} was not given`,
        done.refused,
        done.approval.state === 'waiting' ? 'answer again' : 'ask for it anew',
        'refused',
        409,
      )
    return done.document
  }

  /** A process that died had prompts and canaries open: they go on, or are over. */
  resume(): void {
    for (const desk of this.desks.all()) resume(desk, this.desks.evidence)
    this.waiting()
  }

  /** A decision that was not stored was not made. */
  private decide<T>(desk: Desk, work: () => T): T {
    desk.unsaved.writeKept()
    return desk.transaction(work, 'decision')
  }

  private get promptParts(): PromptParts {
    const { desks, approvals, judge } = this
    return { config: desks.options.config, approvals, judge }
  }

  private get neededH(): number {
    return this.desks.options.config.validation.hours
  }

  private carryOut(approval: Approval, desk: Desk, atMs: number): void {
    const { evidence } = this.desks
    const last = approval.given.at(-1)
    switch (approval.action) {
      case 'canary_start': {
        const event = { kind: 'approved', atMs, atWallMs: this.wall.now(), promptId: approval.id } as const
        const refused = step(desk, evidence, event)
        if (refused !== null)
          throw new OperatorError(
            'the canary could not start',
            refused,
            'ask for it anew: onay canary start --live',
            'canary',
            409,
          )
        desk.events.log('canary', 'info', `canary started by ${last?.by ?? 'nobody'}: "${last?.reason ?? ''}"`)
        break
      }
      case 'promote':
        promote(desk, evidence, approval.id, last?.reason ?? '', atMs)
        break
      case 'ab_swap':
      case 'kill_off':
        throw new OperatorError(
          `${approval.action} is not in this version`,
          'nothing asks for it',
          'leave it',
          'not_here',
          409,
        )
    }
  }

  /** A prompt is over without a yes: what waited for it goes back. */
  private over(approval: Approval, why: string): void {
    if (approval.action !== 'canary_start') return
    const desk = this.desks.of(approval.symbol)
    const { momentMs: atMs } = desk.tape
    const { evidence } = this.desks
    if (approval.state === 'expired') step(desk, evidence, { kind: 'expired', atMs, promptId: approval.id })
    else step(desk, evidence, { kind: 'refused', atMs, promptId: approval.id, why })
  }

  private answerOf(given: Omit<AnswerApproval, 'id'>, by: string, desk: Desk, action: Approval['action']) {
    const { candidate } = desk.slots
    return {
      decision: given.decision,
      phrase: given.phrase ?? '',
      reason: given.reason ?? '',
      by,
      atWallMs: this.wall.now(),
      current: { verdictsKey: verdictsKey(this.promptParts, desk, action), sha256: candidate?.sha256 ?? null },
    }
  }

  private setProfile(desk: Desk, profile: 'equivalent' | 'improve'): void {
    const { candidate } = desk.slots
    if (candidate === null) return
    const { store, wallNow } = desk.parts
    store.models.putSlot({
      symbol: desk.symbol,
      slot: 'candidate',
      version: candidate.version,
      profile,
      sinceMs: candidate.sinceMs,
      wallMs: wallNow(),
    })
    this.desks.evidence.recordFact('profile', `${desk.symbol}/${candidate.version}`, desk.tape.momentMs, {
      model: candidate.version,
      model_sha256: candidate.sha256,
      profile,
    })
    desk.reloadSlots()
  }
}
