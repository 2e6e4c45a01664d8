import { CHECK_EVERY_MS, driftCheck, driftVerdict, type DriftCheck, type PastCheck } from '../../engine/drift/check.ts'
import { figuresOf, type DriftFigures } from '../../engine/drift/drift-day.ts'
import { nextPlan, type PlanChange } from '../../engine/drift/retrain-plan.ts'
import { currentWindow, type TimeWindow } from '../../engine/drift/window.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoDate, isoTime, minuteText, type UnixMs, fileTime, floorTo } from '../../engine/kernel/units.ts'
import { driftCsv } from '../../evidence/drift-csv.ts'
import type { DriftDocument } from '../../evidence/documents/documents.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

/** Checks the last 24 hours of every model that serves or stands in a slot; inside the caller's transaction. */
export function checkDrift(desk: Desk, evidence: EvidenceWriter, atMs: UnixMs): JobResult {
  const { inCharge } = desk.lineUp
  const { days } = desk.drift
  const lastMs = days.newestMs
  let result: JobResult = { ok: true, result: 'no model yet' }
  const failed: string[] = []
  const changed: DriftDocument[] = []
  for (const model of checkedModels(desk)) {
    const before = days.newestOf(model.version)
    let document: DriftDocument
    try {
      const check = judged(desk, model, days.figures(model, checkedWindow(model, atMs)), atMs)
      document = documentOf(desk, model, check, days.pastOf(model.version))
    } catch (error) {
      // One model that cannot be checked keeps no other from it, unless it has undone the transaction around it.
      if (!desk.parts.store.db.raw.inTransaction) throw error
      failed.push(`the last 24 hours of ${model.version} could not be checked: ${messageOf(error)}`)
      continue
    }
    if (model === inCharge) {
      desk.drift.noteVerdict(document, atMs)
      result = { ok: true, result: document.verdict }
    }
    days.take(document, desk.parts.wallNow())
    if (isWorthTelling(before, document)) changed.push(document)
  }
  for (const text of failed) desk.events.log('drift', 'warning', text)
  if (changed.length > 0) keepReport(desk, evidence, changed, atMs)
  if (atMs % DAY_MS === 0) keepDay(desk, evidence, atMs, atMs)
  // Midnight was missed.
  else if (lastMs !== null && lastMs % DAY_MS !== 0 && floorTo(lastMs, DAY_MS) < floorTo(atMs, DAY_MS))
    keepDay(desk, evidence, lastMs, atMs)
  if (inCharge !== null) keepPlan(desk, inCharge, atMs)
  return failed.length === 0 ? result : { ok: false, result: `failed: ${failed.join('; ')}` }
}

/** The check of one model at any moment, from the rows themselves: what `onay drift` shows. */
export function driftFromRows(desk: Desk, model: LoadedModel, atMs: UnixMs): DriftDocument {
  const { features } = model.reference
  const moments = [atMs - 2 * CHECK_EVERY_MS, atMs - CHECK_EVERY_MS]
  const table = desk.parts.store.features.table(
    desk.symbol,
    atMs - DAY_MS - 2 * CHECK_EVERY_MS,
    atMs,
    Object.keys(features),
  )
  const references = desk.drift.ks.referencesOf(model)
  const checkAt = (ms: UnixMs): DriftCheck =>
    judged(desk, model, figuresOf(features, references, table, checkedWindow(model, ms)), ms)
  return documentOf(desk, model, checkAt(atMs), moments.map(checkAt))
}

/** Not challengers: they serve nobody, and a set of them has the same features. */
export function checkedModels({ lineUp }: Desk): readonly LoadedModel[] {
  return lineUp.inCharge === null ? lineUp.contenders : [lineUp.inCharge, ...lineUp.contenders]
}

function checkedWindow({ reference }: LoadedModel, atMs: UnixMs): TimeWindow {
  return currentWindow(reference, atMs, DAY_MS)
}

function judged(desk: Desk, { reference }: LoadedModel, figures: DriftFigures, atMs: UnixMs): DriftCheck {
  return driftCheck(figures, reference.ownDays, desk.parts.limits.drift, atMs)
}

function documentOf(desk: Desk, model: LoadedModel, check: DriftCheck, past: readonly PastCheck[]): DriftDocument {
  const { window, n, ownDays } = model.reference
  const { fromMs, untilMs } = checkedWindow(model, check.atMs)
  const { verdict, asksKill } = driftVerdict(check, past)
  return {
    symbol: desk.symbol,
    model: model.version,
    at: isoTime(check.atMs),
    reference: { from: isoTime(window.fromMs), until: isoTime(window.untilMs), n },
    current: { from: isoTime(fromMs), until: isoTime(untilMs), n: check.n },
    overall_psi: check.overallPsi,
    kill_limit: check.killLimit,
    level: check.level,
    beyond_kill: check.beyondKill,
    verdict,
    asks_kill: asksKill,
    features: check.features,
    own_days: ownDays?.windows ?? null,
  }
}

/** A first verdict that there is no drift is no news. */
function isWorthTelling(before: DriftDocument | undefined, now: DriftDocument): boolean {
  const calm = (document: DriftDocument | undefined): boolean =>
    document === undefined || document.verdict === 'wait' || document.verdict === 'ok'
  if (calm(before) && calm(now)) return false
  return before?.verdict !== now.verdict || before.asks_kill !== now.asks_kill
}

/** One file a change: a check every quarter of an hour is a row of the database, and a line in the file of its day. */
function keepReport(desk: Desk, evidence: EvidenceWriter, items: readonly DriftDocument[], atMs: UnixMs): void {
  const name = `drift/drift_${fileTime(atMs)}.json`
  const subject = evidence.subject(desk.symbol, name)
  evidence.writeDocument(subject, evidence.stamp('drift_report/1', atMs, { symbol: desk.symbol, items }), atMs)
}

/** The checks of the day that has ended, a line each. A check at midnight is the last of its day. */
function keepDay(desk: Desk, evidence: EvidenceWriter, lastMs: UnixMs, atMs: UnixMs): void {
  const { symbol, parts } = desk
  const dayMs = floorTo(lastMs - 1, DAY_MS)
  const checks = parts.store.drift.checks(symbol, dayMs, dayMs + DAY_MS)
  const name = `drift/drift_${isoDate(dayMs)}.csv`
  if (checks.length > 0) evidence.writeText(evidence.subject(symbol, name), driftCsv(checks), atMs)
}

const SAID: Readonly<Record<Exclude<PlanChange, null>, (model: string, due: string) => string>> = {
  planned: (model, due) => `retrain ${model} by ${due} UTC: its features of the last 24 hours have drifted`,
  retrained: (model) => `the retraining of ${model} that was planned is done`,
  replaced: (model) => `the retraining of ${model} that was planned is off: another model is in charge`,
  calm: (model) => `the retraining of ${model} that was planned is off: no drift for 24 hours`,
}

function keepPlan(desk: Desk, inCharge: LoadedModel, atMs: UnixMs): void {
  const { days } = desk.drift
  const verdict = days.newestOf(inCharge.version)?.verdict ?? 'wait'
  const { candidate } = desk.lineUp
  const newer = candidate !== null && candidate.reference.window.untilMs > inCharge.reference.window.untilMs
  const before = days.plan
  const { plan, change } = nextPlan(before, { atMs, model: inCharge.version, verdict, newer })
  days.setPlan(plan)
  const subject = plan ?? before
  if (change !== null && subject !== null)
    desk.events.log('drift', plan === null ? 'info' : 'warning', SAID[change](subject.model, minuteText(subject.dueMs)))
}
