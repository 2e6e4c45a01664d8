import { DAY_MS, floorTo, HOUR_MS, isoDate, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { predictionLines, SHADOW_LOG_DIR, shadowLogDate, tradeLines } from '../../evidence/shadow-log.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

/** Days written at once when a room comes back after a long time; the rest follows a day later. */
const MAX_DAYS = 7

/**
 * Writes the shadow log of each day that has ended and whose minutes are settled, from the rows themselves, so that a day has
 * each line once however often the room was killed in it. The first time, of the newest such day alone. Inside the caller's
 * transaction.
 * @returns how many days
 */
export function keepShadowLog(desk: Desk, evidence: EvidenceWriter, atMs: UnixMs): number {
  // In history, counts of minutes are still in memory.
  desk.persist()
  const untilMs = settledUntil(desk, atMs)
  let days = 0
  for (let dayMs = firstDue(desk, evidence, untilMs); dayMs < untilMs && days < MAX_DAYS; dayMs += DAY_MS)
    if (keepDay(desk, evidence, dayMs, atMs)) days++
  return days
}

/** The end of the newest day of which no minute is still to be settled. */
function settledUntil({ tape, parts }: Desk, atMs: UnixMs): UnixMs {
  const barsUntilMs = (tape.newestBar?.tsMs ?? 0) + MINUTE_MS
  const horizonMs = parts.limits.label.horizonMin * MINUTE_MS
  return floorTo(Math.min(atMs - HOUR_MS, barsUntilMs - horizonMs - MINUTE_MS), DAY_MS)
}

function firstDue({ symbol, parts }: Desk, evidence: EvidenceWriter, untilMs: UnixMs): UnixMs {
  const dates = parts.store.journal
    .entriesUnder(evidence.subject(symbol, SHADOW_LOG_DIR))
    .flatMap(({ subject }) => shadowLogDate(subject.slice(subject.lastIndexOf('/') + 1)) ?? [])
  const newest = dates.toSorted().at(-1)
  return newest === undefined ? untilMs - DAY_MS : Date.parse(newest) + DAY_MS
}

/** @returns whether there was anything to write */
function keepDay(desk: Desk, evidence: EvidenceWriter, dayMs: UnixMs, atMs: UnixMs): boolean {
  const { symbol, parts } = desk
  const span = [symbol, dayMs, dayMs + DAY_MS] as const
  const minutes = parts.store.predictions.settledByAll(...span)
  const trades = parts.store.trading.closedIn(...span).filter(({ source }) => source === 'paper')
  const write = (name: string, text: string): void => {
    const subject = evidence.subject(symbol, `${SHADOW_LOG_DIR}${name}_${isoDate(dayMs)}.jsonl`)
    evidence.writeText(subject, text, atMs)
  }
  if (minutes.length > 0) {
    const sources = parts.store.rollups.ownMinutes(...span)
    const thresholds = thresholdsOf(desk, new Set(minutes.map(({ model }) => model)))
    const lines = minutes.map(({ tsMs, model, score, label }) => {
      const source = sources.get(model)?.get(tsMs) ?? null
      return { tsMs, model, score, label, source, threshold: thresholds.get(model) ?? null }
    })
    write('predictions', predictionLines(lines))
  }
  if (trades.length > 0) write('trades', tradeLines(trades))
  return minutes.length + trades.length > 0
}

function thresholdsOf({ symbol, parts, fallback }: Desk, models: ReadonlySet<string>): ReadonlyMap<string, number> {
  const thresholds = new Map<string, number>([[fallback.version, fallback.threshold]])
  for (const model of models) {
    const threshold = parts.store.models.get(symbol, model)?.weights.threshold
    if (threshold !== undefined) thresholds.set(model, threshold)
  }
  return thresholds
}
