import { userInfo } from 'node:os'
import { acknowledge } from './alert-watch.ts'
import { runDryRun } from './canary-dryrun.ts'
import type { ApprovalAnswer, CanaryRequest } from './control-room.ts'
import type { Core } from './core.ts'
import type { Release } from './release.ts'
import { abortedText, answeredText, dryRunText, rolledBackText, waitsText } from './sentences.ts'

/** What the terminal asks of a release and of the alerts; each answers with the sentence to show. */
export class ReleaseCommands {
  constructor(
    private readonly core: Core,
    private readonly release: Release,
    private readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>,
  ) {}

  async startCanary(request: CanaryRequest): Promise<string> {
    const { desk } = this.core.station(request.symbol)
    if (!request.live) {
      return dryRunText(await this.exclusive(() => runDryRun(this.core, desk.symbol, request)))
    }
    return waitsText(await this.exclusive(() => Promise.resolve(this.release.requestCanary(request, terminalUser()))))
  }

  abortCanary(symbol: string): Promise<string> {
    return Promise.resolve(abortedText(this.release.abortCanary(symbol, terminalUser(), 'two keystrokes')))
  }

  async promote(symbol: string): Promise<string> {
    return waitsText(
      await this.exclusive(() => Promise.resolve(this.release.requestPromotion(symbol, undefined, terminalUser()))),
    )
  }

  acknowledge(symbol: string, rule: string, reason: string): Promise<string> {
    const { desk } = this.core.station(symbol)
    return Promise.resolve(acknowledge(desk, this.core.evidence, rule, { by: terminalUser(), reason }))
  }

  rollback(symbol: string): Promise<string> {
    this.release.rollback(symbol, terminalUser(), 'two keystrokes')
    return Promise.resolve(rolledBackText(this.core.station(symbol).desk.slots.baseline?.version ?? null))
  }

  async answerApproval(id: string, answer: ApprovalAnswer): Promise<string> {
    return answeredText(await this.exclusive(() => Promise.resolve(this.release.answer(id, answer, terminalUser()))))
  }
}

/** Who sits at the terminal, for the record of what was approved. */
function terminalUser(): string {
  return userInfo().username
}
