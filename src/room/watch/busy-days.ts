import { messageOf } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoDate } from '../../engine/kernel/units.ts'
import { runTask } from '../../work/run.ts'
import type { Turns } from '../../work/turns.ts'
import type { Desks } from '../desk/desks.ts'
import { type OwedDigest, owedDigests, recordRest } from '../record/day-digests.ts'

const TROUBLE = 'day digest'

/**
 * Digests of days with more answers than a room can hash between two of them: made in a process of their own, one after the
 * other, and recorded when they are there. What a process that died owed is made after the next start.
 */
export class BusyDays {
  private busy = false
  /** Whether any may be owed; after a start that is to be looked up. */
  private owes = true

  constructor(
    private readonly desks: Desks,
    private readonly turns: Turns,
    private readonly signal: AbortSignal,
  ) {}

  /** Says that days may have been left to be made, in a transaction that may still be undone. */
  owe(): void {
    this.owes = true
  }

  /** Makes what is owed, unless that is being done. */
  wake(): void {
    if (this.busy || !this.owes || this.signal.aborted) return
    this.busy = true
    this.owes = false
    void this.makeOwed()
      .then(() => this.desks.troubles.clear(TROUBLE))
      .catch((error: unknown) => {
        if (!this.signal.aborted) this.desks.troubles.report(TROUBLE, messageOf(error))
      })
      .finally(() => {
        this.busy = false
      })
  }

  private async makeOwed(): Promise<void> {
    for (const { symbol } of this.desks.all())
      for (const owed of owedDigests(this.desks.evidence, symbol)) await this.make(symbol, owed)
  }

  private async make(symbol: string, { dayMs, tables }: OwedDigest): Promise<void> {
    const { desks, signal, turns } = this
    const { evidence } = desks
    const span = { symbol, fromMs: dayMs, untilMs: dayMs + DAY_MS }
    const { dataDir } = evidence.parts
    const made = await runTask({ kind: 'digest', dataDir, date: isoDate(dayMs), tables, span }, { signal })
    await turns.take(() => {
      signal.throwIfAborted()
      const desk = desks.of(symbol)
      desk.transaction(() => recordRest(evidence, symbol, dayMs, made.tables, desk.tape.momentMs))
    })
  }
}
