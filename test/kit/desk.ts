import { afterEach } from 'vitest'
import { openStore, type Store } from '../../src/db/store.ts'
import { builtInCatalogue, type Column } from '../../src/engine/features/catalogue.ts'
import type { FeatureRow } from '../../src/engine/features/row.ts'
import type { Calibration } from '../../src/engine/models/calibration.ts'
import type { AnyModel, Model } from '../../src/engine/models/contract.ts'
import { CircuitBreaker } from '../../src/engine/shadow/breaker.ts'
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import {
  type Answer,
  NOT_PICKED,
  type PredictRequest,
  type ServingDesk,
  type ServingLimits,
  type ShadowResult,
} from '../../src/serving/contract.ts'
import type { LatencyHistogram } from '../../src/db/latency-histogram.ts'
import { LineUp, type LoadedModel, UNCALIBRATED } from '../../src/serving/line-up.ts'
import { RollupBook } from '../../src/serving/rollups.ts'
import { PredictionService } from '../../src/serving/service.ts'
import { freshDirectories } from './directories.ts'
import { MINUTE, THREE_WEEKS_ON } from './moments.ts'
import { bringDatabase } from './migrated.ts'

/** The newest row's bar; it is known a minute later. */
export const ROW_MS = THREE_WEEKS_ON
export const KNOWN_MS = ROW_MS + MINUTE
export const WALL_MS = Date.parse('2026-01-02T03:04:05Z')
export const ALL_SOURCES = ['history', 'minute', 'caller', 'probe'] as const

export const SERVING_LIMITS: ServingLimits = {
  stalenessBars: 2,
  shadowBudgetMs: 60,
  matchTolerance: 0.05,
  fallbackDecides: false,
  durability: 'process',
}

export function modelOf(version: string, score: Model['score'], features: readonly Column[] = ['mid', 'rsi14']): Model {
  return { version, kind: 'logistic', features, places: builtInCatalogue.places(features), threshold: 0.6, score }
}

export function loaded(model: AnyModel): LoadedModel {
  const reference = {
    version: model.version,
    window: { fromMs: 0, untilMs: 1 },
    n: 1,
    features: {},
    withinReference: null,
    ownDays: null,
  }
  return {
    version: model.version,
    sha256: model.version,
    model,
    reference,
    calibration: UNCALIBRATED,
    profile: 'equivalent',
    sinceMs: 0,
    offline: null,
  }
}

export function rowOf(missing: readonly Column[] = [], tsMs = ROW_MS): FeatureRow {
  return {
    tsMs,
    values: Float64Array.from(builtInCatalogue.names, (name, i) => (missing.includes(name) ? Number.NaN : i + 1)),
  }
}

/** A histogram as what can be told from it. */
export function shape(histogram: LatencyHistogram): readonly (number | null)[] {
  return [histogram.count, ...[0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1].map((q) => histogram.quantileMs(q))]
}

export interface BenchOptions {
  readonly baseline?: AnyModel | null
  readonly candidate?: AnyModel
  readonly former?: AnyModel
  readonly challengers?: readonly AnyModel[]
  readonly row?: FeatureRow | null
  readonly killSwitch?: boolean
  readonly limits?: Partial<ServingLimits>
  /** Of the model in charge. */
  readonly calibration?: Calibration
}

/** Benches for the tests of a file, each in a directory of its own and closed after its test. */
export function freshBenches(): (options?: BenchOptions) => Bench {
  const fresh = freshDirectories()
  const open: Bench[] = []
  afterEach(async () => {
    for (const made of open.splice(0)) await made.close()
  })
  return (options) => {
    const made = new Bench(fresh(), options)
    open.push(made)
    return made
  }
}

/** A service over a real database, with every clock in the test's hands. */
export class Bench {
  readonly store: Store
  /** Commits that survive the machine's death. */
  synced = 0
  readonly service: PredictionService
  readonly market = new ManualClock(KNOWN_MS)
  readonly rollups = new RollupBook('AAAUSDT')
  readonly breaker = new CircuitBreaker()
  readonly troubles: string[] = []
  readonly scored: [tsMs: number, model: string, score: number][] = []
  /** What callers were told. */
  readonly decided: string[] = []
  readonly breakerChanges: string[] = []
  readonly metered: string[] = []
  commits = 0
  desk: ServingDesk
  private monotonic = 1_000

