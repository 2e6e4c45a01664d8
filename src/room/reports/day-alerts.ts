import type { AlertChangeRow } from '../../db/watch.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'

/** Those that fired at any time of the day: what began earlier and was not over, then what began on it. */
export function alertsOf(changes: readonly AlertChangeRow[], dayMs: UnixMs): readonly AlertChangeRow[] {
  const stood = new Map<string, AlertChangeRow>()
  for (const change of changes) {
    if (change.tsMs >= dayMs) continue
    if (change.change === 'fired') stood.set(change.rule, change)
    else if (change.change === 'resolved') stood.delete(change.rule)
  }
  return [...stood.values(), ...changes.filter(({ tsMs, change }) => tsMs >= dayMs && change === 'fired')]
}
