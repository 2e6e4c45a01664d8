import { dirname } from 'node:path'
import { KillFile } from '../../db/kill-file.ts'
import type { Store } from '../../db/store.ts'
import { type KillState, NEVER_SWITCHED, standingOf } from '../../engine/approval/kill-switch.ts'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import type { Decision } from '../../serving/contract.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { messageOf } from '../../engine/kernel/errors.ts'

/** Where the kill switch of one symbol stands: in memory first, in a file beside the database, and in the database. */
export class KillBook {
  private now: KillState = NEVER_SWITCHED
  /** Since when rows have been stale, and whether that was acted upon; null while they are not. */
  private staleness: { readonly sinceMs: UnixMs; told: boolean } | null = null
  private abstentions = 0
  private otherMs = Number.NEGATIVE_INFINITY
  private readonly file: KillFile

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {
    this.file = new KillFile(dirname(store.db.path), symbol)
  }

  get state(): KillState {
    return this.now
  }

  get on(): boolean {
    return this.now.on
  }

  /** Whether it is on by its file alone: it was switched on while the database could not be written, or cannot be read. */
  get isUnrecorded(): boolean {
    if (!this.now.on) return false
    try {
      return this.store.facts.of(this.symbol, 'kill')?.on !== true
    } catch {
      // Unknown is not recorded; who asks is told where it stands in memory.
      return true
    }
  }

  /** Whether a restart would find it as it stands: in its file or in the database. */
  get isStored(): boolean {
    const file = this.file.read()
    const inFile = file === 'damaged' || file?.on === true
    return this.now.on ? inFile || !this.isUnrecorded : !inFile
  }

  /** Abstentions that callers had since the process began. */
  get abstained(): number {
    return this.abstentions
  }

  /** When a caller's last answer left that was not an abstention, on the monotonic clock; -Infinity before the first. */
  get lastOtherMs(): number {
    return this.otherMs
  }

  /** Rows are stale at that moment. @returns for how long they have been, and whether that was acted upon */
  stale(atMs: UnixMs): { readonly forMs: number; readonly told: boolean } {
    this.staleness ??= { sinceMs: atMs, told: false }
    return { forMs: atMs - this.staleness.sinceMs, told: this.staleness.told }
  }

  fresh(): void {
    this.staleness = null
  }

  toldOfStaleness(): void {
    if (this.staleness !== null) this.staleness.told = true
  }

  answered(decision: Decision): void {
    if (decision === 'abstain') this.abstentions++
    else this.otherMs = monotonicMs()
  }

  /** In memory: from now on, for every answer that has not left. */
  hold(state: KillState): void {
    this.now = state
  }

  /** Why the file could not be written; null once it is durable. */
  writeFile(state: KillState): string | null {
    try {
      this.file.write(state)
      return null
    } catch (error) {
      return messageOf(error)
    }
  }

  /** What is wrong with its file, which a start would read; null where nothing is. */
  fileFault(): string | null {
    const said = this.file.read()
    if (said === null) return 'its file is missing: it could not be thrown on a full disk'
    return said === 'damaged' ? 'its file is damaged: a start would find it on' : null
  }

  /** Inside the caller's transaction. */
  persist(state: KillState): void {
    this.store.facts.setOf(this.symbol, 'kill', state)
  }

  /** Back to where database and file stand. */
  restore(): void {
    this.now = standingOf(this.store.facts.of(this.symbol, 'kill'), this.file.read())
  }

  /** Makes its file, so that it can be written on a full disk, and lets it say what holds. Why it cannot be; null once it does. */
  makeFile(): string | null {
    const said = this.file.read()
    if (said !== null && said !== 'damaged' && said.on === this.now.on) return null
    return this.writeFile(this.now)
  }
}
