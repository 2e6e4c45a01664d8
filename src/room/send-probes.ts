import type { Stopwatch } from '../engine/kernel/clock.ts'
import { seededRandom } from '../engine/kernel/random.ts'
import { murmur3 } from '../engine/canary/split.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { PredictionService } from '../serving/service.ts'
import type { Desk } from './desk.ts'
import { drawRows } from './probes.ts'

/** A phase draws its rows once, when it begins, and sends them one after the other. */
interface Draw {
  readonly phase: string
  readonly rows: readonly Float64Array[]
}

const draws = new WeakMap<Desk, Draw>()

/**
 * Sends the probes that are due: rows of the last 24 hours through the same path as a caller's request, counted apart. Seeded by
 * the run and its phase, so that a process that died goes on with the same rows.
 */
export async function sendProbes(
  service: PredictionService,
  desk: Desk,
  atMs: UnixMs,
  stopwatch: Stopwatch,
): Promise<void> {
  const { canary } = desk
  const missing = canary?.probesMissing(atMs) ?? 0
  if (canary === null || missing === 0) return
  const phase = canary.runningPhase
  const planned = canary.probesPlanned
  let draw = draws.get(desk)
  if (draw?.phase !== phase) {
    const sinceMs = canary.phaseSinceMs ?? atMs
    draw = { phase, rows: drawRows(desk, sinceMs, planned, seededRandom(murmur3(phase, 0))).map((row) => row.values) }
    draws.set(desk, draw)
  }
  const from = canary.probesSentSoFar
  const due = draw.rows.slice(from, from + missing)
  await Promise.all(due.map((values) => sendOne(service, desk, { values, phase }, stopwatch)))
  // A day with fewer rows than probes has no more to send: the count goes on, so that nothing waits for them.
  canary.probeSent(missing)
  service.flushShadow()
}

function sendOne(
  service: PredictionService,
  desk: Desk,
  probe: { values: Float64Array; phase: string },
  stopwatch: Stopwatch,
): Promise<void> {
  return new Promise((resolve, reject) => {
    service.predict(desk, { source: 'probe', probe, acceptedMs: stopwatch(), onShadow: () => resolve() }).catch(reject)
  })
}
