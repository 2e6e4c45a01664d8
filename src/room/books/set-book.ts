import type { SetName } from '../../db/sets.ts'
import type { Store } from '../../db/store.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { type TreeSet, treeSet } from '../../engine/models/tree-set.ts'

/** The arm that is active until another took its place. */
export const FIRST_ARM: SetName = 'v1_backtest'
/** What a set that was trained on paper trades goes by, and what went by it before. */
export const NEWEST: SetName = 'v2_paper'
export const NEWEST_BEFORE: SetName = 'v2_paper_prev'
/** Names under which sets trade. */
const TRADING: readonly SetName[] = [FIRST_ARM, NEWEST]

/** A set that a name points at. */
export interface NamedSet {
  readonly name: SetName
  readonly set: TreeSet
  readonly sha256: string
  readonly sinceMs: UnixMs
}

/** The sets of one symbol by name, and which of them is active. */
export class SetBook {
  private named: readonly NamedSet[] = []
  private swappedTo: string | null = null

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {}

  of(name: SetName): NamedSet | null {
    return this.named.find((one) => one.name === name) ?? null
  }

  /** Those that trade on paper. */
  get trading(): readonly NamedSet[] {
    return TRADING.flatMap((name) => this.of(name) ?? [])
  }

  /** The label of the active arm; null before the first set. */
  get active(): string | null {
    return this.of(FIRST_ARM) === null ? null : (this.swappedTo ?? FIRST_ARM)
  }

  /** The set that is active: the one that a bot is answered by. */
  get activeSet(): NamedSet | null {
    return this.trading.find(({ name }) => name === this.active) ?? null
  }

  /** Back to where the database stands. @throws OperatorError when a set is not the one that was registered */
  restore(): void {
    const { sets } = this.store
    this.named = sets.names(this.symbol).flatMap(({ name, version, sinceMs }) => {
      const known = this.named.find((one) => one.name === name && one.set.version === version)
      if (known !== undefined) return [known]
      const stored = sets.get(this.symbol, version)
      if (stored === null) return []
      const set = treeSet(stored.weights, this.store.features.catalogueOf(this.symbol))
      return [{ name, set, sha256: stored.sha256, sinceMs }]
    })
    this.swappedTo = sets.active(this.symbol)?.activeArm ?? null
  }
}
