import type { Stopwatch } from '../../engine/kernel/clock.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { scoreFallback } from '../../serving/score-history.ts'
import type { PredictionService } from '../../serving/service.ts'
import type { Desk } from '../desk/desk.ts'
import { CanaryProbes } from '../release/canary-probes.ts'

/** Who scores the minutes of a room that serves, and sends a canary's probes. */
export interface Scoring {
  /** Scores the newest row; resolves when its shadow run is recorded. */
  score(desk: Desk): Promise<void>
  /** Sends the probes that are due; resolves when their shadow runs are recorded. */
  probe(desk: Desk, atMs: UnixMs): Promise<void>
}

/** Scores through the service, on the same path as a caller's request. */
export class ServiceScoring implements Scoring {
  private readonly probes: CanaryProbes

  constructor(
    private readonly service: PredictionService,
    private readonly stopwatch: Stopwatch,
  ) {
    this.probes = new CanaryProbes(service, stopwatch)
  }

  async score(desk: Desk): Promise<void> {
    const row = desk.latest
    if (row === null) return
    const { service, stopwatch } = this
    scoreFallback(desk, row)
    const shadowed = new Promise<void>((resolve, reject) => {
      service.predict(desk, { source: 'minute', acceptedMs: stopwatch(), onShadow: () => resolve() }).catch(reject)
    })
    await shadowed
    service.flushShadow()
  }

  probe(desk: Desk, atMs: UnixMs): Promise<void> {
    return this.probes.send(desk, atMs)
  }
}

/** For commands that only run history: there is no service, and no caller to answer. */
export const NO_SCORING: Scoring = {
  score: () => Promise.resolve(),
  probe: () => Promise.resolve(),
}
