import { countRows } from '../../engine/drift/counts.ts'
import type { DriftReference } from '../../engine/drift/reference.ts'
import { psiSnapshot, type PsiSnapshot } from '../../engine/drift/snapshot.ts'
import { currentWindow } from '../../engine/drift/window.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import { HOUR_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { PsiDocument } from '../../evidence/documents/documents.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

/**
 * The hourly look at drift: a snapshot of every model in a slot, inside the caller's transaction.
 * @param only the one version to measure; without it, every model in a slot
 */
export function measureDrift(desk: Desk, evidence: EvidenceWriter, atMs: UnixMs, only?: string): JobResult {
  const { limits, wallNow } = desk.parts
  const { inCharge: baseline } = desk.lineUp
  let result: JobResult = { ok: true, result: 'no model yet' }
  const failed: string[] = []
  for (const model of desk.standing) {
    if (only !== undefined && model.version !== only) continue
    let document: PsiDocument
    try {
      document = psiDocument(desk.symbol, model.reference, measurePsi(desk, model, atMs), limits.psi)
    } catch (error) {
      // One model that cannot be measured keeps no other from it.
      failed.push(noteFault(desk, model.version, error))
      continue
    }
    if (model === baseline) desk.drift.noteLevel(document, atMs)
    desk.drift.take(document, atMs, wallNow())
    if (model.version !== desk.judged?.version) continue
    evidence.writeDocument(
      evidence.subject(desk.symbol, 'psi_snapshot.json'),
      evidence.stamp('psi/1', atMs, document),
      atMs,
      { model_sha256: model.sha256 },
    )
    result = { ok: true, result: document.overall_psi === null ? 'no rows' : document.overall_psi.toFixed(3) }
  }
  desk.drift.lookBack(baseline?.version ?? null, atMs)
  return failed.length === 0 ? result : { ok: false, result: `failed: ${failed.join('; ')}` }
}

/** @throws the error itself, where it has undone the transaction around the measurement */
function noteFault(desk: Desk, version: string, error: unknown): string {
  if (!desk.parts.store.db.raw.inTransaction) throw error
  const why = messageOf(error)
  desk.drift.noteFault(version, why)
  const text = `PSI of ${version} could not be measured: ${why}`
  desk.events.log('drift', 'warning', text)
  return text
}

/** PSI of a model at `atMs`: from the counts kept by hour where the window's ends are hours, else from the rows. */
function measurePsi(desk: Desk, model: LoadedModel, atMs: UnixMs): PsiSnapshot {
  const { limits } = desk.parts
  const window = currentWindow(model.reference, atMs, limits.psi.windowMs)
  const counts = desk.drift.countsOf(model.version)
  const exact = window.fromMs % HOUR_MS === 0 && window.untilMs % HOUR_MS === 0
  if (!exact || counts === undefined) return measurePsiFromRows(desk, model, atMs)
  const { n, counts: bins } = counts.sum(window.fromMs, window.untilMs)
  return psiSnapshot(
    model.reference,
    { ...window, n, counts: bins },
    desk.drift.ks.ofHours(model, window),
    atMs,
    limits.psi,
  )
}

/** PSI from the rows themselves, at any moment: what `onay psi` shows. */
export function measurePsiFromRows(desk: Desk, model: LoadedModel, atMs: UnixMs): PsiSnapshot {
  const { limits, store } = desk.parts
  const window = currentWindow(model.reference, atMs, limits.psi.windowMs)
  const table = store.features.table(desk.symbol, window.fromMs, window.untilMs, Object.keys(model.reference.features))
  const { n, counts } = countRows(model.reference.features, table, window.fromMs, window.untilMs)
  return psiSnapshot(
    model.reference,
    { ...window, n, counts },
    desk.drift.ks.ofRows(model, table, window),
    atMs,
    limits.psi,
  )
}

export function psiDocument(
  symbol: string,
  reference: DriftReference,
  snapshot: PsiSnapshot,
  limits: { critical: number; feature: number },
): PsiDocument {
  const { current } = snapshot
  const features = Object.fromEntries(
    Object.entries(snapshot.features).map(([name, f]) => [
      name,
      {
        psi: f.psi,
        level: f.level,
        n_reference: f.nReference,
        n_current: f.nCurrent,
        chance_mean: f.chanceMean,
        chance_p95: f.chanceP95,
        within_reference_p95: f.withinReferenceP95,
        ...(f.ks === null ? {} : { ks: f.ks }),
      },
    ]),
  )
  return {
    symbol,
    model: snapshot.version,
    at: isoTime(snapshot.atMs),
    reference: { from: isoTime(reference.window.fromMs), until: isoTime(reference.window.untilMs), n: reference.n },
    current: { from: isoTime(current.fromMs), until: isoTime(current.untilMs), n: current.n },
    overall_psi: snapshot.overall,
    verdict: snapshot.verdict,
    level: snapshot.level,
    worst: snapshot.worst,
    features,
    within_reference_p95: reference.withinReference?.overallP95 ?? null,
    reason: snapshot.reason,
    ready_at: snapshot.readyAtMs === null ? null : isoTime(snapshot.readyAtMs),
    slo_check: { threshold: limits.critical, feature_threshold: limits.feature, pass: snapshot.verdict === 'PASS' },
  }
}
