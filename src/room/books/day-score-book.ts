import type { Store } from '../../db/store.ts'
import type { Column } from '../../engine/features/catalogue.ts'
import { DayScores } from '../../engine/features/day-scores.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { DAY_MS } from '../../engine/kernel/units.ts'
import type { LoadedModel } from '../../serving/line-up.ts'

/** Gives the rows of one symbol the day scores that its models need, and no others. */
export class DayScoreBook {
  private scores: DayScores
  private wanted: readonly Column[] = []

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {
    this.scores = new DayScores(store.features.catalogueOf(symbol), [])
  }

  /** Writes the scores of a new row into its values. */
  complete(row: FeatureRow): void {
    this.scores.complete(row)
  }

  /** Other models stand in the slots now. @param newest the newest row, which is stored and is given what they need */
  reload(standing: readonly LoadedModel[], newest: FeatureRow | null): void {
    if (wantedBy(standing).join() !== this.wanted.join()) this.restore(standing, newest)
  }

  /** Back to where the database stands. */
  restore(standing: readonly LoadedModel[], newest: FeatureRow | null): void {
    const { features } = this.store
    this.wanted = wantedBy(standing)
    this.scores = new DayScores(features.catalogueOf(this.symbol), this.wanted)
    if (newest === null || this.scores.empty) return
    for (const row of features.each(this.symbol, newest.tsMs - DAY_MS, newest.tsMs)) this.scores.remember(row)
    this.scores.complete(newest)
  }
}

function wantedBy(standing: readonly LoadedModel[]): readonly Column[] {
  return [...new Set(standing.flatMap(({ model }) => model.features))].sort()
}
