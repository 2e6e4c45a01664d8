import type { RegisteredModel, SlotName, SlotRow } from '../../db/models.ts'
import type { Store } from '../../db/store.ts'
import type { Catalogue } from '../../engine/features/catalogue.ts'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import type { AnyModel, Model, ModelWeights, OnnxWeights } from '../../engine/models/contract.ts'
import { unreachable } from '../../engine/kernel/unreachable.ts'
import { ensembleModel } from '../../engine/models/ensemble.ts'
import type { MixShares } from '../../engine/models/mix-shares.ts'
import { logisticModel } from '../../engine/models/logistic.ts'
import { treesModel } from '../../engine/models/tree-file.ts'
import { regimeSharesOf } from '../../evidence/regime-document.ts'
import { LineUp, type LoadedModel, UNCALIBRATED } from '../../serving/line-up.ts'
import { httpModel } from '../../serving/http-model.ts'
import { onnxModel } from '../../serving/onnx-model.ts'

/** What stands in the slots of a symbol now. @throws OperatorError when an artifact is not the one that was registered */
export function loadSlots(store: Store, symbol: string, budgetMs: number): LineUp {
  const rows = store.models.slots(symbol)
  const load = ({ version, profile, sinceMs }: Pick<SlotRow, 'version' | 'profile' | 'sinceMs'>): LoadedModel => {
    const model = store.models.get(symbol, version)
    if (model === null) throw damaged(symbol, version, 'it has a role and is not in the registry')
    const [look] = store.calibrations.newest(symbol, version, model.sha256, 1)
    const calibration = look === undefined ? UNCALIBRATED : { ...look.calibration, takenMs: look.takenMs }
    const loaded = loadModel(model, store.features.catalogueOf(symbol), budgetMs, sharesOf(store, symbol, model))
    return { ...loaded, calibration, profile, sinceMs }
  }
  const inSlot = (slot: SlotName): LoadedModel | null => {
    const row = rows.find((entry) => entry.slot === slot)
    return row === undefined ? null : load(row)
  }
  // One that has got another role meanwhile has that one alone.
  const free = store.models.challengers(symbol).filter(({ version }) => !rows.some((row) => row.version === version))
  const challengers = free.map(({ version, sinceMs }) => load({ version, sinceMs, profile: 'improve' }))
  return new LineUp({
    inCharge: inSlot('baseline'),
    candidate: inSlot('candidate'),
    former: inSlot('former'),
    challengers,
  })
}

/** @param catalogue of the rows that it will score. @param budgetMs what a model behind HTTP, or one as ONNX, has for a score. @param shares of a mix, where these are others than the approved */
export function loadModel(
  registered: RegisteredModel,
  catalogue: Catalogue,
  budgetMs: number,
  shares?: MixShares,
): Omit<LoadedModel, 'calibration' | 'profile' | 'sinceMs'> {
  const { version, sha256, weights, reference, offline } = registered
  return {
    version,
    sha256,
    model: modelOf(weights, catalogue, budgetMs, shares),
    label: weights.label,
    reference,
    offline: {
      auc: offline.auc,
      aucLo: offline.auc_interval.lo,
      aucHi: offline.auc_interval.hi,
      precisionAt20: offline.precision_at_20,
      logLoss: offline.log_loss,
      ece: offline.ece,
      baseRate: offline.base_rate,
    },
  }
}

/** The weights that a mix has come to since it was approved; undefined for any other model, and before its first step. */
function sharesOf(store: Store, symbol: string, { version, weights }: RegisteredModel): MixShares | undefined {
  if (weights.kind !== 'ensemble') return undefined
  const [last] = store.ensembles.newest(symbol, 1, version)
  if (last === undefined) return undefined
  const common = weights.members.map((member) => last.members.find((of) => of.version === member.version)?.weight ?? 0)
  return { common, regimes: weights.regimes === true ? regimeSharesOf(last) : null }
}

function modelOf(
  weights: ModelWeights,
  catalogue: Catalogue,
  budgetMs: number,
  shares: MixShares | undefined,
): AnyModel {
  switch (weights.kind) {
    case 'http':
      return httpModel(weights, { stopwatch: monotonicMs, budgetMs, catalogue })
    case 'ensemble':
      return ensembleModel(weights, catalogue, (member, of) => loadedOnnx(member, of, budgetMs), shares)
    case 'logistic':
      return logisticModel(weights, catalogue)
    case 'trees':
      return treesModel(weights, catalogue)
    case 'onnx':
      return loadedOnnx(weights, catalogue, budgetMs)
    default:
      return unreachable(weights)
  }
}

function loadedOnnx(weights: OnnxWeights, catalogue: Catalogue, budgetMs: number): Model {
  try {
    return onnxModel(weights, catalogue, budgetMs)
  } catch (error) {
    const next = 'mend that and start again: docs/own-models.md'
    throw new OperatorError(`the model ${weights.version} cannot be used`, messageOf(error), next, 'onnx', 500)
  }
}

function damaged(symbol: string, version: string, why: string): OperatorError {
  return new OperatorError(
    `the model ${version} of ${symbol} cannot be used`,
    why,
    'restore the data directory from a copy',
    'artifact',
    500,
  )
}

/** The version that a retrain of a feature set is called when nobody names one: the set's own, else its last number raised. */
export function nextVersion(taken: readonly string[], set: string): string {
  let version = set
  while (taken.includes(version)) {
    version = /\d+$/.test(version) ? version.replace(/\d+$/, (digits) => String(Number(digits) + 1)) : `${version}.1`
    // v1.9 is raised to v1.9.1 and not to v1.10, which would read as another set.
    if (version === 'v1.10') version = 'v1.9.1'
  }
  return version
}
