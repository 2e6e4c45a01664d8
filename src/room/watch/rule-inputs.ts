import { dirname } from 'node:path'
import { backedUpSince } from '../../db/backup-shelf.ts'
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

  /** Since when the room lacks a backup, and when that was looked up. */
  private backup: { readonly seenMs: UnixMs; readonly sinceMs: UnixMs | null } | null = null

  /** @param meter what counts the series of the metrics; null where there are none */
  constructor(private readonly meter: Meter | null) {}

  of(desk: Desk, atMs: UnixMs): AlertInputs {
    const { inCharge: baseline, candidate } = desk.lineUp
    const { alerts, canary, drift } = desk
    const { newestBar } = desk.tape
    const { psiDayAgo, becameCriticalMs } = drift
    const checked = baseline === null ? undefined : drift.days.newestOf(baseline.version)
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
      driftCritical:
        baseline !== null && (drift.levelOf(baseline.version) === 'critical' || checked?.verdict === 'critical'),
      driftAsksKill: checked?.asks_kill === true && desk.parts.limits.driftKill !== 'off',
      driftCriticalAgoMs: becameCriticalMs === null ? null : atMs - becameCriticalMs,
      rowAgeMs: newestBar === null ? null : rowAgeMs(newestBar.tsMs, atMs),
      missing: this.missingOf(desk, atMs),
      ece: desk.settlement.day.eceAt(atMs),
      series: this.meter?.series?.() ?? null,
      overdueJobs: overdueJobs(desk, atMs),
      overdueOutcomes: desk.settlement.overdue(newestBar?.tsMs ?? null),
      backupAgeMs: this.backupAge(desk),
      paper: paperInputs(desk, atMs),
      // A drill is expected by whoever approved it.
      killSwitch: desk.killSwitch && desk.kill.state.cause !== 'drill',
      breakerOpen: desk.breaker.open,
      back: alerts.returned,
    }
  }

  /** Looked up once a minute. */
  private backupAge({ tape, parts: { store, wallNow } }: Desk): number | null {
    if (tape.feed.clockKind === 'replay') return null
    const nowMs = wallNow()
    if (this.backup === null || nowMs - this.backup.seenMs >= MINUTE_MS || nowMs < this.backup.seenMs)
      this.backup = { seenMs: nowMs, sinceMs: backedUpSince(dirname(store.db.path), nowMs) }
    const { sinceMs } = this.backup
    return sinceMs === null ? null : Math.max(0, nowMs - sinceMs)
  }

  private missingOf(desk: Desk, atMs: UnixMs): Missing {
    const { standing } = desk
    const untilMs = floorTo(atMs, HOUR_MS)
    const key = `${standing.map(({ model }) => model.version).join(' ')}/${untilMs}`
    const known = this.missing.get(desk.symbol)
    if (known?.key === key) return known.value
    const needed = new Set(
      standing.flatMap(({ model, reference }) => [...model.features, ...Object.keys(reference.features)]),
    )
    const value = desk.drift.missing.most(needed, untilMs - DAY_MS, untilMs)
    this.missing.set(desk.symbol, { key, value })
    return value
  }
}

function paperInputs(desk: Desk, atMs: UnixMs): AlertInputs['paper'] {
  const arm = desk.sets.active ?? desk.lineUp.inCharge?.version
  if (arm === undefined) return null
  const figures = desk.paper.results(atMs).figures(arm, atMs)
  const retrained = desk.jobs.of('paper retrain')
  return {
    arm,
    drawdown: figures?.drawdown ?? null,
    retrainFailed: retrained?.ok === 0 ? retrained.result : null,
    slippageLowPct: figures?.slippageLowPct ?? null,
    slippageAssumedPct: desk.parts.limits.paper.assumedSlippagePct,
  }
}

/** Jobs of which twice their period has passed since they last succeeded; since the first bar where they never have. */
export function overdueJobs(desk: Desk, atMs: UnixMs): string[] {
  const { jobs, tape } = desk
  return SCHEDULE.map(({ name }) => name).filter((name) => {
    const sinceMs = jobs.of(name)?.lastOkMs ?? tape.begunMs
    return sinceMs !== null && atMs - sinceMs > 2 * (PERIODS_MS.get(name) ?? DAY_MS)
  })
}

/** PSI over the whole window; null while its seven days are not full. */
export function fullPsi(document: PsiDocument | undefined): number | null {
  return document === undefined || document.verdict === 'WAIT' ? null : document.overall_psi
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
