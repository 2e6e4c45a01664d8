import type { RunStatus } from '../../engine/canary/event.ts'
import { judgeDryRun, type PhaseFigures } from '../../engine/canary/judge.ts'
import { probeCount } from '../../engine/canary/probes.ts'
import type { EndedPhase } from '../../engine/canary/run.ts'
import { IDLE } from '../../engine/canary/state.ts'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import { seededRandom } from '../../engine/kernel/random.ts'
import { DAY_MS, isoTime } from '../../engine/kernel/units.ts'
import { compareScores } from '../../engine/shadow/compare.ts'
import { quantileSorted } from '../../engine/stats/quantile.ts'
import type { CanaryRunDocument } from '../../evidence/documents/release-documents.ts'
import { askModel } from '../../serving/answer.ts'
import { COMPARED_SOURCES } from '../../engine/shadow/source.ts'
import type { StartCanary } from '../../control/commands.ts'
import { planAsked } from '../config/canary-policy.ts'
import { runDocument } from '../canary/canary-document.ts'
import { contendersOf, type Contenders } from './contenders.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import { drawRows } from './canary-probes.ts'

const DRY_SEED = 5
/** Probes under way at a time: a model behind HTTP that hangs delays the rehearsal by one timeout for all of them. */
const PROBES_AT_ONCE = 20

const DECISION: Readonly<Record<RunStatus, string>> = { SUCCESS: 'advance', ABORTED: 'abort', INCONCLUSIVE: 'hold' }

/**
 * The judge over the comparisons recorded in the last 24 hours and as many probes as the first phase would send. No state
 * changes; the record is kept as `canary_dryrun_observe_<version>.json`. @throws OperatorError without a candidate
 */
export async function runDryRun(
  desks: Desks,
  symbol: string | undefined,
  options: Pick<StartCanary, 'plan' | 'profile' | 'mode'>,
): Promise<CanaryRunDocument> {
  const desk = desks.of(symbol)
  const { candidate, baseline } = contendersOf(desk, 'rehearse')
  const { config, dataDir } = desks.options
  const plan = planAsked(config, dataDir, { plan: options.plan, mode: options.mode ?? 'observe' })
  const profile = options.profile ?? candidate.profile
  const { limits } = desk.parts
  const atMs = desk.nowMs()
  const split = plan.phases[0]?.split ?? 1
  const figures = await gather(desk, { candidate, baseline }, probeCount(split, limits.probes))
  const verdict = judgeDryRun(figures, limits.judge, profile)
  const { status, reason } = verdict
  const ended: EndedPhase = {
    phase: 0,
    split,
    sinceMs: atMs - DAY_MS,
    endedMs: atMs,
    decision: DECISION[status],
    reason,
    measured: { kind: 'counts', figures },
  }
  const document = runDocument(
    {
      symbol: desk.symbol,
      runId: `dry-${isoTime(atMs)}`,
      mode: 'observe',
      profile,
      candidate: candidate.version,
      baseline: baseline.version,
      plan,
      phases: [ended],
      state: IDLE,
    },
    { status, reason, approvals: [], dryRun: true },
    limits.judge,
  )
  const { evidence } = desks
  const stamped = evidence.stamp('canary_run/1', atMs, document)
  desk.transaction(() => {
    const about = { symbol: desk.symbol, version: candidate.version }
    evidence.writeOfVersion(about, 'canary_dryrun_observe', stamped, atMs, { model_sha256: candidate.sha256, status })
    desk.events.log(
      'canary',
      status === 'SUCCESS' ? 'info' : 'warning',
      `canary dry run of ${candidate.version} ${status}: ${reason}`,
    )
  })
  desks.drainOutbox()
  return stamped
}

async function gather(desk: Desk, { candidate, baseline }: Contenders, probes: number): Promise<PhaseFigures> {
  const { rollups, parts } = desk
  const atMs = desk.nowMs()
  const recorded = rollups.totals(atMs - DAY_MS, atMs, COMPARED_SOURCES, candidate.version)
  const latencies: number[] = []
  let compared = 0
  let matched = 0
  let errors = 0
  let tried = 0
  const rows = drawRows(desk, atMs, probes, seededRandom(DRY_SEED))
  for (let from = 0; from < rows.length; from += PROBES_AT_ONCE) {
    const asked = rows.slice(from, from + PROBES_AT_ONCE).map(async ({ values }) => ({
      ours: await askModel(baseline.model, values, monotonicMs),
      theirs: await askModel(candidate.model, values, monotonicMs),
    }))
    for (const { ours, theirs } of await Promise.all(asked)) {
      latencies.push(theirs.latencyMs)
      tried++
      if (theirs.fault !== null) errors++
      else if (ours.fault === null) {
        compared++
        if (compareScores(ours.score, theirs.score, parts.limits.serving.matchTolerance).matched) matched++
      }
    }
  }
  const { within, abort } = parts.limits.judge.p95Ms
  const own = rollups.modelDay(candidate.version)
  const sorted = Float64Array.from(latencies).sort()
  const probeP95 = sorted.length === 0 ? null : quantileSorted(sorted, 0.95)
  const liveP95 = own.quantileMs(0.95)
  return {
    comparisons: recorded.compared + compared,
    matched: recorded.matched + matched,
    tried: recorded.tried + tried,
    errors: recorded.errors + errors,
    timed: recorded.modelTimed + latencies.length,
    above80Ms: recorded.modelAbove80 + latencies.filter((ms) => ms > within).length,
    above120Ms: recorded.modelAbove120 + latencies.filter((ms) => ms > abort).length,
    // The worse of the two, to be on the safe side.
    p95Ms: liveP95 === null ? probeP95 : Math.max(liveP95, probeP95 ?? 0),
    live: recorded.tried,
    probes: tried,
    liveCompared: recorded.compared,
    psi: desk.drift.snapshotOf(candidate.version)?.overall_psi ?? null,
  }
}
