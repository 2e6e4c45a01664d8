import type { AlertInputs, SpanFigures } from '../engine/alerts/rule.ts'
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { PsiDocument } from '../evidence/documents.ts'
import { Due } from '../jobs/due.ts'
import { SCHEDULE } from '../jobs/schedule.ts'
import { COMPARED_SOURCES, TIMED_SOURCES } from '../engine/shadow/source.ts'
import { noTotals } from '../serving/totals.ts'
import type { Desk } from './desk.ts'

const PERIODS_MS = new Map(SCHEDULE.map((job) => [job.name, new Due(job.expression).periodMs]))

/** What the rules look at in one symbol, from memory alone. */
export function alertInputs(desk: Desk, atMs: UnixMs): AlertInputs {
  const { baseline, candidate } = desk.slots
  const running = desk.canary?.running === true
  return {
    atMs,
    last5: spanFigures(desk, atMs - 5 * MINUTE_MS, atMs),
    last10: spanFigures(desk, atMs - 10 * MINUTE_MS, atMs),
    candidate: candidate === null ? null : { meantToMatch: candidate.profile === 'equivalent' },
    canary: running ? { psi: fullPsi(candidate === null ? undefined : desk.psi.get(candidate.version)) } : null,
    psi: fullPsi(baseline === null ? undefined : desk.psi.get(baseline.version)),
    psiDayAgo: desk.psiDayAgo?.model === baseline?.version ? (desk.psiDayAgo?.overall ?? null) : null,
    driftCriticalAgoMs: desk.driftCriticalMs === null ? null : atMs - desk.driftCriticalMs,
    stalenessMs: desk.newestBar === null ? null : atMs - (desk.newestBar.tsMs + MINUTE_MS),
    missing: missingOf(desk, atMs),
    ece: desk.settlement.day.eceAt(atMs),
    series: desk.parts.series(),
    overdueJobs: overdueJobs(desk, atMs),
    killSwitch: desk.killSwitch,
    breakerOpen: desk.breaker.open,
    back: desk.back,
  }
}

/** Jobs that have not succeeded for twice their period; one that never has is none. */
export function overdueJobs(desk: Desk, atMs: UnixMs): string[] {
  return [...desk.jobs.values()]
    .filter((job) => job.lastOkMs !== null && atMs - job.lastOkMs > 2 * (PERIODS_MS.get(job.name) ?? DAY_MS))
    .map((job) => job.name)
}

/** PSI over the whole window; null while its seven days are not full. */
export function fullPsi(document: PsiDocument | undefined): number | null {
  return document === undefined || document.verdict === 'WAIT' ? null : document.overall_psi
}

/** A drift event: the hourly snapshot of the model in charge has reached a worse level than the one before it. */
export function noteDrift(desk: Desk, document: PsiDocument, atMs: UnixMs): void {
  const before = judgedLevel(desk.psi.get(document.model))
  if (document.verdict === 'WAIT' || document.level === before) return
  if (document.level === 'critical') {
    desk.driftCriticalMs = atMs
    desk.driftEvents.critical++
    desk.event(
      'drift',
      'warning',
      `drift of ${document.model} became critical: PSI ${document.overall_psi?.toFixed(3)}`,
    )
  } else if (document.level === 'warning' && before !== 'critical') desk.driftEvents.warning++
}

/** The level of a snapshot whose window was full; one before that says nothing yet. */
function judgedLevel(document: PsiDocument | undefined): PsiDocument['level'] {
  return document === undefined || document.verdict === 'WAIT' ? null : document.level
}

/** Takes up drift where it was left: when it became critical, and what PSI was a day before. */
export function restoreDrift(desk: Desk): void {
  const { baseline } = desk.slots
  if (baseline === null) return
  const newest = desk.psi.get(baseline.version)
  if (newest === undefined) return
  const atMs = Date.parse(newest.at)
  desk.psiDayAgo = psiDayBefore(desk, baseline.version, atMs)
  const [before] = desk.parts.store.drift.snapshots(desk.symbol, baseline.version, atMs - HOUR_MS, atMs - HOUR_MS)
  const levelBefore = judgedLevel(before === undefined ? undefined : (JSON.parse(before.document) as PsiDocument))
  if (judgedLevel(newest) === 'critical' && levelBefore !== 'critical') desk.driftCriticalMs = atMs
}

/** Overall PSI of a model 24 hours before a snapshot; null when there was none, or its window was not full. */
export function psiDayBefore(desk: Desk, model: string, atMs: UnixMs): Desk['psiDayAgo'] {
  const [row] = desk.parts.store.drift.snapshots(desk.symbol, model, atMs - DAY_MS, atMs - DAY_MS)
  return row === undefined || row.verdict === 'WAIT' ? null : { model, overall: row.overall }
}

/** The feature of the model in charge that misses most, from the hourly counts: looked up once an hour. */
function missingOf(desk: Desk, atMs: UnixMs): AlertInputs['missing'] {
  const { baseline } = desk.slots
  const counts = baseline === null ? undefined : desk.drift.get(baseline.version)
  if (baseline === null || counts === undefined) return null
  const untilMs = floorTo(atMs, HOUR_MS)
  const key = `${baseline.version}/${untilMs}`
  if (desk.missingCache?.key === key) return desk.missingCache.value
  const day = counts.sum(untilMs - DAY_MS, untilMs)
  let value: AlertInputs['missing'] = null
  for (const [feature, bins] of Object.entries(day.counts)) {
    const share = day.n === 0 ? 0 : (bins.at(-1) ?? 0) / day.n
    if (day.n > 0 && (value === null || share > value.share)) value = { feature, share }
  }
  desk.missingCache = { key, value }
  return value
}

function spanFigures(desk: Desk, fromMs: UnixMs, untilMs: UnixMs): SpanFigures {
  const { rollups, slots } = desk
  const service = rollups.totals(fromMs, untilMs, TIMED_SOURCES)
  const own =
    slots.baseline === null ? noTotals() : rollups.totals(fromMs, untilMs, COMPARED_SOURCES, slots.baseline.version)
  const shadow =
    slots.candidate === null ? noTotals() : rollups.totals(fromMs, untilMs, COMPARED_SOURCES, slots.candidate.version)
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
