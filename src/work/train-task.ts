import { createHash } from 'node:crypto'
import { openStore } from '../db/store.ts'
import { HourlyCounts } from '../engine/drift/hourly.ts'
import { buildReference } from '../engine/drift/reference.ts'
import { type Catalogue, type Column, dayScoreOf } from '../engine/features/catalogue.ts'
import { columnOf, type FeatureTable } from '../engine/features/row.ts'
import { monotonicMs } from '../engine/kernel/clock.ts'
import { bytesOfDoubles } from '../engine/kernel/doubles.ts'
import type { OnProgress } from '../engine/kernel/progress.ts'
import { floorTo, HOUR_MS } from '../engine/kernel/units.ts'
import type { ModelWeights } from '../engine/models/contract.ts'
import { holdOut } from '../engine/training/hold-out.ts'
import type { OfflineReportFigures } from '../engine/training/report.ts'
import { train } from '../engine/training/train.ts'
import type { TrainOutcome, TrainTask } from './task.ts'

/** Reads the window from the database (for reading only), trains, and measures the reference that drift will need. */
export function runTraining(task: TrainTask, onProgress: OnProgress): TrainOutcome {
  const began = monotonicMs()
  const store = openStore(task.dataDir, 'read')
  try {
    onProgress(0, 'reading rows')
    const { fromMs, untilMs } = task.window
    const columns = columnsFor(task, store.features.catalogueOf(task.symbol))
    const needed = [...columns.model, ...columns.drift, ...(task.baseline?.weights.features ?? [])]
    const table = store.features.labelled(task.symbol, fromMs, untilMs, needed, task.label)
    const { weights, report } = worthOf(task, table, columns.model, (share, step) => onProgress(share * 0.9, step))
    onProgress(0.92, 'reference distributions')
    const reference = buildReference(task.version, table, columns.drift, task.window)
    onProgress(0.97, 'rows since then')
    const counts = new HourlyCounts(reference, table.catalogue)
    const hourMs = new Set<number>()
    for (const row of store.features.each(task.symbol, untilMs, task.countUntilMs, columns.drift)) {
      counts.add(row)
      hourMs.add(floorTo(row.tsMs, HOUR_MS))
    }
    const hours = [...hourMs].flatMap((at) => {
      const hour = counts.hour(at)
      return hour === null ? [] : [{ hourMs: at, n: hour.n, counts: copyOf(hour.counts) }]
    })
    const data = { rows: table.tsMs.length, sha256: hashOf(table, columns.model) }
    return { weights, reference, report, data, hours, seconds: (monotonicMs() - began) / 1_000 }
  } finally {
    store.db.close()
  }
}

interface Worth {
  readonly weights: ModelWeights
  readonly report: OfflineReportFigures
}

interface ModelColumns {
  readonly model: readonly Column[]
  readonly drift: readonly Column[]
}

/** Drift is watched on the features themselves, however a model is given them. */
function columnsFor({ elsewhere, featureSet, ownSet, scaler }: TrainTask, catalogue: Catalogue): ModelColumns {
  if (elsewhere !== null) return { model: elsewhere.weights.features, drift: elsewhere.weights.features }
  const set = ownSet ?? catalogue.set(featureSet)
  if (set === undefined) throw new RangeError(`there is no feature set ${featureSet}`)
  return scaler === 'standard' ? set : { model: set.model.map(dayScoreOf), drift: set.drift }
}

function worthOf(task: TrainTask, table: FeatureTable, features: readonly Column[], onProgress: OnProgress): Worth {
  const { version, window, label, seed, limits, baseline, elsewhere } = task
  const input = { version, table, window, label, seed, limits, baseline }
  if (elsewhere !== null) {
    const { weights, ownThreshold, tsMs, mayLack, trainedUntilMs } = elsewhere
    const scores = new Map(Array.from(tsMs, (at, i) => [at, elsewhere.scores[i] ?? Number.NaN]))
    const told = trainedUntilMs === null ? 'unknown' : { trainedUntilMs }
    const seen = weights.kind === 'ensemble' ? 'never' : told
    const { threshold, report } = holdOut({ ...input, features, scores, mayLack, seen }, onProgress)
    return { weights: ownThreshold ? weights : { ...weights, threshold }, report }
  }
  const { folds, embargoMin } = task
  return train({ ...input, features, folds, embargoMin }, onProgress)
}

/** SHA-256 over the times and the columns that were trained on, as little-endian doubles. */
function hashOf(table: FeatureTable, columns: readonly Column[]): string {
  const hash = createHash('sha256')
  for (const values of [table.tsMs, ...columns.map((name) => columnOf(table, name))]) {
    hash.update(bytesOfDoubles(values))
  }
  return hash.digest('hex')
}

function copyOf(counts: Readonly<Record<string, readonly number[]>>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(counts).map(([name, bins]) => [name, [...bins]]))
}
