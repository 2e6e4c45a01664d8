import { openStore } from '../db/store.ts'
import { monotonicMs } from '../engine/kernel/clock.ts'
import type { OnProgress } from '../engine/kernel/progress.ts'
import { prepareSet, type SetTraining } from '../engine/training/set-rows.ts'
import { setOf } from '../engine/training/set-report.ts'
import { threadsFor, trainMembers } from './set-threads.ts'
import type { SetOutcome, SetTask } from './task.ts'

/** Reads the window's rows and bars from the database (for reading only) and trains a set on them. */
export async function trainStoredSet(task: SetTask, onProgress: OnProgress): Promise<SetOutcome> {
  const began = monotonicMs()
  onProgress(0, 'reading rows')
  const input = readInput(task)
  const prepared = prepareSet(input)
  const trained = await trainMembers(prepared, threadsFor(task.threads), onProgress)
  return { ...setOf(input, prepared, trained), seconds: (monotonicMs() - began) / 1_000 }
}

function readInput({ dataDir, symbol, version, featureSet, window, seed }: SetTask): SetTraining {
  const store = openStore(dataDir, 'read')
  try {
    const table = store.features.table(symbol, window.fromMs, window.untilMs)
    const bars = store.bars.between(symbol, window.fromMs, window.untilMs)
    const features = table.catalogue.set(featureSet)?.model
    if (features === undefined) throw new RangeError(`there is no feature set ${featureSet}`)
    return { version, table, bars, features, window, seed }
  } finally {
    store.db.close()
  }
}
