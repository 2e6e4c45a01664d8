/** Outcomes that a caller names by the key under which a prediction was asked for. */
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { KeyedOutcome, SaidOutcome } from '../../control/own-commands.ts'
import { conflict, notFound } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoTime, MINUTE_MS, spanText, type UnixMs } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'

/** Keys have no index, which would cost every prediction: the rows of the span are read, some 1.5 million a second. */
const SLICE_MS = 10 * MINUTE_MS
/** A client that got no answer asks again under the same key, perhaps a minute later: the answer that it has is of the newest. */
const RETRIED_WITHIN_MS = 2 * MINUTE_MS

/**
 * The minute of each outcome. A key is looked for among the predictions of the last day and the label's horizon before it, which is as
 * long as an outcome can be overdue.
 * @throws OperatorError for a key that no prediction of that span has, and for one of predictions that lie apart
 */
export async function minutesOfOutcomes(
  desk: Desk,
  outcomes: readonly (SaidOutcome | KeyedOutcome)[],
): Promise<readonly SaidOutcome[]> {
  const keys = new Set(outcomes.flatMap((one) => ('key' in one ? [one.key] : [])))
  const minutes = keys.size === 0 ? new Map<string, UnixMs>() : await minutesOfKeys(desk, [...keys])
  return outcomes.map((one) => ('key' in one ? { tsMs: minutes.get(one.key) ?? Number.NaN, label: one.label } : one))
}

async function minutesOfKeys({ symbol, parts, tape }: Desk, keys: readonly string[]): Promise<Map<string, UnixMs>> {
  const reachMs = DAY_MS + parts.limits.label.horizonMin * MINUTE_MS
  const untilMs = (tape.newestBar?.tsMs ?? 0) + MINUTE_MS
  const [first, newest] = [new Map<string, UnixMs>(), new Map<string, UnixMs>()]
  for (let fromMs = Math.max(0, untilMs - reachMs); fromMs < untilMs; fromMs += SLICE_MS) {
    const slice = parts.store.predictions.minutesOfKeys(symbol, keys, fromMs, Math.min(fromMs + SLICE_MS, untilMs))
    for (const { key, tsMs } of slice.toSorted((a, b) => a.tsMs - b.tsMs)) {
      const firstMs = first.get(key) ?? tsMs
      // From the first on: a key of one caller, who asks each minute, is never far from its last.
      if (tsMs - firstMs > RETRIED_WITHIN_MS) throw ambiguous(key, firstMs, tsMs)
      first.set(key, firstMs)
      newest.set(key, tsMs)
    }
    await othersTurn()
  }
  const unknown = keys.find((key) => !newest.has(key))
  if (unknown !== undefined)
    throw notFound(
      `no prediction has the key "${unknown}"`,
      `those of ${symbol} of the last ${spanText(reachMs)} were looked at`,
      'name the outcome by ts_ms, or by the id of the answer',
      'key',
    )
  return newest
}

function ambiguous(key: string, first: UnixMs, second: UnixMs): Error {
  return conflict(
    `the key "${key}" names several predictions`,
    `one is of ${isoTime(first)}, another of ${isoTime(second)}`,
    'name the outcome by ts_ms, or by the id of the answer',
    'key',
  )
}
