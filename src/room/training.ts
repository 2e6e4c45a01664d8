import type { Profile } from '../db/models.ts'
import { featureSet, FEATURE_SETS } from '../engine/features/catalogue.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { DAY_MS, floorTo, HOUR_MS, isoDate, isoTime, type UnixMs } from '../engine/kernel/units.ts'
import { parseLogisticWeights } from '../engine/models/artifact.ts'
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts'
import type { OfflineReport } from '../evidence/documents.ts'
import type { TrainOutcome, TrainTask } from '../work/task.ts'
import type { Config } from './config.ts'
import type { Desk } from './desk.ts'
import type { EvidenceDesk } from './evidence-desk.ts'
import { nextVersion } from './registry.ts'

export interface TrainingRequest {
  readonly version?: string | undefined
  readonly features?: string | undefined
  readonly profile?: Profile | undefined
  readonly windowMs?: number | undefined
  readonly untilMs?: UnixMs | undefined
}

export interface PlannedTraining {
  readonly task: TrainTask
  readonly profile: Profile
  readonly slot: 'baseline' | 'candidate'
}

const FIRST_MODEL = 'v1.8-b0'
const USUAL_SET = 'v1.8.1'
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/

/** The first model is due at the first UTC midnight that has the whole window behind it. */
export function bootstrapDue(desk: Desk, config: Config, atMs: UnixMs): boolean {
  if (desk.slots.baseline !== null || desk.newestBar === null) return false
  const firstMs = desk.parts.store.bars.span(desk.symbol).firstMs
  const midnight = lastMidnight(desk, atMs)
  return firstMs !== null && firstMs <= midnight - config.training.window_days * DAY_MS
}

/** On a real feed bars may lag behind the clock; the window then ends where the bars do. */
function lastMidnight(desk: Desk, atMs: UnixMs): UnixMs {
  const newestKnown = (desk.newestBar?.tsMs ?? atMs) + 60_000
  return floorTo(desk.feed.clockKind === 'replay' ? atMs : Math.min(atMs, newestKnown), DAY_MS)
}

/**
 * Plans a training, refusing what cannot be.
 * @throws OperatorError for an unknown feature set, a version that exists or is no name, or too little data.
 */
export function planTraining(
  desk: Desk,
  config: Config,
  dataDir: string,
  atMs: UnixMs,
  request: TrainingRequest,
  kind: 'first' | 'candidate',
): PlannedTraining {
  const { store } = desk.parts
  const taken = store.models.list(desk.symbol).map((row) => row.version)
  const named =
    request.features ??
    (request.version !== undefined && featureSet(request.version) !== undefined
      ? request.version
      : kind === 'first'
        ? FIRST_MODEL
        : USUAL_SET)
  const set = featureSet(named)
  if (set === undefined) {
    throw new OperatorError(
      `there is no feature set ${named}`,
      `the sets are ${FEATURE_SETS.map((s) => s.name).join(', ')}`,
      'name one with --features',
      'features',
      422,
    )
  }
  const version = request.version ?? nextVersion(taken, set.name)
  if (!VERSION.test(version)) {
    throw new OperatorError(
      `${version} is no version name`,
      'letters, digits, dots and dashes only, at most 40',
      'name another with --version',
      'version',
      422,
    )
  }
  if (taken.includes(version)) {
    throw new OperatorError(
      `${version} exists already`,
      'a version once registered is never overwritten',
      `name another, for instance --version ${nextVersion(taken, set.name)}`,
      'version_exists',
      409,
    )
  }
  if (kind === 'candidate' && desk.slots.baseline === null) {
    throw new OperatorError(
      'no model is in charge yet',
      'the first is trained by itself once 14 days of bars are there',
      'bring bars in with: onay import bars FILE, or wait',
      'no_baseline',
      409,
    )
  }
  if (desk.canary?.running === true || desk.canary?.awaiting === true) {
    throw new OperatorError(
      'the slot is taken',
      'a canary of the candidate is under way',
      'wait for its end, or abort it: onay canary abort',
      'canary_runs',
      409,
    )
  }
  const untilMs = request.untilMs ?? lastMidnight(desk, atMs)
  const window = { fromMs: untilMs - (request.windowMs ?? config.training.window_days * DAY_MS), untilMs }
  refuseThinData(desk, atMs, window)
  return {
    task: taskOf(desk, config, { dataDir, version, set: set.name, window, atMs }),
    profile: request.profile ?? 'equivalent',
    slot: kind === 'first' ? 'baseline' : 'candidate',
  }
}