  constructor(dir: string, options: BenchOptions = {}) {
    bringDatabase(dir)
    this.store = openStore(dir, 'write')
    const { db } = this.store
    const counted: Store = {
      ...this.store,
      db: {
        ...db,
        transaction: (work) => {
          this.commits++
          return db.transaction(work)
        },
        decision: (work) => {
          this.synced++
          return db.decision(work)
        },
      },
    }
    this.service = new PredictionService({
      store: counted,
      wall: new ManualClock(WALL_MS),
      stopwatch: () => this.monotonic,
      random: seededRandom(3),
      limits: { ...SERVING_LIMITS, ...options.limits },
      onTrouble: (what) => this.troubles.push(what),
      onStored: () => this.troubles.push('stored again'),
      meter: {
        answered: (_, model, status) => this.metered.push(`${model} ${status}`),
        baselineRan: (_, ok) => this.metered.push(`baseline ${ok ? 'ok' : 'error'}`),
        shadowRan: (_, result) => this.metered.push(`shadow ${result.kind}`),
      },
    })
    this.desk = this.deskOf(options)
  }

  private deskOf(options: BenchOptions): ServingDesk {
    const {
      baseline = modelOf('base', () => 0.5),
      candidate,
      former,
      challengers = [],
      row = rowOf(),
      killSwitch = false,
      calibration = UNCALIBRATED,
    } = options
    const lineUp = new LineUp({
      inCharge: baseline === null ? null : { ...loaded(baseline), calibration: { takenMs: null, ...calibration } },
      candidate: candidate === undefined ? null : loaded(candidate),
      former: former === undefined ? null : loaded(former),
      challengers: challengers.map((model) => loaded(model)),
    })
    return {
      symbol: 'AAAUSDT',
      catalogue: builtInCatalogue,
      lineUp,
      fallback: {
        version: 'fallback',
        kind: 'heuristic',
        features: ['ewma_var_1m'],
        places: builtInCatalogue.places(['ewma_var_1m']),
        threshold: 0.5,
        score: (values) => ((values[builtInCatalogue.place('ewma_var_1m')] ?? Number.NaN) > 0 ? 0.75 : Number.NaN),
      },
      latest: row,
      killSwitch,
      breaker: this.breaker,
      rollups: this.rollups,
      nowMs: () => this.market.now(),
      pick: () => NOT_PICKED,
      exposes: () => true,
      minuteScored: (tsMs, model, score) => this.scored.push([tsMs, model, score]),
      answered: (decision) => this.decided.push(decision),
      breakerChanged: (change) => this.breakerChanges.push(change),
    }
  }

  /** Lets wall time pass, also from within a model. */
  pass(ms: number): void {
    this.monotonic += ms
  }

  ask(request: Partial<PredictRequest> = {}): Promise<Answer> {
    return this.service.predict(this.desk, { source: 'caller', acceptedMs: this.monotonic, ...request })
  }

  /** One answer, and what the shadow said of it. */
  async askWithShadow(request: Partial<PredictRequest> = {}): Promise<{ answer: Answer; shadow: ShadowResult | null }> {
    let shadow: ShadowResult | null = null
    const answer = await this.ask({ ...request, onShadow: (result) => (shadow = result) })
    await this.service.drain()
    return { answer, shadow }
  }

  predictions() {
    return this.store.predictions.rawSince('AAAUSDT', 0).predictions
  }

  comparisons() {
    return this.store.predictions.rawSince('AAAUSDT', 0).comparisons
  }

  totals(model?: string) {
    return this.rollups.totals(ROW_MS, KNOWN_MS, ALL_SOURCES, model)
  }

  async close(): Promise<void> {
    await this.service.drain()
    this.store.db.close()
  }
}
