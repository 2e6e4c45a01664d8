import type { Store } from '../../db/store.ts'
import { CHECK_EVERY_MS, type PastCheck } from '../../engine/drift/check.ts'
import { DriftDay, type DriftFigures } from '../../engine/drift/drift-day.ts'
import type { RetrainPlan } from '../../engine/drift/retrain-plan.ts'
import { currentWindow, type TimeWindow } from '../../engine/drift/window.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { DAY_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { DriftDocument } from '../../evidence/documents/documents.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import type { KsBook } from './ks-book.ts'

/** Checks that are kept in memory: those of a day. */
const COURSE = DAY_MS / CHECK_EVERY_MS

interface CountedDay {
  readonly day: DriftDay
  /** Of its features in a row's values. */
  readonly places: Int32Array
  /** Rows of the reference itself are not compared with it. */
  readonly fromMs: UnixMs
}

/** The last 24 hours of one symbol beside the references of its models: the rows, the newest checks, and the retraining that is planned. */
export class DriftDayBook {
  private readonly counted = new Map<string, CountedDay>()
  /** By model, the newest last. */
  private readonly checks = new Map<string, DriftDocument[]>()
  private planned: RetrainPlan | null = null

  /** @param ks which reads the references' rows */
  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly ks: KsBook,
  ) {}

  get plan(): RetrainPlan | null {
    return this.planned
  }

  /** When any of the models was last checked; null before the first time. */
  get newestMs(): UnixMs | null {
    const newest = [...this.checks.values()].flatMap((course) => course.at(-1)?.at ?? [])
    return newest.length === 0 ? null : Math.max(...newest.map((at) => Date.parse(at)))
  }

  newestOf(version: string): DriftDocument | undefined {
    return this.checks.get(version)?.at(-1)
  }

  /** The newest checks, a day of them at most, the newest last. */
  courseOf(version: string): readonly DriftDocument[] {
    return this.checks.get(version) ?? []
  }

  /** When a model's verdict last became critical, as far as its course reaches; null where it did not. */
  criticalSince(version: string): UnixMs | null {
    const course = this.courseOf(version)
    const became = course.findLast(({ verdict }, i) => verdict === 'critical' && course[i - 1]?.verdict !== 'critical')
    return became === undefined ? null : Date.parse(became.at)
  }

  /** What the last checks of a model said, as far as the next one needs them. */
  pastOf(version: string): readonly PastCheck[] {
    return this.courseOf(version).slice(-3).map(pastCheck)
  }

  count(row: FeatureRow): void {
    for (const day of this.counted.values()) addRow(day, row)
  }

  countFor(version: string, row: FeatureRow): void {
    const counted = this.counted.get(version)
    if (counted !== undefined) addRow(counted, row)
  }

  /** Reads the last day of one more model. @returns false once those of all these are known */
  prepareNext(models: readonly LoadedModel[], atMs: UnixMs): boolean {
    const next = models.find(({ version }) => !this.counted.has(version))
    if (next !== undefined) this.counted.set(next.version, this.read(next, currentWindow(next.reference, atMs, DAY_MS)))
    return next !== undefined
  }

  /** Of the rows of a window that ends now. Every row that has been counted is in the database by then. */
  figures(model: LoadedModel, window: TimeWindow): DriftFigures {
    let counted = this.counted.get(model.version)
    if (counted === undefined) {
      counted = this.read(model, window)
      this.counted.set(model.version, counted)
    }
    counted.day.dropBefore(window.fromMs)
    return counted.day.figures()
  }

  /** Takes a check; inside the caller's transaction. */
  take(document: DriftDocument, wallMs: number): void {
    const course = this.checks.get(document.model) ?? []
    this.checks.set(document.model, course)
    course.push(document)
    if (course.length > COURSE) course.shift()
    this.store.drift.putCheck(document, wallMs)
  }

  /** Inside the caller's transaction. */
  setPlan(plan: RetrainPlan | null): void {
    if (plan === null && this.planned === null) return
    this.planned = plan
    this.store.facts.setOf(this.symbol, 'retrainPlan', plan)
  }

  /** Other models stand in the slots now: the checks of those that are new are read. */
  reload(standing: readonly LoadedModel[]): void {
    for (const version of [...this.counted.keys(), ...this.checks.keys()])
      if (!standing.some((model) => model.version === version)) {
        this.counted.delete(version)
        this.checks.delete(version)
      }
    for (const { version } of standing)
      if (!this.checks.has(version))
        this.checks.set(version, this.store.drift.newestChecks(this.symbol, version, COURSE))
  }

  /** Rows are read again when they are next needed. */
  clear(): void {
    this.counted.clear()
  }

  /** The checks and the plan, back to where the database stands: the rows that were counted since are in no check, and stay. */
  restoreChecks(standing: readonly LoadedModel[]): void {
    this.checks.clear()
    this.reload(standing)
    this.planned = this.store.facts.of(this.symbol, 'retrainPlan')
  }

  private read(model: LoadedModel, { fromMs }: TimeWindow): CountedDay {
    const features = Object.keys(model.reference.features)
    const catalogue = this.store.features.catalogueOf(this.symbol)
    const counted = {
      day: new DriftDay(model.reference.features, this.ks.referencesOf(model)),
      places: catalogue.places(features),
      fromMs: model.reference.window.untilMs,
    }
    for (const row of this.store.features.eachOf(this.symbol, fromMs, Number.MAX_SAFE_INTEGER, features))
      addRow(counted, row)
    return counted
  }
}

function pastCheck({ at, level, beyond_kill: beyondKill }: DriftDocument): PastCheck {
  return { atMs: Date.parse(at), level, beyondKill }
}

function addRow({ day, places, fromMs }: CountedDay, { tsMs, values }: FeatureRow): void {
  if (tsMs < fromMs) return
  day.add(
    tsMs,
    Float64Array.from(places, (place) => values[place] ?? Number.NaN),
  )
}
