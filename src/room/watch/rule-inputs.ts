import type { AlertInputs, SpanFigures } from '../../engine/alerts/rule.ts'
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { rowAgeMs } from '../../engine/market/row-age.ts'
import type { PsiDocument } from '../../evidence/documents/documents.ts'
import { Due } from '../../jobs/due.ts'
import { SCHEDULE } from '../../jobs/schedule.ts'
import type { Meter } from '../../serving/contract.ts'
import { COMPARED_SOURCES, TIMED_SOURCES } from '../../engine/shadow/source.ts'
import { noTotals } from '../../serving/totals.ts'
import type { Desk } from '../desk/desk.ts'

const PERIODS_MS: ReadonlyMap<string, number> = new Map(
  SCHEDULE.map((job) => [job.name, new Due(job.expression).periodMs]),
)

type Missing = AlertInputs['missing']

/** What the alert rules look at, from memory alone. */
export class RuleInputs {
  /** The feature that is missing most, by symbol: looked up once an hour. */
  private readonly missing = new Map<string, { readonly key: string; readonly value: Missing }>()

  /** @param meter what counts the series of the metrics; null where there are none */
  constructor(private readonly meter: Meter | null) {}

  of(desk: Desk, atMs: UnixMs): AlertInputs {
    const { inCharge: baseline, candidate } = desk.lineUp
    const { alerts, canary, drift } = desk
    const { newestBar } = desk.tape
    const { psiDayAgo, becameCriticalMs } = drift
    return {
      atMs,
      last5: spanFigures(desk, atMs - 5 * MINUTE_MS, atMs),
      last10: spanFigures(desk, atMs - 10 * MINUTE_MS, atMs),
      candidate: candidate === null ? null : { meantToMatch: candidate.profile === 'equivalent' },
      canary: canary.running
        ? { psi: fullPsi(candidate === null ? undefined : drift.snapshotOf(candidate.version)) }
        : null,
      canarySeen: canary.seen(atMs),
      psi: fullPsi(baseline === null ? undefined : drift.snapshotOf(baseline.version)),
      psiDayAgo: psiDayAgo?.model === baseline?.version ? (psiDayAgo?.overall ?? null) : null,
      driftCritical: baseline !== null && drift.levelOf(baseline.version) === 'critical',
      driftCriticalAgoMs: becameCriticalMs === null ? null : atMs - becameCriticalMs,
      rowAgeMs: newestBar === null ? null : rowAgeMs(newestBar.tsMs, atMs),
      missing: this.missingOf(desk, atMs),
      ece: desk.settlement.day.eceAt(atMs),
      series: this.meter?.series?.() ?? null,
      overdueJobs: overdueJobs(desk, atMs),
      killSwitch: desk.killSwitch,
      breakerOpen: desk.breaker.open,
      back: alerts.returned,
    }
  }

  private missingOf(desk: Desk, atMs: UnixMs): Missing {
    const { inCharge: baseline } = desk.lineUp
    if (baseline === null) return null
    const untilMs = floorTo(atMs, HOUR_MS)
    const key = `${baseline.version}/${untilMs}`
    const known = this.missing.get(desk.symbol)
    if (known?.key === key) return known.value
    const value = mostMissing(desk, baseline.version, untilMs)
    this.missing.set(desk.symbol, { key, value })
    return value
  }
}

/** Jobs that have not succeeded for twice their period; one that never has is none. */
export function overdueJobs(desk: Desk, atMs: UnixMs): string[] {
  return desk.jobs
    .all()
    .filter((job) => job.lastOkMs !== null && atMs - job.lastOkMs > 2 * (PERIODS_MS.get(job.name) ?? DAY_MS))
    .map((job) => job.name)
}

/** PSI over the whole window; null while its seven days are not full. */
export function fullPsi(document: PsiDocument | undefined): number | null {
  return document === undefined || document.verdict === 'WAIT' ? null : document.overall_psi
}

/** The feature of a model that is missing most in the day before `untilMs`, from the hourly counts. */
function mostMissing(desk: Desk, version: string, untilMs: UnixMs): Missing {
  const day = desk.drift.countsOf(version)?.sum(untilMs - DAY_MS, untilMs)
  if (day === undefined || day.n === 0) return null
  let worst: Missing = null
  for (const [feature, bins] of Object.entries(day.counts)) {
    const share = (bins.at(-1) ?? 0) / day.n
    if (worst === null || share > worst.share) worst = { feature, share }
  }
  return worst
}

function spanFigures(desk: Desk, fromMs: UnixMs, untilMs: UnixMs): SpanFigures {
  const { rollups, lineUp } = desk
  const service = rollups.totals(fromMs, untilMs, TIMED_SOURCES)
  const own =
    lineUp.inCharge === null ? noTotals() : rollups.totals(fromMs, untilMs, COMPARED_SOURCES, lineUp.inCharge.version)
  const shadow =
    lineUp.candidate === null ? noTotals() : rollups.totals(fromMs, untilMs, COMPARED_SOURCES, lineUp.candidate.version)
  return {
    requests: service.requests,
    timed: service.timed,
    above80Ms: service.above80,
    above120Ms: service.above120,
    tried: own.tried,
    modelErrors: own.errors,
    shadowTried: shadow.tried,
    shadowErrors: shadow.errors,
    shadowTimed: shadow.modelTimed,
    shadowAbove60Ms: shadow.modelAbove60,
    compared: shadow.compared,
    matched: shadow.matched,
  }
}
