import type { Store } from '../../db/store.ts'
import type { EnsembleDocument } from '../../evidence/documents/ensemble-document.ts'

/** The newest step of the weights of a mix of one symbol. */
export class MixBook {
  private last: EnsembleDocument | null = null

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {}

  get newest(): EnsembleDocument | null {
    return this.last
  }

  /** Stores a step; inside the caller's transaction. */
  take(document: EnsembleDocument, wallMs: number): void {
    this.store.ensembles.put(document, wallMs)
    this.last = document
  }

  /** Back to where the database stands. */
  restore(): void {
    this.last = this.store.ensembles.newest(this.symbol, 1)[0] ?? null
  }
}
