import type { Store } from '../../db/store.ts'
import { KsHours, ksOfRows, type KsDistances, type KsReferences } from '../../engine/drift/ks-hours.ts'
import type { TimeWindow } from '../../engine/drift/window.ts'
import { KsReference } from '../../engine/stats/ks-counts.ts'
import type { FeatureRow, FeatureTable } from '../../engine/features/row.ts'
import type { LoadedModel } from '../../serving/line-up.ts'

interface Ranked {
  /** Of the features whose reference has been read. */
  readonly references: Record<string, KsReference>
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

  /**
   * Reads the reference of one more feature: together those of a model take long enough that callers would notice.
   * @returns false once those of all these models are known
   */
  prepareNext(standing: readonly LoadedModel[]): boolean {
    return standing.some((model) => {
      const known = this.known(model)
      const next = Object.keys(model.reference.features).find((name) => known.references[name] === undefined)
      if (next !== undefined) known.references[next] = this.read(model, next)
      return next !== undefined
    })
  }

  /** What a reference's rows hold, by feature. */
  referencesOf(model: LoadedModel): KsReferences {
    return this.rankedOf(model).references
  }

  /** With the references of all features. */
  private rankedOf(model: LoadedModel): Ranked {
    const known = this.known(model)
    for (const name of Object.keys(model.reference.features)) known.references[name] ??= this.read(model, name)
    return known
  }

  private known({ version }: LoadedModel): Ranked {
    const known = this.ranked.get(version) ?? { references: {}, hours: null }
    this.ranked.set(version, known)
    return known
  }

  private read({ reference: { window } }: LoadedModel, feature: string): KsReference {
    return new KsReference(this.store.features.values(this.symbol, feature, window.fromMs, window.untilMs))
  }

  private storedHours(references: KsReferences, window: TimeWindow): KsHours {
    const hours = new KsHours(references, this.store.features.catalogueOf(this.symbol))
    for (const row of this.store.features.eachOf(
      this.symbol,
      window.fromMs,
      Number.MAX_SAFE_INTEGER,
      Object.keys(references),
    ))
      hours.add(row)
    return hours
  }
}
