import type { Store } from '../../db/store.ts'
import { OperatorError, reasonOf } from '../../engine/kernel/errors.ts'
import type { Troubles } from './room-state.ts'

/** A decision that lowers risk: it holds in memory whether or not it can be stored. */
export interface LoweringDecision {
  /** What is decided, for people: "the abort of the canary". */
  readonly what: string
  /** Puts it into memory. Called again each time that memory was taken back to the database, until it is stored. */
  hold(): void
  /** Stores it, with its entry of the chain; inside a transaction. */
  write(): void
}

/**
 * Decisions that lower risk hold from the moment they are made, whatever the database says. What could not be stored is kept
 * here, in order, and stored before any other decision once that is possible again. Memory is always what the database says
 * and then what is kept.
 */
export class UnsavedDecisions {
  private decisions: readonly LoweringDecision[] = []

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly troubles: Troubles,
  ) {}

  get waiting(): boolean {
    return this.decisions.length > 0
  }

  /** What could not be stored and why; null where nothing waits. */
  get trouble(): string | null {
    this.writeKept()
    return this.waiting ? (this.troubles.of(this.kind) ?? 'it was not stored') : null
  }

  /** Stores a decision now, as one transaction, or keeps it. It is part of the transaction that is open, if one is. */
  writeOrKeep(decision: LoweringDecision): void {
    const { db } = this.store
    // Before anything is written: a database that is locked would hold it up for seconds.
    decision.hold()
    if (db.raw.inTransaction) {
      decision.write()
      return
    }
    this.writeKept()
    if (this.waiting) {
      this.keep(decision, 'an earlier one waits')
      return
    }
    try {
      db.decision(() => decision.write())
    } catch (error) {
      this.keep(decision, reasonOf(error))
    }
  }

  /** Stores what is kept, unless a transaction is open that may yet be undone, or the database still cannot be written. */
  writeKept(): void {
    const { db } = this.store
    if (!this.waiting || db.raw.inTransaction) return
    try {
      db.decision(() => {
        for (const decision of this.decisions) decision.write()
      })
    } catch {
      // The trouble stays on the screen; the next moment tries again.
      return
    }
    this.decisions = []
    this.troubles.clear(this.kind)
  }

  /** Stores what is kept, before a decision that must not overtake it. @throws OperatorError while that is not possible */
  requireStored(): void {
    this.writeKept()
    if (!this.waiting || this.store.db.raw.inTransaction) return
    throw new OperatorError(
      'this decision cannot be made now',
      `${this.troubles.of(this.kind) ?? 'an earlier decision'}: it has to be stored first`,
      'make room on the disk, or end what holds the database, then try again',
      'unsaved',
      507,
    )
  }

  /** Puts what is kept into memory again, after that was taken back to the database. */
  holdKept(): void {
    for (const decision of this.decisions) decision.hold()
  }

  private keep(decision: LoweringDecision, why: string): void {
    this.decisions = [...this.decisions, decision]
    this.troubles.report(this.kind, `${decision.what} holds but could not be stored: ${why}`)
  }

  private get kind(): string {
    return `unsaved ${this.symbol}`
  }
}

/** A room does not end as if all were well with a decision that nobody will find again. @throws OperatorError */
export function requireStored(decisions: readonly UnsavedDecisions[]): void {
  const forgotten = decisions.flatMap(({ trouble }) => trouble ?? [])
  if (forgotten.length > 0)
    throw new OperatorError(
      'the room has ended with a decision that is not recorded',
      forgotten.join('; '),
      'make room on the disk, start the room again and repeat it',
      'unsaved',
      507,
    )
}
