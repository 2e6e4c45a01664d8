import { openStore } from '../db/store.ts'
import { countRows } from '../engine/drift/counts.ts'
import { ksOfRows, ksReferences } from '../engine/drift/ks-hours.ts'
import { buildReference, type DriftReference } from '../engine/drift/reference.ts'
import type { TimeWindow } from '../engine/drift/window.ts'
import { psiSnapshot, type PsiLimits, type PsiSnapshot } from '../engine/drift/snapshot.ts'
import { currentWindow } from '../engine/drift/window.ts'
import type { FeatureTable } from '../engine/features/row.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { DriftOutcome, DriftTask, MeasuredDrift } from './task.ts'

/** Reads the rows from the database (for reading only) and measures what a validation shows of drift. */
export function measureDrift(task: DriftTask): DriftOutcome {
  const { symbol, atMs, limits, reference, former } = task
  const store = openStore(task.dataDir, 'read')
  const columns = [reference, ...(former === null ? [] : [former])].flatMap(({ features }) => Object.keys(features))
  const rows = (fromMs: UnixMs, untilMs: UnixMs): FeatureTable => store.features.table(symbol, fromMs, untilMs, columns)
  try {
    return {
      own: lastDays(reference, rows, atMs, limits),
      halves: betweenHalves(reference, rows, limits),
      former: former === null ? null : lastDays(former, rows, atMs, limits),
    }
  } finally {
    store.db.close()
  }
}

type Rows = (fromMs: UnixMs, untilMs: UnixMs) => FeatureTable

function lastDays(reference: DriftReference, rows: Rows, atMs: UnixMs, limits: PsiLimits): MeasuredDrift {
  const window = currentWindow(reference, atMs, limits.windowMs)
  const then = rows(reference.window.fromMs, reference.window.untilMs)
  return { reference, snapshot: compared(reference, then, rows(window.fromMs, window.untilMs), window, atMs, limits) }
}

/** What moved while the model was trained will go on moving: the second half is judged by deciles of the first. */
function betweenHalves(reference: DriftReference, rows: Rows, limits: PsiLimits): MeasuredDrift | null {
  const { fromMs, untilMs } = reference.window
  const middleMs = fromMs + (untilMs - fromMs) / 2
  const [first, second] = [rows(fromMs, middleMs), rows(middleMs, untilMs)]
  if (first.tsMs.length === 0 || second.tsMs.length === 0) return null
  const columns = Object.keys(reference.features)
  const half = buildReference(reference.version, first, columns, { fromMs, untilMs: middleMs })
  // Both halves lie in the past: there is nothing to wait for.
  const now = { ...limits, windowMs: 0 }
  return { reference: half, snapshot: compared(half, first, second, { fromMs: middleMs, untilMs }, untilMs, now) }
}

/** @param then the reference's own rows @param now those of the window */
function compared(
  reference: DriftReference,
  then: FeatureTable,
  now: FeatureTable,
  window: TimeWindow,
  atMs: UnixMs,
  limits: PsiLimits,
): PsiSnapshot {
  const { fromMs, untilMs } = window
  const counted = countRows(reference.features, now, fromMs, untilMs)
  const ks = ksOfRows(ksReferences(Object.keys(reference.features), then), now, fromMs, untilMs)
  return psiSnapshot(reference, { ...window, ...counted }, ks, atMs, limits)
}
