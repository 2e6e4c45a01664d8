import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { COMPARED_SOURCES } from '../../engine/shadow/source.ts'
import { logLoss } from '../../engine/stats/calibration.ts'
import { auc } from '../../engine/stats/ranking.ts'
import type { DailyReport } from '../../evidence/documents/documents.ts'
import type { Desk } from '../desk/desk.ts'
import { sumOf } from './rollup-sums.ts'

type DayPart = NonNullable<DailyReport['parts']>[number]

/** What was in charge in each part of a day on which that changed, and how it did there; empty for a day like any other. */
export function dayParts(desk: Desk, dayMs: UnixMs): readonly DayPart[] {
  const { symbol, parts } = desk
  const untilMs = dayMs + DAY_MS
  const changes = parts.store.release.promotionsIn(symbol, dayMs, untilMs)
  const first = changes[0]
  if (first === undefined) return []
  const begun = [
    { atMs: dayMs, model: first.former },
    ...changes.map(({ tsMs, version }) => ({ atMs: tsMs, model: version })),
  ]
  return begun.map(({ atMs, model }, i) => partOf(desk, model, atMs, begun[i + 1]?.atMs ?? untilMs))
}

function partOf({ symbol, parts }: Desk, model: string | null, fromMs: UnixMs, untilMs: UnixMs): DayPart {
  const { store } = parts
  const { tried, errors } = sumOf(store.rollups.countsBetween(symbol, fromMs, untilMs), COMPARED_SOURCES, model ?? '')
  const settled = model === null ? [] : store.predictions.settled(symbol, model, fromMs, untilMs)
  const [labels, scores] = [settled.map((row) => row.label), settled.map((row) => row.score)]
  const area = auc(labels, scores)
  return {
    from: isoTime(fromMs),
    until: isoTime(untilMs),
    baseline: model,
    tried,
    error_rate: tried === 0 ? null : errors / tried,
    settled: settled.length,
    auc: Number.isNaN(area) ? null : area,
    log_loss: settled.length === 0 ? null : logLoss(labels, scores),
  }
}
