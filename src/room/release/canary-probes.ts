import { heldFromMs, probesAnew, probesOf } from '../../engine/canary/probes.ts'
import { murmur3 } from '../../engine/canary/split.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import type { Stopwatch } from '../../engine/kernel/clock.ts'
import { drawWithout, seededRandom, type Random } from '../../engine/kernel/random.ts'
import { DAY_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { hasColumns } from '../../engine/models/columns.ts'
import type { PredictionService } from '../../serving/service.ts'
import type { RunningPhase } from '../desk/canary-standing.ts'
import type { Desk } from '../desk/desk.ts'

/** A phase draws its rows once when it begins, once more where it is extended, and sends them one after the other. */
interface Draw {
  readonly phase: string
  readonly held: boolean
  /** In the order in which they are due; a day with fewer rows than probes leaves places empty. */
  readonly rows: readonly (FeatureRow | undefined)[]
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
    const held = phase.state.kind === 'holding'
    let draw = this.draws.get(desk.symbol)
    if (draw?.phase !== phase.key || draw.held !== held) {
      draw = { phase: phase.key, held, rows: rowsOfPhase(desk, phase) }
      this.draws.set(desk.symbol, draw)
    }
    const from = phase.run.probesSent
    const due = draw.rows.slice(from, from + missing)
    const rows = due.flatMap((row) => row ?? [])
    await Promise.all(rows.map(({ values }) => this.sendOne(desk, { values, phase: phase.key })))
    // An empty place counts as sent, so that nothing waits for it.
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

/** The rows of a phase and, where it is held, as many of the extension: of its own 24 hours, those first that were not sent before. */
function rowsOfPhase(desk: Desk, { run, state, key }: RunningPhase): readonly (FeatureRow | undefined)[] {
  const { probes } = desk.parts.limits
  const count = probesOf(state.phase, run.plan, probes)
  const first = drawRows(desk, state.sinceMs, count, seededRandom(murmur3(key, 0)))
  if (state.kind === 'ramping' || !probesAnew(state, run.plan)) return first
  const sent = new Set(first.map((row) => row.tsMs))
  const all = drawRows(desk, heldFromMs(state, run.plan), Number.POSITIVE_INFINITY, seededRandom(murmur3(key, 1)))
  const fresh = [...all.filter((row) => !sent.has(row.tsMs)), ...all.filter((row) => sent.has(row.tsMs))]
  return [...Array.from({ length: count }, (_, i) => first[i]), ...fresh.slice(0, count)]
}

/**
 * Rows of the last 24 hours, drawn without repetition, that both models can score: what probes are sent with. Fewer than
 * asked for when the day has fewer.
 */
export function drawRows(desk: Desk, atMs: UnixMs, count: number, random: Random): FeatureRow[] {
  const { candidate, inCharge: baseline } = desk.lineUp
  if (candidate === null || baseline === null) return []
  const needed = [...candidate.model.features, ...baseline.model.features]
  const rows = [...desk.parts.store.features.each(desk.symbol, atMs - DAY_MS, atMs, needed)].filter(
    (row) => hasColumns(candidate.model, row.values) && hasColumns(baseline.model, row.values),
  )
  return drawWithout(rows, count, random)
}
