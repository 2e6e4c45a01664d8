/** What may be removed after a time: raw rows, and the logs of single days. Reports, runs and everything else are kept. */
import { DAY_MS, isoDate, type UnixMs } from '../engine/kernel/units.ts'
import { FILE } from './audit.ts'
import type { ChainEntry } from './chain.ts'
import { rotatedDate } from './feature-log.ts'
import { shadowLogDate } from './shadow-log.ts'

/** How the name of each day's feature log begins. */
export const ROTATED_PREFIX = 'features_raw_'

/** Raw rows and logs from this moment on are kept. */
export function keptFromMs(atMs: UnixMs, rawDays: number): UnixMs {
  return atMs - rawDays * DAY_MS
}

/**
 * Of the newest entries of some subjects, those whose file is a day's feature or shadow log that ended before a moment and is still
 * there as far as the chain knows. No gate asks for such a file.
 */
export function prunableLogs(newest: readonly ChainEntry[], beforeMs: UnixMs): readonly ChainEntry[] {
  const before = isoDate(beforeMs)
  return newest.filter(({ kind, subject }) => {
    const name = subject.slice(subject.lastIndexOf('/') + 1)
    const date = rotatedDate(name) ?? shadowLogDate(name)
    return kind === FILE && date !== null && date < before
  })
}
