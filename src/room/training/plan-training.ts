import type { Profile } from '../../db/models.ts'
import type { FeatureSet } from '../../engine/features/catalogue.ts'
import { conflict, invalid } from '../../engine/kernel/errors.ts'
import { DAY_MS, floorTo, HOUR_MS, type UnixMs, minuteText, MINUTE_MS } from '../../engine/kernel/units.ts'
import type { TrainTask } from '../../work/task.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import { isKnownSet } from '../desk/declarations.ts'
import { nextVersion } from '../desk/model-registry.ts'
import { refuseWhileNeeded } from './retirement.ts'

export interface TrainingRequest {
  readonly version?: string | undefined
  /** The name of a set, or one of the user's own. */
  readonly features?: string | FeatureSet | undefined
  readonly profile?: Profile | undefined
  readonly windowMs?: number | undefined
  readonly untilMs?: UnixMs | undefined
  /** Whether it may take the place of a candidate; false refuses, left out is true. */
  readonly replace?: boolean | undefined
  /** Who asks; left out where the room does it by itself. */
  readonly by?: string | undefined
}

/** A model that was not trained here, to be measured and registered. */
export interface AddingRequest extends Omit<TrainingRequest, 'version' | 'features'> {
  /** The model's file, parsed from JSON. */
  readonly model: unknown
  /** The end of what its maker says it was trained on; left out where nothing is said. */
  readonly trainedUntilMs?: UnixMs | undefined
}

export interface PlannedTraining {
  readonly task: TrainTask
  readonly profile: Profile
  readonly slot: 'baseline' | 'candidate'
  readonly by: string
  /** Of a model that was trained elsewhere: up to when, as its maker says; null where nothing is said. */
  readonly trainedElsewhere?: { readonly untilMs: UnixMs | null }
}

const FIRST_MODEL = 'v1.8-b0'
const USUAL_SET = 'v1.8.1'
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/

/** On a real feed bars may lag behind the clock; the window then ends where the bars do. */
export function lastMidnight(desk: Desk, atMs: UnixMs): UnixMs {
  const newestKnown = (desk.tape.newestBar?.tsMs ?? atMs) + MINUTE_MS
  return floorTo(desk.tape.feed.clockKind === 'replay' ? atMs : Math.min(atMs, newestKnown), DAY_MS)
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
  const { catalogue } = desk
  const { store } = desk.parts
  const taken = store.models.versions(desk.symbol)
  if (typeof request.features === 'object') {
    const { features: own } = request
    isKnownSet(catalogue, own)
    const version = request.version ?? nextVersion(taken, own.name)
    const planned = planCandidate(desk, config, dataDir, atMs, { ...request, version, features: own.name }, kind)
    return { ...planned, task: { ...planned.task, ownSet: own } }
  }
  const named =
    request.features ??
    (request.version !== undefined && catalogue.set(request.version) !== undefined
      ? request.version
      : kind === 'first'
        ? FIRST_MODEL
        : USUAL_SET)
  const set = catalogue.set(named)
  if (set === undefined) {
    throw invalid(
      `there is no feature set ${named}`,
      `the sets are ${catalogue.sets.map((s) => s.name).join(', ')}`,
      'name one with --features',
      'features',
    )
  }
  const version = request.version ?? nextVersion(taken, set.name)
  return planCandidate(desk, config, dataDir, atMs, { ...request, version, features: set.name }, kind)
}

/**
 * Plans a model of this name that was trained elsewhere. Where its maker says up to when, only what came later is its window.
 * @throws OperatorError as `planCandidate`, and when less than a day came later
 */
export function planElsewhere(
  desk: Desk,
  config: Config,
  dataDir: string,
  atMs: UnixMs,
  { model: _, trainedUntilMs, ...request }: AddingRequest & { readonly version: string; readonly features: string },
): PlannedTraining {
  const untilMs = request.untilMs ?? lastMidnight(desk, atMs)
  const askedMs = request.windowMs ?? config.training.window_days * DAY_MS
  const windowMs = Math.min(askedMs, untilMs - (trainedUntilMs ?? -Infinity))
  if (windowMs < askedMs && windowMs < DAY_MS)
    throw conflict(
      `${request.version} cannot be measured yet`,
      `it was trained up to ${minuteText(untilMs - windowMs)} UTC, and a day is needed that it has not seen; the window ends at ${minuteText(untilMs)} UTC`,
      'wait, or add it without --trained-until',
      'too_little_data',
    )
  const plan = planCandidate(desk, config, dataDir, atMs, { ...request, untilMs, windowMs }, 'candidate')
  return { ...plan, trainedElsewhere: { untilMs: trainedUntilMs ?? null } }
}

