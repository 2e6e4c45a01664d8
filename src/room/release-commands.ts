import { userInfo } from 'node:os'
import { acknowledge } from './alert-watch.ts'
import { runDryRun } from './canary-dryrun.ts'
import type { ApprovalAnswer, CanaryRequest } from './control-room.ts'
import type { Core } from './core.ts'
import type { Release } from './release.ts'

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
      const { status, phases } = await this.exclusive(() => runDryRun(this.core, desk.symbol, request))
      return `dry run ${status}: ${phases[0]?.reason ?? ''}`
    }
    const { sentence, id } = await this.exclusive(() =>
      Promise.resolve(this.release.requestCanary(request, terminalUser())),
    )
    return `${sentence} waits as ${id}`
  }

  abortCanary(symbol: string): Promise<string> {
    const { candidate } = this.release.abortCanary(symbol, terminalUser(), 'two keystrokes')
    return Promise.resolve(`the canary of ${candidate ?? ''} is aborted: everything at 0 %`)
  }

  async promote(symbol: string): Promise<string> {
    const { sentence, id } = await this.exclusive(() =>
      Promise.resolve(this.release.requestPromotion(symbol, undefined, terminalUser())),
    )
    return `${sentence} waits as ${id}`
  }

  acknowledge(symbol: string, rule: string, reason: string): Promise<string> {
    const { desk } = this.core.station(symbol)
    return Promise.resolve(acknowledge(desk, this.core.evidence, rule, { by: terminalUser(), reason }))
  }

  rollback(symbol: string): Promise<string> {
    this.release.rollback(symbol, terminalUser(), 'two keystrokes')
    return Promise.resolve(
      `rolled back: ${this.core.station(symbol).desk.slots.baseline?.version ?? 'fallback'} answers`,
    )
  }

  async answerApproval(id: string, answer: ApprovalAnswer): Promise<string> {
    const { sentence, state } = await this.exclusive(() =>
      Promise.resolve(this.release.answer(id, answer, terminalUser())),
    )
    return `${sentence}: ${state}`
  }
}

/** Who sits at the terminal, for the record of what was approved. */
function terminalUser(): string {
  return userInfo().username
}
