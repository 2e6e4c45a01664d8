import type { DriftReference } from '../engine/drift/reference.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Calibration } from '../engine/models/calibration.ts'
import type { AnyModel, LabelSpec } from '../engine/models/contract.ts'
import type { Profile, Role } from '../engine/models/roles.ts'

/** A calibration that holds. */
export interface StandingCalibration extends Calibration {
  /** Since when its map does, market time; null where there is none. */
  readonly takenMs: UnixMs | null
}

export const UNCALIBRATED: StandingCalibration = { map: null, raisedBy: 0, takenMs: null }

/** A registered model, ready to score. */
export interface LoadedModel {
  readonly version: string
  readonly sha256: string
  readonly model: AnyModel
  /** What it predicts; left out where that is not known. */
  readonly label?: LabelSpec | undefined
  readonly reference: DriftReference
  readonly profile: Profile
  /** What it answers with beside its artifact, while it is in charge. */
  readonly calibration: StandingCalibration
  /** Since when it has its role, market time. */
  readonly sinceMs: UnixMs
  readonly offline: {
    readonly auc: number
    readonly aucLo: number
    readonly aucHi: number
    readonly precisionAt20: number
    readonly logLoss: number
    readonly ece: number
    readonly baseRate: number
  } | null
}

/** Who has which role; one that is left out has nobody. */
interface Cast {
  readonly inCharge?: LoadedModel | null
  readonly candidate?: LoadedModel | null
  readonly former?: LoadedModel | null
  readonly challengers?: readonly LoadedModel[]
}

/**
 * The models of one symbol, each in its role; the fallback stands apart. It never changes: whoever puts a model into another
 * role makes a new line-up. Everything that is looked at on each request is worked out once.
 */
export class LineUp {
  readonly inCharge: LoadedModel | null
  readonly candidate: LoadedModel | null
  readonly former: LoadedModel | null
  /** In the order in which they were registered. */
  readonly challengers: readonly LoadedModel[]
  /** Every model with a role, the one in charge first. */
  readonly standing: readonly LoadedModel[]
  /** Everything that runs beside the one in charge: the candidate, the former one, then the challengers. */
  readonly shadows: readonly LoadedModel[]
  /** The same without challengers: what a caller's request is followed by. */
  readonly contenders: readonly LoadedModel[]

  constructor({ inCharge = null, candidate = null, former = null, challengers = [] }: Cast = {}) {
    this.inCharge = inCharge
    this.candidate = candidate
    this.former = former
    this.challengers = [...challengers]
    this.contenders = [candidate, former].filter((model) => model !== null)
    this.shadows = [...this.contenders, ...challengers]
    this.standing = inCharge === null ? this.shadows : [inCharge, ...this.shadows]
  }

  /** The model that gates judge: the candidate, where there is none the one in charge. */
  get judged(): LoadedModel | null {
    return this.candidate ?? this.inCharge
  }

  /** The model of that version; null when it has no role. */
  of(version: string): LoadedModel | null {
    return this.standing.find((model) => model.version === version) ?? null
  }

  roleOf(version: string): Role | null {
    if (this.inCharge?.version === version) return 'in charge'
    if (this.candidate?.version === version) return 'candidate'
    if (this.former?.version === version) return 'former'
    return this.challengers.some((model) => model.version === version) ? 'challenger' : null
  }
}