/**
 * Plans a model of this name, however it comes about, refusing what cannot be.
 * @throws OperatorError for a version that exists or is no name, a slot that is taken, or too little data.
 */
export function planCandidate(
  desk: Desk,
  config: Config,
  dataDir: string,
  atMs: UnixMs,
  request: TrainingRequest & { readonly version: string; readonly features: string },
  kind: 'first' | 'candidate',
): PlannedTraining {
  const taken = desk.parts.store.models.versions(desk.symbol)
  const { version } = request
  if (!VERSION.test(version)) {
    throw invalid(
      `"${version}" is not a valid version name`,
      'letters, digits, dots and dashes only, at most 40',
      'name another with --version',
      'version',
    )
  }
  if (taken.includes(version)) {
    throw conflict(
      `${version} already exists`,
      'a registered version is never overwritten',
      `name another, for instance ${nextVersion(taken, version)}`,
      'version_exists',
    )
  }
  if (kind === 'candidate' && desk.lineUp.inCharge === null) {
    throw conflict(
      'no model is in charge yet',
      'the first model is trained automatically once there are 14 days of bars',
      'wait, or bring bars in with: onay import bars FILE',
      'no_baseline',
    )
  }
  refuseWhileNeeded(desk)
  const untilMs = request.untilMs ?? lastMidnight(desk, atMs)
  const window = { fromMs: untilMs - (request.windowMs ?? config.training.window_days * DAY_MS), untilMs }
  refuseThinData(desk, atMs, window)
  return {
    task: taskOf(desk, config, { dataDir, version, set: request.features, window, atMs }),
    profile: request.profile ?? 'equivalent',
    slot: kind === 'first' ? 'baseline' : 'candidate',
    by: request.by ?? 'onay',
  }
}

function refuseThinData(desk: Desk, atMs: UnixMs, window: { fromMs: UnixMs; untilMs: UnixMs }): void {
  const firstMs = desk.parts.store.bars.firstMs(desk.symbol)
  const asked = `the window ${minuteText(window.fromMs)} to ${minuteText(window.untilMs)} UTC`
  if (window.untilMs > atMs)
    throw invalid(
      `${asked} is in the future`,
      `it is ${minuteText(atMs)} UTC on the market clock`,
      'name an earlier --until',
      'window',
    )
  if (window.fromMs >= window.untilMs)
    throw invalid(`${asked} is empty`, 'it ends before it begins', 'name a longer --window', 'window')
  if (firstMs === null || firstMs > window.fromMs) {
    const have = firstMs === null ? 'no bar has been stored yet' : `the bars begin at ${minuteText(firstMs)} UTC`
    throw invalid(
      `too little data for ${asked}`,
      have,
      'use a shorter --window, or bring bars in with: onay import bars FILE',
      'too_little_data',
    )
  }
}

function taskOf(
  desk: Desk,
  config: Config,
  plan: { dataDir: string; version: string; set: string; window: { fromMs: UnixMs; untilMs: UnixMs }; atMs: UnixMs },
): TrainTask {
  const { limits, store } = desk.parts
  const baseline = desk.lineUp.inCharge
  const row = baseline === null ? null : store.models.get(desk.symbol, baseline.version)
  // A model behind HTTP is not asked about the past again: what follows it is compared with the fallback alone.
  const served = row?.weights ?? null
  return {
    kind: 'train',
    dataDir: plan.dataDir,
    symbol: desk.symbol,
    version: plan.version,
    featureSet: plan.set,
    scaler: config.training.scaler,
    window: plan.window,
    label: limits.label,
    folds: config.training.folds,
    embargoMin: config.training.embargo_min,
    seed: config.training.seed,
    limits: { auc: limits.gates.auc, precisionAt20: limits.gates.precisionAt20 },
    baseline:
      row === null || (served?.kind !== 'logistic' && served?.kind !== 'trees')
        ? null
        : { version: row.version, weights: served, windowUntilMs: row.windowUntilMs },
    elsewhere: null,
    // Whole hours: the hour that is under way is counted again when the model is registered.
    countUntilMs: floorTo(plan.atMs, HOUR_MS),
  }
}