function refuseThinData(desk: Desk, atMs: UnixMs, window: { fromMs: UnixMs; untilMs: UnixMs }): void {
  const { firstMs } = desk.parts.store.bars.span(desk.symbol)
  const asked = `the window ${isoTime(window.fromMs).slice(0, 16)} to ${isoTime(window.untilMs).slice(0, 16)} UTC`
  if (window.untilMs > atMs)
    throw new OperatorError(
      `${asked} lies ahead`,
      `it is ${isoTime(atMs).slice(0, 16)} UTC on the market clock`,
      'name an earlier --until',
      'window',
      422,
    )
  if (window.fromMs >= window.untilMs)
    throw new OperatorError(`${asked} is empty`, 'its length is not positive', 'name a longer --window', 'window', 422)
  if (firstMs === null || firstMs > window.fromMs) {
    const have = firstMs === null ? 'there are no bars' : `the first bar is of ${isoTime(firstMs).slice(0, 16)} UTC`
    throw new OperatorError(
      `too little data for ${asked}`,
      have,
      'name a shorter --window, or bring in bars with: onay import bars',
      'too_little_data',
      422,
    )
  }
}

function taskOf(
  desk: Desk,
  config: Config,
  plan: { dataDir: string; version: string; set: string; window: { fromMs: UnixMs; untilMs: UnixMs }; atMs: UnixMs },
): TrainTask {
  const { limits, store } = desk.parts
  const baseline = desk.slots.baseline
  const row = baseline === null ? null : store.models.get(desk.symbol, baseline.version)
  return {
    dataDir: plan.dataDir,
    symbol: desk.symbol,
    version: plan.version,
    featureSet: plan.set,
    window: plan.window,
    label: limits.label,
    folds: config.training.folds,
    embargoMin: config.training.embargo_min,
    seed: config.training.seed,
    limits: { auc: limits.gates.auc, precisionAt20: limits.gates.precisionAt20 },
    baseline:
      row === null
        ? null
        : {
            version: row.version,
            weights: parseLogisticWeights(JSON.parse(row.weights)),
            windowUntilMs: row.windowUntilMs,
          },
    // Whole hours: the hour that is under way is counted again when the model is registered.
    countUntilMs: floorTo(plan.atMs, HOUR_MS),
  }
}

/**
 * Registers a trained model and puts it in its slot, in one transaction: registry, slot, drift counts, chain and the files
 * that the outbox will write. The candidate before it, if any, is retired.
 */
export function register(
  desk: Desk,
  evidence: EvidenceDesk,
  plan: PlannedTraining,
  outcome: TrainOutcome,
  atMs: UnixMs,
  codeVersion: string,
): OfflineReport {
  const { store, wallNow } = desk.parts
  const { symbol } = desk
  const { task, slot, profile } = plan
  const { version } = task
  const weights = canonicalJson(outcome.weights)
  const sha256 = sha256Hex(weights)
  const reference = canonicalJson(outcome.reference)
  const { features, mean, std, lo, hi } = outcome.weights
  const scaler = canonicalJson({ version, scaler: 'standard', features, mean, std, lo, hi })
  const manifest = canonicalJson({
    version,
    symbol,
    feature_set: task.featureSet,
    data: { from: isoTime(task.window.fromMs), until: isoTime(task.window.untilMs), ...outcome.data },
    configuration: { label: task.label, folds: task.folds, embargo_min: task.embargoMin, limits: task.limits },
    baseline: task.baseline?.version ?? null,
    seed: task.seed,
    code_version: codeVersion,
    libraries: { node: process.versions.node.split('.')[0] },
    weights_sha256: sha256,
  })
  const offline: OfflineReport = { ...outcome.report, timestamp: isoTime(atMs) }
  const detail = { model: version, model_sha256: sha256 }
  store.db.decision(() => {
    store.models.register({
      symbol,
      version,
      kind: 'logistic',
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
    evidence.recordFact('registration', `${symbol}/${version}`, atMs, { ...detail, slot, profile })
    for (const [name, content] of Object.entries({
      model_weights: weights,
      reference_distributions: reference,
      scaler_params: scaler,
      training_manifest: manifest,
    })) {
      evidence.writeText(evidence.artifactSubject(symbol, version, `${name}_${version}.json`), content, atMs, detail)
    }
    writeOffline(desk, evidence, offline, atMs, detail)
    desk.event(
      'training',
      'info',
      `${version} ${slot === 'baseline' ? 'is in charge' : 'is in the shadow'}: AUC ${offline.auc.toFixed(4)}, P@20 ${offline.precision_at_20.toFixed(3)}`,
    )
    if (slot === 'candidate') desk.event('training', 'info', offline.plain)
  })
  desk.reloadSlots()
  countOpenHour(desk, version, task.countUntilMs, atMs)
  return offline
}

/** The rows that came in while it was trained. */
function countOpenHour(desk: Desk, version: string, fromMs: UnixMs, atMs: UnixMs): void {
  const counts = desk.drift.get(version)
  const model = desk.standing.find((standing) => standing.version === version)
  if (counts === undefined || model === undefined) return
  const from = Math.max(fromMs, model.reference.window.untilMs)
  for (const row of desk.parts.store.features.each(desk.symbol, from, atMs)) counts.add(row)
}

function writeOffline(desk: Desk, evidence: EvidenceDesk, offline: OfflineReport, atMs: UnixMs, detail: object): void {
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
