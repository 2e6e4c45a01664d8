import { DAY_MS, floorTo, isoDate, type UnixMs } from '../../engine/kernel/units.ts'

const DAYS = 7
const WEEKS = 4
/** 1 January 1970 was a Thursday: weeks begin on Mondays. */
const MONDAY_MS = 4 * DAY_MS

/** Which backups stay: the newest of each of the last 7 days and of the last 4 weeks, UTC, that have one. @param times Unix ms, in any order */
export function keptBackups(times: readonly UnixMs[]): ReadonlySet<UnixMs> {
  const newest = times.toSorted((a, b) => b - a)
  return new Set([
    ...firstOfEach(newest, isoDate, DAYS),
    ...firstOfEach(newest, (ms) => String(floorTo(ms - MONDAY_MS, 7 * DAY_MS)), WEEKS),
  ])
}

function firstOfEach(times: readonly UnixMs[], spanOf: (ms: UnixMs) => string, spans: number): readonly UnixMs[] {
  const firsts = new Map<string, UnixMs>()
  for (const ms of times) if (!firsts.has(spanOf(ms))) firsts.set(spanOf(ms), ms)
  return [...firsts.values()].slice(0, spans)
}
