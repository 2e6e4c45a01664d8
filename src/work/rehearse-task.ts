import { openStore, type Store } from '../db/store.ts'
import { CHECK_EVERY_MS } from '../engine/drift/check.ts'
import { DriftDay } from '../engine/drift/drift-day.ts'
import { ksReferences } from '../engine/drift/ks-hours.ts'
import { type RecordedWeeks, rehearse, rehearsedDays, type RehearsedMinute } from '../engine/drift/rehearsal.ts'
import { DAY_MS, floorTo } from '../engine/kernel/units.ts'
import { heuristicScore } from '../engine/models/heuristic.ts'
import type { RehearsalOutcome, RehearseTask } from './task.ts'

/** Reads recorded weeks from the database (for reading only) and holds rules with other limits against them. */
export function rehearseRules(task: RehearseTask): RehearsalOutcome {
  const store = openStore(task.dataDir, 'read')
  try {
    const weeks = recordedWeeks(store, task)
    const days = rehearsedDays(weeks)
    return { days, variants: task.variants.map(({ name, limits }) => ({ name, rules: rehearse(weeks, days, limits) })) }
  } finally {
    store.db.close()
  }
}

function recordedWeeks(store: Store, task: RehearseTask): RecordedWeeks {
  const { symbol, version, window, reference } = task
  const snapshots = store.drift
    .snapshots(symbol, version, window.fromMs, window.untilMs)
    .flatMap(({ tsMs: atMs, document: { verdict, overall_psi: overall, worst } }) =>
      verdict === 'WAIT' || overall === null ? [] : [{ atMs, overall, worst: worst?.psi ?? 0 }],
    )
  return {
    window,
    checks: checksOf(store, task),
    ownDays: reference.ownDays,
    snapshots,
    // Without those that filled a gap afterwards: nothing was known of them then.
    bars: store.bars.observedBetween(symbol, window.fromMs, window.untilMs).map(({ tsMs }) => tsMs),
    minutes: minutesOf(store, task),
    threshold: task.threshold,
    promise: task.promise,
  }
}

/** The figures of every quarter of an hour: the limits alone differ from one variant to the next. */
function checksOf(store: Store, { symbol, window, reference }: RehearseTask): RecordedWeeks['checks'] {
  const names = Object.keys(reference.features)
  const { fromMs, untilMs } = reference.window
  const day = new DriftDay(
    reference.features,
    ksReferences(names, store.features.table(symbol, fromMs, untilMs, names)),
  )
  const firstMs = Math.max(untilMs, window.fromMs - DAY_MS)
  const table = store.features.table(symbol, firstMs, window.untilMs, names)
  const checks: { atMs: number; figures: ReturnType<DriftDay['figures']> }[] = []
  let taken = 0
  const beginMs = floorTo(window.fromMs + CHECK_EVERY_MS - 1, CHECK_EVERY_MS)
  for (let atMs = beginMs; atMs <= window.untilMs; atMs += CHECK_EVERY_MS) {
    let next = taken
    while (next < table.tsMs.length && (table.tsMs[next] ?? Infinity) < atMs) next++
    day.addRows(table, taken, next)
    taken = next
    day.dropBefore(Math.max(untilMs, atMs - DAY_MS))
    checks.push({ atMs, figures: day.figures() })
  }
  return checks
}

function minutesOf(store: Store, { symbol, version, window, label }: RehearseTask): readonly RehearsedMinute[] {
  const variance = store.features.column(symbol, 'ewma_var_1m', window.fromMs, window.untilMs)
  return store.predictions.settled(symbol, version, window.fromMs, window.untilMs).flatMap((row) => {
    const fallback = heuristicScore(variance.get(row.tsMs) ?? Number.NaN, label)
    return Number.isNaN(fallback) ? [] : [{ ...row, fallback }]
  })
}
