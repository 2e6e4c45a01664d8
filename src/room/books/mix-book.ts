import type { Store } from '../../db/store.ts'
import { floorTo, HOUR_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { EnsembleDocument } from '../../evidence/documents/ensemble-document.ts'

/** The newest step of the weights of a mix of one symbol. */
export class MixBook {
  private last: EnsembleDocument | null = null
  private lookedAt: { readonly hourMs: UnixMs; readonly document: EnsembleDocument | null } | null = null

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {}

  get newest(): EnsembleDocument | null {
    return this.last
  }

  /** A look that somebody asked for: one an hour is worked out, however often it is read. */
  look(atMs: UnixMs, make: () => EnsembleDocument | null): EnsembleDocument | null {
    const hourMs = floorTo(atMs, HOUR_MS)
    if (this.lookedAt?.hourMs !== hourMs) this.lookedAt = { hourMs, document: make() }
    return this.lookedAt.document
  }

  /** Stores a step; inside the caller's transaction. */
  take(document: EnsembleDocument, wallMs: number): void {
    this.store.ensembles.put(document, wallMs)
    this.last = document
    this.lookedAt = null
  }

  /** Back to where the database stands. */
  restore(): void {
    this.lookedAt = null
    this.last = this.store.ensembles.newest(this.symbol, 1)[0] ?? null
  }
}
