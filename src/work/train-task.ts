import { createHash } from 'node:crypto'
import { openStore } from '../db/store.ts'
import { HourlyCounts } from '../engine/drift/hourly.ts'
import { buildReference } from '../engine/drift/reference.ts'
import type { Column } from '../engine/features/catalogue.ts'
import { columnOf, type FeatureTable } from '../engine/features/row.ts'
import { monotonicMs } from '../engine/kernel/clock.ts'
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
    const table = store.features.table(task.symbol, task.window.fromMs, task.window.untilMs)
    const { weights, report, columns } = worthOf(task, table, (share, step) => onProgress(share * 0.9, step))
    onProgress(0.92, 'reference distributions')
    const reference = buildReference(task.version, table, columns.drift, task.window)
    onProgress(0.97, 'rows since then')
    const counts = new HourlyCounts(reference, table.catalogue)
    const hourMs = new Set<number>()
    for (const row of store.features.each(task.symbol, task.window.untilMs, task.countUntilMs)) {
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
  readonly columns: { readonly model: readonly Column[]; readonly drift: readonly Column[] }
}

function worthOf(task: TrainTask, table: FeatureTable, onProgress: OnProgress): Worth {
  const { version, window, label, seed, limits, baseline, elsewhere } = task
  const input = { version, table, window, label, seed, limits, baseline }
  if (elsewhere !== null) {
    const { weights, ownThreshold, tsMs } = elsewhere
    const { features } = weights
    const scores = new Map(Array.from(tsMs, (at, i) => [at, elsewhere.scores[i] ?? Number.NaN]))
    const { threshold, report } = holdOut({ ...input, features, scores }, onProgress)
    const columns = { model: features, drift: features }
    return { weights: ownThreshold ? weights : { ...weights, threshold }, report, columns }
  }
  const columns = table.catalogue.set(task.featureSet)
  if (columns === undefined) throw new RangeError(`there is no feature set ${task.featureSet}`)
  const { folds, embargoMin } = task
  return { ...train({ ...input, features: columns.model, folds, embargoMin }, onProgress), columns }
}

/** SHA-256 over the times and the columns that were trained on, as little-endian doubles. */
function hashOf(table: FeatureTable, columns: readonly Column[]): string {
  const hash = createHash('sha256')
  for (const values of [table.tsMs, ...columns.map((name) => columnOf(table, name))]) {
    hash.update(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
  }
  return hash.digest('hex')
}

function copyOf(counts: Readonly<Record<string, readonly number[]>>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(counts).map(([name, bins]) => [name, [...bins]]))
}
