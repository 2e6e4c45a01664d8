import { join } from 'node:path'
import type { Catalogue } from '../engine/features/catalogue.ts'
import { catalogues, type Catalogues } from './catalogues.ts'
import { accessRepo, type AccessRepo } from './access.ts'
import { barRepo, type BarRepo } from './bars.ts'
import { openDatabase, type Database, type OpenMode } from './connect.ts'
import { calibrationRepo, type CalibrationRepo } from './calibrations.ts'
import { ensembleRepo, type EnsembleRepo } from './ensembles.ts'
import { driftRepo, type DriftRepo } from './drift.ts'
import { featureRepo, type FeatureRepo } from './features.ts'
import { frameRepo, type FrameRepo } from './frame-rows.ts'
import { factRepo, type FactRepo } from './facts.ts'
import { feedRepo, type FeedRepo } from './feeds.ts'
import { jobRepo, type JobRepo } from './jobs.ts'
import { journalRepo, type JournalRepo } from './journal.ts'
import { modelRepo, type ModelRepo } from './models.ts'
import { notificationRepo, type NotificationRepo } from './notifications.ts'
import { predictionRepo, type PredictionRepo } from './predictions.ts'
import { ownLabelRepo, type OwnLabelRepo } from './own-labels.ts'
import { ownRepo, type OwnRepo } from './own-columns.ts'
import { outboxRepo, type OutboxRepo } from './outbox.ts'
import { releaseRepo, type ReleaseRepo } from './release.ts'
import { reportRepo, type ReportRepo } from './reports.ts'
import { rowDigestRepo, type RowDigestRepo } from './row-digests.ts'
import { rollupRepo, type RollupRepo } from './rollups.ts'
import { setRepo, type SetRepo } from './sets.ts'
import { tickRepo, type TickRepo } from './ticks.ts'
import { tradingRepo, type TradingRepo } from './trading.ts'
import { watchRepo, type WatchRepo } from './watch.ts'

/** All that a room remembers: one repository a subject over one database. */
export interface Store {
  readonly db: Database
  readonly bars: BarRepo
  readonly features: FeatureRepo
  readonly frames: FrameRepo
  readonly own: OwnRepo
  readonly ownLabels: OwnLabelRepo
  readonly catalogues: Catalogues
  readonly predictions: PredictionRepo
  readonly rollups: RollupRepo
  readonly digests: RowDigestRepo
  readonly drift: DriftRepo
  readonly calibrations: CalibrationRepo
  readonly ensembles: EnsembleRepo
  readonly models: ModelRepo
  readonly watch: WatchRepo
  readonly journal: JournalRepo
  readonly outbox: OutboxRepo
  readonly reports: ReportRepo
  readonly facts: FactRepo
  readonly jobs: JobRepo
  readonly feeds: FeedRepo
  readonly access: AccessRepo
  readonly release: ReleaseRepo
  readonly notifications: NotificationRepo
  readonly trading: TradingRepo
  readonly sets: SetRepo
  readonly ticks: TickRepo
}

export function databasePath(dataDir: string): string {
  return join(dataDir, 'onay.db')
}

/** @throws OperatorError as openDatabase does. */
export function openStore(dataDir: string, mode: OpenMode): Store {
  const db = openDatabase(databasePath(dataDir), mode)
  const own = once(() => ownRepo(db))
  const frames = once(() => frameRepo(db))
  const ownLabels = once(() => ownLabelRepo(db))
  const known = catalogues(own)
  const catalogueOf = (symbol: string): Catalogue => known.of(symbol)
  const repos: Makers<Omit<Store, 'db'>> = {
    bars: () => barRepo(db),
    features: () => featureRepo(db, catalogueOf, { frames: frames(), own: own(), labels: ownLabels() }),
    frames,
    own,
    ownLabels,
    catalogues: () => known,
    predictions: () => predictionRepo(db),
    rollups: () => rollupRepo(db),
    digests: () => rowDigestRepo(db),
    drift: () => driftRepo(db),
    calibrations: () => calibrationRepo(db),
    ensembles: () => ensembleRepo(db),
    models: () => modelRepo(db, catalogueOf),
    watch: () => watchRepo(db),
    journal: () => journalRepo(db),
    outbox: () => outboxRepo(db),
    reports: () => reportRepo(db),
    facts: () => factRepo(db),
    jobs: () => jobRepo(db),
    feeds: () => feedRepo(db),
    access: () => accessRepo(db),
    release: () => releaseRepo(db),
    notifications: () => notificationRepo(db),
    trading: () => tradingRepo(db),
    sets: () => setRepo(db, catalogueOf),
    ticks: () => tickRepo(db),
  }
  return madeWhenUsed({ db }, repos)
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}

type Makers<T> = { readonly [K in keyof T]: () => T[K] }

/** Adds fields that are each made when they are first read: a command that reads one table prepares its statements alone. */
function madeWhenUsed<T extends object, Made extends object>(to: T, makers: Makers<Made>): T & Made {
  for (const [name, make] of Object.entries<() => unknown>(makers)) {
    const get = (): unknown => {
      const value = make()
      Object.defineProperty(to, name, { value, enumerable: true })
      return value
    }
    Object.defineProperty(to, name, { get, enumerable: true, configurable: true })
  }
  return to as T & Made
}
