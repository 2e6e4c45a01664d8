import { isoDate, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { Scaler } from '../../engine/training/preparation.ts'
import type { ModelWeights } from '../../engine/models/contract.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'
import type { OfflineReport } from '../../evidence/documents/documents.ts'
import type { TrainOutcome } from '../../work/task.ts'
import type { Desk } from '../desk/desk.ts'
import type { LeavingModel } from '../../control/answers.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { PlannedTraining } from './plan-training.ts'
import { leaveShadow } from './retirement.ts'

/**
 * Registers a trained model and puts it in its slot, in one transaction: registry, slot, drift counts, chain and the files
 * that the outbox will write. The candidate before it, if any, is retired, with what was counted of it.
 */
export function register(
  desk: Desk,
  evidence: EvidenceWriter,
  plan: PlannedTraining,
  outcome: TrainOutcome,
  atMs: UnixMs,
  codeVersion: string,
): { readonly offline: OfflineReport; readonly replaced: LeavingModel | null } {
  const { store, wallNow } = desk.parts
  const { symbol } = desk
  const { task, slot, profile, by } = plan
  const { version } = task
  const weights = canonicalJson(outcome.weights)
  const sha256 = sha256Hex(weights)
  const reference = canonicalJson(outcome.reference)
  const scaler = canonicalJson(scalerOf(task.scaler, outcome.weights))
  const manifest = canonicalJson({
    version,
    symbol,
    feature_set: task.featureSet,
    data: { from: isoTime(task.window.fromMs), until: isoTime(task.window.untilMs), ...outcome.data },
    trained: plan.trainedElsewhere === undefined ? HOW[outcome.weights.kind] : 'elsewhere',
    ...trainedUntil(plan),
    configuration: {
      scaler: task.scaler,
      label: task.label,
      folds: task.folds,
      embargo_min: task.embargoMin,
      limits: task.limits,
    },
    baseline: task.baseline?.version ?? null,
    seed: task.seed,
    code_version: codeVersion,
    libraries: { node: process.versions.node.split('.')[0] },
    weights_sha256: sha256,
  })
  const offline: OfflineReport = { ...outcome.report, timestamp: isoTime(atMs) }
  const detail = { model: version, model_sha256: sha256 }
  const replaced = desk.transaction(() => {
    const left =
      slot === 'candidate' ? leaveShadow(desk, evidence, { by, reason: '', replacedBy: version }, atMs) : null
    store.models.register({
      symbol,
      version,
      kind: outcome.weights.kind,
      featureSet: task.featureSet,
      sha256,
      windowFromMs: task.window.fromMs,
      windowUntilMs: task.window.untilMs,
      weights,
      reference,
      scaler,
      manifest,
      offline: canonicalJson(offline),
      seconds: outcome.seconds,
      tsMs: atMs,
      wallMs: wallNow(),
    })
    store.models.putSlot({ symbol, slot, version, profile, sinceMs: atMs, wallMs: wallNow() })
    for (const hour of outcome.hours) store.drift.putHour(symbol, version, hour)
    const offlineHash = { offline_sha256: sha256Hex(canonicalJson(offline)) }
    evidence.recordFact('registration', `${symbol}/${version}`, atMs, { ...detail, slot, profile, by, ...offlineHash })
    for (const [name, content] of Object.entries({
      model_weights: weights,
      reference_distributions: reference,
      scaler_params: scaler,
      training_manifest: manifest,
    })) {
      evidence.writeText(evidence.artifactSubject(symbol, version, `${name}_${version}.json`), content, atMs, detail)
    }
    writeOffline(desk, evidence, offline, atMs, detail)
    desk.events.log(
      'training',
      'info',
      `${version} ${slot === 'baseline' ? 'is in charge' : 'is in the shadow'}: AUC ${offline.auc.toFixed(4)}, P@20 ${offline.precision_at_20.toFixed(3)}`,
    )
    if (slot === 'candidate') desk.events.log('training', 'info', offline.plain)
    return left
  }, 'decision')
  desk.reloadSlots()
  countOpenHour(desk, version, task.countUntilMs, atMs)
  return { offline, replaced }
}

/** How a model has come about. */
const HOW: Readonly<Record<ModelWeights['kind'], string>> = {
  logistic: 'here',
  http: 'elsewhere',
  trees: 'elsewhere',
  onnx: 'elsewhere',
  ensemble: 'mixed',
}

/** Up to when a model was trained, as its maker says. */
function trainedUntil({ trainedElsewhere }: PlannedTraining): { readonly trained_until?: string } {
  const untilMs = trainedElsewhere?.untilMs ?? null
  return untilMs === null ? {} : { trained_until: isoTime(untilMs) }
}

function scalerOf(scaler: Scaler, weights: ModelWeights): object {
  const { version, features } = weights
  if (weights.kind !== 'logistic') return { version, scaler: 'none', features }
  const { mean, std, lo, hi } = weights
  return { version, scaler, features, mean, std, lo, hi }
}

/** The rows that came in while it was trained. */
function countOpenHour(desk: Desk, version: string, fromMs: UnixMs, atMs: UnixMs): void {
  const counts = desk.drift.countsOf(version)
  const model = desk.lineUp.of(version)
  if (counts === undefined || model === null) return
  const from = Math.max(fromMs, model.reference.window.untilMs)
  for (const row of desk.parts.store.features.each(desk.symbol, from, atMs, Object.keys(model.reference.features)))
    counts.add(row)
}

function writeOffline(
  desk: Desk,
  evidence: EvidenceWriter,
  offline: OfflineReport,
  atMs: UnixMs,
  detail: object,
): void {
  const { symbol } = desk
  const document = evidence.stamp('offline_report/1', atMs, offline)
  const passed = offline.slo_check.pass
  const result = evidence.stamp('eval_result/1', atMs, {
    symbol,
    version: offline.version,
    verdict: passed ? 'PASS' : 'FAIL',
    auc: offline.auc,
    precision_at_20: offline.precision_at_20,
    slo_check: offline.slo_check,
    plain: offline.plain,
  })
  const text = [
    `offline evaluation of ${offline.version} on ${symbol}, ${isoDate(Date.parse(offline.window.from))} to ${isoDate(Date.parse(offline.window.until))}`,
    `AUC ${offline.auc.toFixed(4)} (needed ${offline.slo_check.auc}), P@20 ${offline.precision_at_20.toFixed(4)} (needed ${offline.slo_check.precision_at_20})`,
    offline.plain,
    passed ? 'PASS' : 'FAIL',
    '',
  ].join('\n')
  for (const suffix of ['', `_${offline.version}`]) {
    evidence.writeDocument(evidence.subject(symbol, `offline_report${suffix}.json`), document, atMs, detail)
    evidence.writeDocument(evidence.subject(symbol, `eval_result${suffix}.json`), result, atMs, detail)
    evidence.writeText(evidence.subject(symbol, `eval_result${suffix}.txt`), text, atMs, detail)
  }
}
