import { userInfo } from 'node:os'
import type { Turns } from '../work/turns.ts'
import { acknowledge } from './watch/watch-alerts.ts'
import { runDryRun } from './release/canary-dryrun.ts'
import type { ApprovalAnswer, CanaryRequest } from './control-room.ts'
import type { Desks } from './desk/desks.ts'
import type { Release } from './release/release.ts'
import { abortedText, answeredText, dryRunText, rolledBackText, waitsText } from './sentences.ts'

/** What the terminal asks of a release and of the alerts; each answers with the sentence to show. */
export class ReleaseCommands {
  constructor(
    private readonly desks: Desks,
    private readonly release: Release,
    private readonly turns: Turns,
  ) {}

  async startCanary(request: CanaryRequest): Promise<string> {
    const desk = this.desks.of(request.symbol)
    if (!request.live) {
      return dryRunText(await this.turns.take(() => runDryRun(this.desks, desk.symbol, request)))
    }
    return waitsText(await this.turns.take(() => this.release.requestCanary(request, terminalUser())))
  }

  abortCanary(symbol: string): Promise<string> {
    return Promise.resolve(abortedText(this.release.abortCanary(symbol, terminalUser(), 'two keystrokes')))
  }

  async promote(symbol: string): Promise<string> {
    return waitsText(await this.turns.take(() => this.release.requestPromotion(symbol, undefined, terminalUser())))
  }

  acknowledge(symbol: string, rule: string, reason: string): Promise<string> {
    const desk = this.desks.of(symbol)
    return Promise.resolve(acknowledge(desk, this.desks.evidence, rule, { by: terminalUser(), reason }))
  }

  rollback(symbol: string): Promise<string> {
    this.release.rollback(symbol, terminalUser(), 'two keystrokes')
    return Promise.resolve(rolledBackText(this.desks.of(symbol).slots.baseline?.version ?? null))
  }

  async answerApproval(id: string, answer: ApprovalAnswer): Promise<string> {
    return answeredText(await this.turns.take(() => this.release.answer(id, answer, terminalUser())))
  }
}

/** Who sits at the terminal, for the record of what was approved. */
function terminalUser(): string {
  return userInfo().username
}
