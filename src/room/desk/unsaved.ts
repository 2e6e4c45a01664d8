import type { Store } from '../../db/store.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import type { Troubles } from './room-state.ts'

/** A decision that holds in memory and could not be written yet. */
interface UnsavedDecision {
  readonly what: string
  readonly write: () => void
}

/**
 * Decisions that lower risk hold from the moment they are made, whatever the database says. What could not be written is kept
 * here, in order, and written before any other decision once that is possible again. While anything is kept, memory is ahead
 * of the database on purpose and is not taken back to it.
 */
export class UnsavedDecisions {
  private decisions: UnsavedDecision[] = []

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly troubles: Troubles,
  ) {}

  get waiting(): boolean {
    return this.decisions.length > 0
  }

  /** Writes a decision now, as one transaction, or keeps it. Joins the transaction that is open, if one is. */
  writeOrKeep(what: string, write: () => void): void {
    this.writeKept()
    const { db } = this.store
    if (db.raw.inTransaction) {
      write()
      return
    }
    if (this.waiting) {
      this.keep(what, write, 'an earlier one waits')
      return
    }
    try {
      db.decision(write)
    } catch (error) {
      this.keep(what, write, messageOf(error))
    }
  }

  /** Writes what is kept. Leaves it where it is in a transaction that may yet be undone, and while it still cannot be written. */
  writeKept(): void {
    const { db } = this.store
    if (!this.waiting || db.raw.inTransaction) return
    try {
      db.decision(() => {
        for (const { write } of this.decisions) write()
      })
    } catch {
      // The trouble stays on the screen; the next moment tries again.
      return
    }
    this.decisions = []
    this.troubles.clear(this.kind)
  }

  private keep(what: string, write: () => void, why: string): void {
    this.decisions.push({ what, write })
    this.troubles.report(this.kind, `${what} holds but could not be stored: ${why}`)
  }

  private get kind(): string {
    return `unsaved ${this.symbol}`
  }
}
