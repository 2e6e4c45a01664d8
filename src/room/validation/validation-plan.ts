import type { RegisteredModel, Profile, SlotRow } from '../../db/models.ts'
import type { DriftReference } from '../../engine/drift/reference.ts'
import { conflict, notFound } from '../../engine/kernel/errors.ts'
import { requiredFiles } from '../../evidence/required.ts'
import { LineUp, type LoadedModel, UNCALIBRATED } from '../../serving/line-up.ts'
import type { Validate } from '../../control/commands.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import { loadModel } from '../desk/model-registry.ts'

/** The models that answer and run in the shadow while requests are fired. */
interface ShadowPlan {
  readonly lineUp: LineUp
  /** Whose scores must be the answers. */
  readonly answeredBy: string
  /** The candidate's: under it the smoke is judged. */
  readonly profile: Profile
}

export interface ValidationPlan {
  readonly model: LoadedModel
  readonly row: RegisteredModel
  /** Where the version stands; null when in no slot. */
  readonly slot: SlotRow | null
  readonly profile: Profile
  /** Of the model that this one follows; null when it follows none. */
  readonly former: DriftReference | null
  readonly shadow: ShadowPlan | { readonly missing: string }
}

/**
 * Plans a validation, refusing what cannot be.
 * @throws OperatorError for an unknown version, where no model is, for artifacts that are not there whole, and for a profile
 * of a version that is no candidate
 */
export function planValidation(desks: Desks, desk: Desk, request: Validate): ValidationPlan {
  const version = request.version ?? desk.judged?.version
  if (version === undefined)
    throw conflict(
      `${desk.symbol} has no model to validate`,
      'there is neither a candidate in the shadow nor a model in charge',
      'the first model is trained once there are 14 days of bars',
      'no_model',
    )
  const row = desks.store.models.get(desk.symbol, version)
  if (row === null)
    throw notFound(
      `${desk.symbol} has no model ${version}`,
      'it is not in the registry',
      'see them with: onay models',
      'unknown_version',
    )
  refuseWithoutArtifacts(desks, desk, version)
  const slot = desks.store.models.slots(desk.symbol).find((entry) => entry.version === version) ?? null
  if (request.profile !== undefined && slot?.slot !== 'candidate')
    throw conflict(
      `${version} cannot have a profile`,
      'only the candidate has a profile, and this is not the candidate',
      'leave --profile out',
      'profile',
    )
  const profile = request.profile ?? slot?.profile ?? 'equivalent'
  const model = { ...loadedOf(desk, row), profile }
  return { model, row, slot, profile, former: formerOf(desk, slot, version), shadow: shadowOf(desk, model, slot) }
}

function refuseWithoutArtifacts(desks: Desks, desk: Desk, version: string): void {
  const { evidence } = desks
  for (const { name } of requiredFiles(version, 0).filter((file) => file.where === 'artifacts')) {
    const standing = evidence.standing(evidence.artifactSubject(desk.symbol, version, name))
    if (standing === 'whole') continue
    throw conflict(
      `${version} has no artifacts to validate`,
      `${name} is ${standing === 'changed' ? 'not the file that was recorded' : 'missing'}`,
      'restore it from a copy, or train another version with: onay retrain',
      'artifact',
    )
  }
}

/** One in a slot as it is served; any other as the registry has it. */
function loadedOf(desk: Desk, row: RegisteredModel): LoadedModel {
  const standing = desk.lineUp.of(row.version)
  if (standing !== null) return standing
  return {
    ...loadModel(row, desk.catalogue, desk.parts.limits.serving.shadowBudgetMs),
    calibration: UNCALIBRATED,
    profile: 'equivalent',
    sinceMs: 0,
  }
}

/** What a model comes after: the one in charge, for that the one before it. */
function formerOf(desk: Desk, slot: SlotRow | null, version: string): DriftReference | null {
  const { inCharge: baseline, former } = desk.lineUp
  const before = slot?.slot === 'baseline' ? former : baseline
  return before === null || before.version === version ? null : before.reference
}

function shadowOf(desk: Desk, model: LoadedModel, slot: SlotRow | null): ValidationPlan['shadow'] {
  const { inCharge: baseline, candidate } = desk.lineUp
  if (baseline === null) return { missing: 'no model is in charge that a shadow could be compared with' }
  if (slot?.slot === 'candidate') {
    const lineUp = new LineUp({ inCharge: baseline, candidate: model })
    return { lineUp, answeredBy: baseline.version, profile: model.profile }
  }
  if (slot?.slot !== 'baseline') return { missing: `${model.version} is not the candidate in the shadow` }
  if (candidate === null) return { missing: 'no candidate is in the shadow: onay retrain' }
  return {
    lineUp: new LineUp({ inCharge: baseline, candidate }),
    answeredBy: baseline.version,
    profile: candidate.profile,
  }
}
