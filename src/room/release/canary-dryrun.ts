import { judgeDryRun, type PhaseFigures } from '../../engine/canary/judge.ts'
import { JUDGE_LIMITS } from '../../engine/canary/plan.ts'
import { probeCount } from '../../engine/canary/probes.ts'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import { seededRandom } from '../../engine/kernel/random.ts'
import { DAY_MS, isoTime } from '../../engine/kernel/units.ts'
import { compareScores } from '../../engine/shadow/compare.ts'
import { quantileSorted } from '../../engine/stats/quantile.ts'
import type { CanaryRunDocument } from '../../evidence/release-documents.ts'
import { askModel } from '../../serving/answer.ts'
import { COMPARED_SOURCES } from '../../serving/rollups.ts'
import { planNamed } from './canary-plans.ts'
import { limitsDocument, planDocument, ratesOf, shownIntervals } from './canary-document.ts'
import { contendersOf, type Contenders } from './contenders.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import { drawRows } from './canary-probes.ts'

const DRY_SEED = 5
/** A model behind HTTP that hangs is waited for once for all of them. */
const PROBES_AT_ONCE = 20

/**
 * The judge over the comparisons recorded in the last 24 hours and as many probes as the first phase would send. No state
 * changes; the record is kept as `canary_dryrun_observe.json`. @throws OperatorError without a candidate
 */
export async function runDryRun(
  desks: Desks,
  symbol: string | undefined,
  options: { readonly plan?: string | undefined; readonly profile?: 'equivalent' | 'improve' | undefined },
): Promise<CanaryRunDocument> {
  const desk = desks.of(symbol)
  const { candidate, baseline } = contendersOf(desk, 'rehearse')
  const plan = planNamed(desks.options.config, options.plan)
  const profile = options.profile ?? candidate.profile
  const atMs = desk.nowMs()
  const figures = await gather(desk, { candidate, baseline }, probeCount(plan.phases[0]?.split ?? 1))
  const verdict = judgeDryRun(figures, JUDGE_LIMITS, profile)
  const document: CanaryRunDocument = {
    symbol: desk.symbol,
    run_id: `dry-${isoTime(atMs)}`,
    mode: 'observe',
    profile,
    dry_run: true,
    candidate: candidate.version,
    baseline: baseline.version,
    plan: planDocument(plan),
    limits: limitsDocument(JUDGE_LIMITS),
    approvals: [],
    phases: [
      {
        phase: 1,
        split: plan.phases[0]?.split ?? 1,
        started_at: isoTime(atMs - DAY_MS),
        ended_at: isoTime(atMs),
        requests: figures.tried,
        live: figures.live,
        probes: figures.probes,
        p95_ms: figures.p95Ms,
        ...ratesOf(figures),
        psi: figures.psi,
        intervals: shownIntervals(figures),
        decision: verdict.status === 'SUCCESS' ? 'advance' : verdict.status === 'ABORTED' ? 'abort' : 'hold',
        reason: verdict.reason,
      },
    ],
    status: verdict.status,
    aborted: verdict.status === 'ABORTED',
    abort_reason: verdict.status === 'ABORTED' ? verdict.reason : null,
    promote_eligible: false,
    total_requests: figures.tried,
    shadow_errors: figures.errors,
  }
  const { evidence } = desks
  const stamped = evidence.stamp('canary_run/1', atMs, document)
  desk.transaction(() => {
    const subject = evidence.subject(desk.symbol, 'canary_dryrun_observe.json')
    evidence.writeDocument(subject, stamped, atMs, {
      model: candidate.version,
      model_sha256: candidate.sha256,
      status: verdict.status,
    })
    desk.events.log(
      'canary',
      verdict.status === 'SUCCESS' ? 'info' : 'warning',
      `canary dry run of ${candidate.version} ${verdict.status}: ${verdict.reason}`,
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
    above80Ms: recorded.modelAbove80 + latencies.filter((ms) => ms > 80).length,
    above120Ms: recorded.modelAbove120 + latencies.filter((ms) => ms > 120).length,
    // The worse of the two: a rehearsal that is unsure errs on the careful side.
    p95Ms: liveP95 === null ? probeP95 : Math.max(liveP95, probeP95 ?? 0),
    live: recorded.tried,
    probes: tried,
    psi: desk.drift.snapshotOf(candidate.version)?.overall_psi ?? null,
  }
}
