import type { Store } from '../../db/store.ts'
import { KsHours, ksOfRows, ksReferences, type KsDistances, type KsReferences } from '../../engine/drift/ks-hours.ts'
import type { TimeWindow } from '../../engine/drift/window.ts'
import type { FeatureRow, FeatureTable } from '../../engine/features/row.ts'
import type { LoadedModel } from '../../serving/line-up.ts'

interface Ranked {
  readonly references: KsReferences
  /** Null until a window of hours was asked for. */
  hours: KsHours | null
}

/**
 * How far the rows of one symbol are from the references of its models, by the rows themselves. The rows of a reference are read
 * when they are first needed, so that a room that starts does not wait for them.
 */
export class KsBook {
  private readonly ranked = new Map<string, Ranked>()

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {}

  count(row: FeatureRow): void {
    for (const { hours } of this.ranked.values()) hours?.add(row)
  }

  /** Takes in a row of one model alone. */
  countFor(version: string, row: FeatureRow): void {
    this.ranked.get(version)?.hours?.add(row)
  }

  /** Distances of a window between the starts of two hours. Every row that has been counted is in the database by then. */
  ofHours(model: LoadedModel, window: TimeWindow): KsDistances {
    const ranked = this.rankedOf(model)
    ranked.hours ??= this.storedHours(ranked.references, window)
    return ranked.hours.distances(window.fromMs, window.untilMs)
  }

  /** Distances of a window with any ends, from its rows. */
  ofRows(model: LoadedModel, table: FeatureTable, { fromMs, untilMs }: TimeWindow): KsDistances {
    return ksOfRows(this.rankedOf(model).references, table, fromMs, untilMs)
  }

  /** Forgets models that no longer stand in a slot. */
  keep(standing: readonly LoadedModel[]): void {
    for (const version of this.ranked.keys())
      if (!standing.some((model) => model.version === version)) this.ranked.delete(version)
  }

  clear(): void {
    this.ranked.clear()
  }

  /** What a reference's rows hold, by feature. */
  referencesOf(model: LoadedModel): KsReferences {
    return this.rankedOf(model).references
  }

  private rankedOf({ version, reference }: LoadedModel): Ranked {
    const known = this.ranked.get(version)
    if (known !== undefined) return known
    const { fromMs, untilMs } = reference.window
    const features = Object.keys(reference.features)
    const table = this.store.features.table(this.symbol, fromMs, untilMs, features)
    const ranked = { references: ksReferences(features, table), hours: null }
    this.ranked.set(version, ranked)
    return ranked
  }

  private storedHours(references: KsReferences, window: TimeWindow): KsHours {
    const hours = new KsHours(references, this.store.features.catalogueOf(this.symbol))
    for (const row of this.store.features.each(
      this.symbol,
      window.fromMs,
      Number.MAX_SAFE_INTEGER,
      Object.keys(references),
    ))
      hours.add(row)
    return hours
  }
}
