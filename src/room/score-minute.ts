import type { Stopwatch } from '../engine/kernel/clock.ts'
import type { PredictionService } from '../serving/service.ts'
import { scoreFallback } from '../serving/score-history.ts'
import type { Desk } from './desk.ts'

/** The room's own prediction of a minute: through the same path as a caller's, until its shadow run is recorded. */
export async function scoreMinute(service: PredictionService, desk: Desk, stopwatch: Stopwatch): Promise<void> {
  const row = desk.latest
  if (row === null) return
  scoreFallback(desk, row)
  const shadowed = new Promise<void>((resolve, reject) => {
    service.predict(desk, { source: 'minute', acceptedMs: stopwatch(), onShadow: () => resolve() }).catch(reject)
  })
  await shadowed
  service.flushShadow()
}
