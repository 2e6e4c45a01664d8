import { conflict, invalid } from '../../engine/kernel/errors.ts'
import { DAY_MS, minuteText, type UnixMs } from '../../engine/kernel/units.ts'
import { isByRegime, membersOf, parseEnsembleWeights } from '../../engine/models/artifact.ts'
import { type EnsembleWeights, labelText, sameLabel } from '../../engine/models/contract.ts'
import { REGIME_COLUMNS } from '../../engine/models/mix-shares.ts'
import { fieldsOf, numberOf, textOf } from '../../engine/models/fields.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import { type AddingRequest, lastMidnight, planCandidate, type PlannedTraining } from './plan-training.ts'

/** With fewer it cannot be told what a mix is worth. */
const MIN_DAYS = 3
const ENVELOPE = 0.1

interface PlannedEnsemble {
  readonly plan: PlannedTraining
  readonly weights: EnsembleWeights
  readonly ownThreshold: boolean
}

/**
 * Plans the registration of a mix of registered models. It is measured on what came after the newest of them was trained: on the rows
 * that a member has learnt from it would look better than it is.
 * @throws OperatorError when the file is none, for a member that cannot be mixed, and for what a training is refused for
 */
export function planEnsemble(
  desk: Desk,
  config: Config,
  dataDir: string,
  atMs: UnixMs,
  { model, trainedUntilMs: told, ...request }: AddingRequest,
): PlannedEnsemble {
  if (told !== undefined)
    throw invalid(
      'a mix has no end of training of its own',
      'it is measured on what came after the newest of its members was trained',
      'leave --trained-until out',
      'trained_until',
    )
  const file = typeof model === 'object' && model !== null ? model : {}
  const ownThreshold = 'threshold' in file
  const { weights, trainedUntilMs } = readFile(desk, file)
  const { version } = weights
  const untilMs = request.untilMs ?? lastMidnight(desk, atMs)
  const windowMs = request.windowMs ?? untilMs - trainedUntilMs
  if (windowMs < MIN_DAYS * DAY_MS || untilMs - windowMs < trainedUntilMs)
    throw conflict(
      `${version} cannot be measured yet`,
      `its members were trained up to ${minuteText(trainedUntilMs)} UTC, and ${MIN_DAYS} days after that are needed which none of them has seen`,
      'wait, or mix older models',
      'too_little_data',
    )
  const plan = planCandidate(
    desk,
    config,
    dataDir,
    atMs,
    { ...request, untilMs, windowMs, version, features: 'ensemble' },
    'candidate',
  )
  return { plan, weights, ownThreshold }
}

interface ReadFile {
  readonly weights: EnsembleWeights
  /** The newest row that a member has learnt from. */
  readonly trainedUntilMs: UnixMs
}

/** The file with its members as they are registered. */
function readFile(desk: Desk, file: object): ReadFile {
  const { label } = desk.parts.limits
  let trainedUntilMs = 0
  try {
    const members = membersOf('members' in file ? file.members : undefined).map((entry, i) => {
      const member = fieldsOf(entry, `members[${i}]`)
      const version = textOf(member.version, `members[${i}].version`)
      const weight = numberOf(member.weight, `members[${i}].weight`)
      if (version === desk.fallback.version) return { version, sha256: null, weight, model: { kind: 'heuristic' } }
      const registered = desk.parts.store.models.get(desk.symbol, version)
      if (registered === null) throw new RangeError(`members[${i}]: ${version} is not registered, see onay models`)
      const { kind } = registered.weights
      if (kind === 'http' || kind === 'ensemble')
        throw new RangeError(`members[${i}]: ${version} is a model of kind ${kind}, which cannot be mixed`)
      if (!sameLabel(registered.weights.label, label))
        throw new RangeError(
          `members[${i}]: ${version} predicts ${labelText(registered.weights.label)}, which the room does not settle`,
        )
      trainedUntilMs = Math.max(trainedUntilMs, registered.windowUntilMs)
      return { version, sha256: registered.sha256, weight, model: registered.weights }
    })
    const ofMembers = members.flatMap(({ model }) => ('features' in model ? model.features : desk.fallback.features))
    const features = isByRegime('regimes' in file ? file.regimes : undefined)
      ? [...ofMembers, ...REGIME_COLUMNS]
      : ofMembers
    const whole = { threshold: 0.5, envelope: ENVELOPE, ...file, label, members, features: [...new Set(features)] }
    return { weights: parseEnsembleWeights(whole, desk.catalogue), trainedUntilMs }
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw invalid(
      'the file does not describe a mix of models',
      error.message,
      'correct the file: version, kind "ensemble" and members with version and weight are needed',
      'model_file',
    )
  }
}
