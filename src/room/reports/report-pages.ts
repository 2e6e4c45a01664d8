import type { Owed } from '../../db/outbox.ts'
import type { Store } from '../../db/store.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { runTask } from '../../work/run.ts'
import type { ReportTask } from '../../work/task.ts'
import type { Turns } from '../../work/turns.ts'
import type { Desks } from '../desk/desks.ts'
import { OUTCOME_SEED } from '../watch/judge-gates.ts'

/** Attempts at one page while the room runs; the next start tries again. */
const MAX_TRIES = 3
/** What MLShadowMatchLow holds against the candidate. */
const MATCH_RATE = 0.95

/** Leaves the page of a day to the outbox; inside the transaction that writes its report. */
export function owePage(store: Store, symbol: string, date: string, atMs: UnixMs): void {
  store.outbox.owePage({ symbol, date }, atMs)
}

/**
 * Makes the pages of reports, one after the other in processes of their own. A page that is owed stays in the outbox until
 * it is written, so that a process that dies leaves it to the next; one that cannot be made is a trouble and stops nothing.
 */
export class ReportPages {
  private busy = false
  private readonly tries = new Map<number, number>()

  constructor(
    private readonly desks: Desks,
    private readonly turns: Turns,
    private readonly signal: AbortSignal,
  ) {}

  /** Makes the pages that the outbox asks for, unless that is being done. */
  wake(): void {
    if (this.busy || this.signal.aborted || !this.desks.evidence.pagesOwed) return
    this.busy = true
    void this.makeOwed()
      .catch((error: unknown) => this.reportTrouble(messageOf(error)))
      .finally(() => {
        this.busy = false
      })
  }

  /** Where the page of a day stands; made first when it does not. @throws OperatorError when it cannot be made */
  async page(symbol: string, date: string): Promise<string> {
    const { desks, turns, signal } = this
    const { evidence, store } = desks
    const subject = evidence.subject(symbol, `daily/report_${date}.html`)
    if (evidence.standing(subject) !== 'whole') {
      const { html } = await runTask(this.task(symbol, date), { signal })
      await turns.take(() => {
        signal.throwIfAborted()
        store.db.transaction(() => {
          evidence.writeText(subject, html, desks.of(symbol).nowMs())
          this.settle(symbol, date)
        })
        desks.drainOutbox()
      })
    } else store.db.transaction(() => this.settle(symbol, date))
    desks.troubles.clear('report page')
    return evidence.pathOf(subject)
  }

  private async makeOwed(): Promise<void> {
    const { desks, signal } = this
    for (;;) {
      const next = this.owed().find(({ id }) => (this.tries.get(id) ?? 0) < MAX_TRIES)
      if (next === undefined || signal.aborted) return
      this.tries.set(next.id, (this.tries.get(next.id) ?? 0) + 1)
      try {
        await this.page(next.symbol, next.date)
      } catch (error) {
        if (signal.aborted) return
        desks.store.outbox.failed(next.id, messageOf(error))
        this.reportTrouble(`the page of ${next.date} cannot be made: ${messageOf(error)}`)
      }
    }
  }

  private owed(): Owed['pages'] {
    return this.desks.store.outbox.pending().pages
  }

  private settle(symbol: string, date: string): void {
    for (const row of this.owed()) if (row.symbol === symbol && row.date === date) this.desks.store.outbox.done(row.id)
  }

  private reportTrouble(what: string): void {
    this.desks.troubles.report('report page', what)
  }

  private task(symbol: string, date: string): ReportTask {
    const { limits, options } = this.desks
    const { gates, psi, serving, outcome, label } = limits
    return {
      kind: 'report',
      dataDir: options.dataDir,
      symbol,
      date,
      limits: {
        psi: { warning: psi.warning, overall: gates.psiOverall, feature: gates.psiFeature },
        p95Ms: gates.p95Ms,
        matchRate: MATCH_RATE,
        matchTolerance: serving.matchTolerance,
        meanDelta: gates.meanDelta,
      },
      figures: { outcome, outcomeSeed: OUTCOME_SEED, label },
    }
  }
}
