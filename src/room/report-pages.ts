import { z } from 'zod'
import type { Store } from '../db/store.ts'
import { messageOf } from '../engine/kernel/errors.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { runReport } from '../work/run.ts'
import type { ReportTask } from '../work/task.ts'
import type { Core } from './core.ts'
import { OUTCOME_SEED } from './gate-inputs.ts'

const PAGE = 'report_page'
const Owed = z.object({ symbol: z.string(), date: z.string() })
/** Attempts at one page while the room runs; the next start tries again. */
const MAX_TRIES = 3
/** What MLShadowMatchLow holds against the candidate. */
const MATCH_RATE = 0.95

/** Leaves the page of a day to the outbox; inside the transaction that writes its report. */
export function owePage(store: Store, symbol: string, date: string, atMs: UnixMs): void {
  store.journal.enqueue(PAGE, JSON.stringify({ symbol, date }), atMs)
}

/**
 * Makes the pages of reports, one after the other in processes of their own. A page that is owed stays in the outbox until
 * it is written, so that a process that dies leaves it to the next; one that cannot be made is a trouble and stops nothing.
 */
export class ReportPages {
  private busy = false
  private readonly tries = new Map<number, number>()

  constructor(
    private readonly core: Core,
    private readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>,
    private readonly signal: AbortSignal,
  ) {}

  /** Makes what is owed, unless that is being done. */
  wake(): void {
    if (this.busy || this.signal.aborted) return
    this.busy = true
    void this.makeOwed()
      .catch((error: unknown) => this.tell(messageOf(error)))
      .finally(() => {
        this.busy = false
      })
  }

  /** Where the page of a day stands; made first when it does not. @throws OperatorError when it cannot be made */
  async page(symbol: string, date: string): Promise<string> {
    const { core, exclusive, signal } = this
    const { evidence, store } = core
    const subject = evidence.subject(symbol, `daily/report_${date}.html`)
    if (evidence.standing(subject) !== 'whole') {
      const { html } = await runReport(this.task(symbol, date), signal)
      await exclusive(() => {
        signal.throwIfAborted()
        store.db.transaction(() => {
          evidence.writeText(subject, html, core.station(symbol).desk.nowMs())
          this.settle(symbol, date)
        })
        core.drainOutbox()
        return Promise.resolve()
      })
    } else store.db.transaction(() => this.settle(symbol, date))
    core.clearTrouble('report page')
    return evidence.pathOf(subject)
  }

  private async makeOwed(): Promise<void> {
    const { core, signal } = this
    for (;;) {
      const next = this.owed().find(({ id }) => (this.tries.get(id) ?? 0) < MAX_TRIES)
      if (next === undefined || signal.aborted) return
      this.tries.set(next.id, (this.tries.get(next.id) ?? 0) + 1)
      try {
        await this.page(next.symbol, next.date)
      } catch (error) {
        if (signal.aborted) return
        core.store.journal.failed(next.id, messageOf(error))
        this.tell(`the page of ${next.date} cannot be made: ${messageOf(error)}`)
      }
    }
  }

  private owed(): { id: number; symbol: string; date: string }[] {
    return this.core.store.journal
      .pending()
      .filter((row) => row.kind === PAGE)
      .map((row) => ({ id: row.id, ...Owed.parse(JSON.parse(row.payload)) }))
  }

  private settle(symbol: string, date: string): void {
    for (const row of this.owed()) if (row.symbol === symbol && row.date === date) this.core.store.journal.done(row.id)
  }

  private tell(what: string): void {
    this.core.trouble('report page', what)
  }

  private task(symbol: string, date: string): ReportTask {
    const { limits, options } = this.core
    const { gates, psi, serving, outcome, label } = limits
    return {
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
