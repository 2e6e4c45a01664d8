import type { Store } from '../../db/store.ts'
import { HourlyCounts } from '../../engine/drift/hourly.ts'
import { MissingCounts } from '../../engine/features/missing.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { DriftDocument, PsiDocument } from '../../evidence/documents/documents.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import type { EventLog } from '../record/event-log.ts'
import { DriftDayBook } from './drift-day-book.ts'
import { KsBook } from './ks-book.ts'

/** What the overall PSI of the model in charge was a day before; null while its window was not full. */
interface PsiDayAgo {
  readonly model: string
  readonly overall: number | null
}

/** The drift of one symbol's models: rows by bin and hour, the newest snapshots, and when it became critical. */
export class DriftBook {
  /** Exact distances beside the counts by bin. */
  readonly ks: KsBook
  /** The last 24 hours. */
  readonly days: DriftDayBook
  private readonly counts = new Map<string, HourlyCounts>()
  private readonly snapshots = new Map<string, PsiDocument>()
  /** Models whose newest measurement failed, and why. */
  private readonly faults = new Map<string, string>()
  private dayBefore: PsiDayAgo | null = null
  private criticalMs: UnixMs | null = null
  private missingRows: MissingCounts
  private readonly reached = { warning: 0, critical: 0 }

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly windowMs: number,
    private readonly events: EventLog,
  ) {
    this.ks = new KsBook(symbol, store)
    this.days = new DriftDayBook(symbol, store, this.ks)
    this.missingRows = new MissingCounts(store.features.catalogueOf(symbol))
  }

  /** The newest hourly snapshot of a model; undefined before the first. */
  snapshotOf(version: string): PsiDocument | undefined {
    return this.snapshots.get(version)
  }

  /** How far a model has drifted, by its newest snapshot; null before its window was full. */
  levelOf(version: string): PsiDocument['level'] {
    return judgedLevel(this.snapshots.get(version))
  }

  /** Why the newest measurement of a model failed; null where it did not. */
  faultOf(version: string): string | null {
    return this.faults.get(version) ?? null
  }

  noteFault(version: string, why: string): void {
    this.faults.set(version, why)
  }

  /** Rows by bin and hour of a model in a slot. */
  countsOf(version: string): HourlyCounts | undefined {
    return this.counts.get(version)
  }

  get psiDayAgo(): PsiDayAgo | null {
    return this.dayBefore
  }

  /** When drift of the model in charge last became critical. */
  get becameCriticalMs(): UnixMs | null {
    return this.criticalMs
  }

  /** How often each level was reached since the process began. */
  get levelsReached(): Readonly<Record<'warning' | 'critical', number>> {
    return this.reached
  }

  /** Rows of the last day that lack a feature. */
  get missing(): MissingCounts {
    return this.missingRows
  }

  count(row: FeatureRow): void {
    this.missingRows.add(row)
    for (const counts of this.counts.values()) counts.add(row)
    this.ks.count(row)
    this.days.count(row)
  }

  /** Counts a row that came late, for models whose reference ends before it. @returns whether it counted for any */
  countLate(row: FeatureRow, standing: readonly LoadedModel[], fromMs: UnixMs): boolean {
    this.missingRows.add(row)
    let counted = false
    for (const { version, reference } of standing) {
      const counts = this.counts.get(version)
      if (counts === undefined || row.tsMs < reference.window.untilMs || row.tsMs < fromMs) continue
      counts.add(row)
      this.ks.countFor(version, row)
      this.days.countFor(version, row)
      counted = true
    }
    return counted
  }

  /** A snapshot of the model in charge: worth an event when it has reached a worse level than the one before it. */
  noteLevel(document: PsiDocument, atMs: UnixMs): void {
    const before = this.levelOf(document.model)
    if (document.verdict === 'WAIT' || document.level === before) return
    if (document.level === 'critical') {
      this.criticalMs = atMs
      this.reached.critical++
      const overall = document.overall_psi?.toFixed(3)
      this.events.log('drift', 'warning', `drift of ${document.model} became critical: PSI ${overall}`)
    } else if (document.level === 'warning' && before !== 'critical') this.reached.warning++
  }

  /** A check of the model in charge: worth an event when its verdict is worse than that before it. */
  noteVerdict(document: DriftDocument, atMs: UnixMs): void {
    const before = this.days.newestOf(document.model)?.verdict
    if (document.verdict === before) return
    if (document.verdict === 'critical') {
      this.criticalMs = atMs
      this.reached.critical++
      const moved = Object.entries(document.features).flatMap(([name, { judged, level }]) =>
        judged && level === 'critical' ? [name] : [],
      )
      this.events.log(
        'drift',
        'warning',
        `the last 24 hours of ${document.model} have drifted critically: ${moved.join(', ')}; retrain it: r`,
      )
    } else if (document.verdict === 'warning' && before !== 'critical') this.reached.warning++
  }

  /** Takes a new hourly snapshot of a model; inside the caller's transaction. */
  take(document: PsiDocument, atMs: UnixMs, wallMs: number): void {
    this.snapshots.set(document.model, document)
    this.faults.delete(document.model)
    this.store.drift.putSnapshot({ tsMs: atMs, document }, wallMs)
  }

  /** Looks up what the overall figure of the model in charge was a day before `atMs`. */
  lookBack(inCharge: string | null, atMs: UnixMs): void {
    this.dayBefore = inCharge === null ? null : this.psiAt(inCharge, atMs - DAY_MS)
  }

  /** Writes an hour of counts; inside the caller's transaction. */
  persistHour(hourMs: UnixMs): void {
    for (const [model, counts] of this.counts) {
      const hour = counts.hour(hourMs)
      if (hour !== null) this.store.drift.putHour(this.symbol, model, { hourMs, ...hour })
    }
  }

  /** Other models stand in the slots now: counts and snapshots of those that are new are read. */
  reload(standing: readonly LoadedModel[], clockMs: UnixMs): void {
    for (const version of this.counts.keys())
      if (!standing.some((model) => model.version === version)) this.counts.delete(version)
    this.ks.keep(standing)
    this.days.reload(standing)
    for (const model of standing) {
      if (!this.counts.has(model.version)) this.counts.set(model.version, this.storedCounts(model, clockMs))
      this.readSnapshot(model.version)
    }
  }

  /** Back to where the database stands: also when drift became critical, and what PSI was a day before. */
  restore(standing: readonly LoadedModel[], inCharge: string | null, clockMs: UnixMs): void {
    this.counts.clear()
    this.ks.clear()
    this.days.clear()
    this.missingRows = new MissingCounts(this.store.features.catalogueOf(this.symbol))
    const dayMs = floorTo(clockMs - DAY_MS, HOUR_MS)
    const looked = new Set(
      standing.flatMap(({ model, reference }) => [...model.features, ...Object.keys(reference.features)]),
    )
    for (const row of this.store.features.each(this.symbol, dayMs, Number.MAX_SAFE_INTEGER, [...looked]))
      this.missingRows.add(row)
    this.reload(standing, clockMs)
    this.restoreSnapshots(standing, inCharge)
  }

  /** The snapshots alone, after a measurement was undone: rows that were counted since are in no snapshot and stay. */
  restoreSnapshots(standing: readonly LoadedModel[], inCharge: string | null): void {
    this.snapshots.clear()
    this.days.restoreChecks(standing)
    this.dayBefore = null
    this.criticalMs = null
    for (const { version } of standing) this.readSnapshot(version)
    if (inCharge === null) return
    this.criticalMs = this.days.criticalSince(inCharge)
    const newest = this.snapshots.get(inCharge)
    if (newest === undefined) return
    const atMs = Date.parse(newest.at)
    this.lookBack(inCharge, atMs)
    const [before] = this.store.drift.snapshots(this.symbol, inCharge, atMs - HOUR_MS, atMs - HOUR_MS)
    const levelBefore = judgedLevel(before?.document)
    if (judgedLevel(newest) === 'critical' && levelBefore !== 'critical')
      this.criticalMs = Math.max(atMs, this.criticalMs ?? 0)
  }

  private readSnapshot(version: string): void {
    const snapshot = this.store.drift.newestSnapshot(this.symbol, version)
    if (snapshot !== null) this.snapshots.set(version, snapshot.document)
  }

  private psiAt(model: string, atMs: UnixMs): PsiDayAgo | null {
    const then = this.store.drift.overallAt(this.symbol, model, atMs)
    return then === null ? null : { model, ...then }
  }

  private storedCounts(model: LoadedModel, clockMs: UnixMs): HourlyCounts {
    const counts = new HourlyCounts(model.reference, this.store.features.catalogueOf(this.symbol))
    const fromMs = floorTo(clockMs - this.windowMs, HOUR_MS)
    for (const hour of this.store.drift.hours(this.symbol, model.version, fromMs))
      counts.load(hour.hourMs, hour.n, hour.counts)
    return counts
  }
}

/** The level of a snapshot whose window was full; one before that says nothing yet. */
function judgedLevel(document: PsiDocument | undefined): PsiDocument['level'] {
  return document === undefined || document.verdict === 'WAIT' ? null : document.level
}
