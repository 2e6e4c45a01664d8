/** A room for screens: it shows what it is told to and keeps what was asked of it. */
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import type { ApprovalAnswer, CanaryRequest, RetrainRequest, ValidateRequest } from '../../src/control/commands.ts'
import type { ControlRoom } from '../../src/control/control-room.ts'
import type { DetailView, Panel } from '../../src/control/panels.ts'
import type { RoomView, Speed } from '../../src/control/view.ts'
import { approval, AWAITING_CANARY, canary, RAMPING_CANARY, START } from './canary-documents.ts'
import { CHART, TABLE } from './views.ts'

export class FakeRoom implements ControlRoom {
  readonly asked: string[] = []
  looks = 0
  /** Set it to make each look fail. */
  broken: Error | null = null

  constructor(public shown: RoomView) {}

  async view(symbol?: string): Promise<RoomView> {
    this.looks += 1
    if (this.broken !== null) throw this.broken
    return symbol === undefined ? this.shown : { ...this.shown, symbol }
  }

  async detail(_symbol: string, panel: Panel): Promise<DetailView> {
    return panel === 'drift' ? CHART : TABLE
  }

  async setSpeed(speed: Speed): Promise<string> {
    this.asked.push(`speed ${speed}`)
    this.shown = { ...this.shown, clock: { ...this.shown.clock, speed } }
    return `plays at ${speed}`
  }

  async setPaused(paused: boolean): Promise<string> {
    this.asked.push(`paused ${paused}`)
    this.shown = { ...this.shown, clock: { ...this.shown.clock, paused } }
    return paused ? 'the recording is paused' : 'the recording plays on'
  }

  async playToNext(): Promise<string> {
    this.asked.push('next')
    throw new OperatorError('cannot play on', 'an approval waits', 'answer it first')
  }

  async startRetrain(request: RetrainRequest): Promise<string> {
    this.asked.push(`retrain ${request.features} ${request.profile}`)
    return `retraining ${request.version}`
  }

  async retrainChoices(): Promise<readonly { features: string; version: string; refused: string | null }[]> {
    return [
      { features: 'v1.8.1', version: 'v1.8.1', refused: null },
      { features: 'v1.9', version: 'v1.9', refused: 'too few bars' },
    ]
  }

  async cancelWork(id: string): Promise<string> {
    this.asked.push(`cancel ${id}`)
    return 'cancelled'
  }
  async startValidate(request: ValidateRequest): Promise<string> {
    this.asked.push(`validate ${request.version}`)
    return `validating ${request.version}`
  }

  async startCanary(request: CanaryRequest): Promise<string> {
    this.asked.push(`canary ${request.plan} ${request.profile} ${request.live ? 'live' : 'dry'}`)
    if (!request.live) return 'the dry run found nothing to stop it'
    this.shown = { ...this.shown, canary: AWAITING_CANARY, approvals: [...this.shown.approvals, START] }
    return 'the canary waits for ONAY'
  }

  async abortCanary(symbol: string): Promise<string> {
    this.asked.push(`abort ${symbol}`)
    const stopped = { state: 'aborted', share: 0, until: null, reason: 'stopped by operator' } as const
    this.shown = { ...this.shown, canary: canary({ ...this.shown.canary, ...stopped }) }
    return 'the canary is aborted: everything at 0 %'
  }

  async promote(symbol: string): Promise<string> {
    this.asked.push(`promote ${symbol}`)
    this.shown = { ...this.shown, approvals: [...this.shown.approvals, approval({ symbol })] }
    return 'the promotion waits for ONAY'
  }

  async rollback(symbol: string): Promise<string> {
    this.asked.push(`rollback ${symbol}`)
    return 'v1.8-b0 serves again'
  }

  async acknowledge(symbol: string, rule: string, reason: string): Promise<string> {
    this.asked.push(`acknowledge ${symbol} ${rule} "${reason}"`)
    const alerts = this.shown.alerts.map((alert) =>
      alert.rule === rule ? { ...alert, acknowledged: { by: 'operator', reason } } : alert,
    )
    this.shown = { ...this.shown, alerts }
    return `${rule} is acknowledged`
  }

  async answerApproval(id: string, answer: ApprovalAnswer): Promise<string> {
    this.asked.push(`${answer.decision} ${id} ${answer.phrase ?? '-'} "${answer.reason}"`)
    const approvals = this.shown.approvals.filter((prompt) => prompt.id !== id)
    if (answer.decision === 'reject') {
      this.shown = { ...this.shown, canary: canary({}), approvals }
      return 'refused'
    }
    this.shown = { ...this.shown, canary: RAMPING_CANARY, approvals }
    return 'ONAY: Canary START 5 %/30 min observe (v1.8.1)'
  }
}
