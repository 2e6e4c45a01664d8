import { murmur3 } from '../../engine/canary/split.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import type { Stopwatch } from '../../engine/kernel/clock.ts'
import { drawWithout, seededRandom, type Random } from '../../engine/kernel/random.ts'
import { DAY_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { hasColumns } from '../../serving/answer.ts'
import type { PredictionService } from '../../serving/service.ts'
import type { Desk } from '../desk/desk.ts'

/** A phase draws its rows once, when it begins, and sends them one after the other. */
interface Draw {
  readonly phase: string
  readonly rows: readonly Float64Array[]
}

/** Sends a canary's probes: rows of the last 24 hours through the same path as a caller's request, counted apart. */
export class CanaryProbes {
  /** By symbol. */
  private readonly draws = new Map<string, Draw>()

  constructor(
    private readonly service: PredictionService,
    private readonly stopwatch: Stopwatch,
  ) {}

  /** Sends the probes that are due. Seeded by the run and its phase, so that a process that died goes on with the same rows. */
  async send(desk: Desk, atMs: UnixMs): Promise<void> {
    const { canary } = desk
    const { phase } = canary
    const missing = canary.probesMissing(atMs)
    if (phase === null || missing === 0) return
    let draw = this.draws.get(desk.symbol)
    if (draw?.phase !== phase.key) {
      const random = seededRandom(murmur3(phase.key, 0))
      const rows = drawRows(desk, phase.state.sinceMs, canary.probesPlanned, random).map((row) => row.values)
      draw = { phase: phase.key, rows }
      this.draws.set(desk.symbol, draw)
    }
    const from = phase.run.probesSent
    const due = draw.rows.slice(from, from + missing)
    await Promise.all(due.map((values) => this.sendOne(desk, { values, phase: phase.key })))
    // A day with fewer rows than probes has no more to send: the count goes on, so that nothing waits for them.
    canary.countProbes(missing)
    this.service.flushShadow()
  }

  private sendOne(desk: Desk, probe: { values: Float64Array; phase: string }): Promise<void> {
    const { service, stopwatch } = this
    return new Promise((resolve, reject) => {
      service
        .predict(desk, { source: 'probe', probe, acceptedMs: stopwatch(), onShadow: () => resolve() })
        .catch(reject)
    })
  }
}

/**
 * Rows of the last 24 hours, drawn without repetition, that both models can score: what probes are sent with. Fewer than
 * asked for when the day has fewer.
 */
export function drawRows(desk: Desk, atMs: UnixMs, count: number, random: Random): FeatureRow[] {
  const { candidate, inCharge: baseline } = desk.lineUp
  if (candidate === null || baseline === null) return []
  const rows = [...desk.parts.store.features.each(desk.symbol, atMs - DAY_MS, atMs)].filter(
    (row) => hasColumns(candidate.model, row.values) && hasColumns(baseline.model, row.values),
  )
  return drawWithout(rows, count, random)
}
