import type { Catalogue } from '../features/catalogue.ts'
import { unreachable } from '../kernel/unreachable.ts'
import { regimeOf } from '../market/regime.ts'
import type { EnsembleMember, EnsembleWeights, LabelSpec, Model, OnnxWeights } from './contract.ts'
import { heuristicModel } from './heuristic.ts'
import { logisticModel } from './logistic.ts'
import { type MixShares, REGIME_COLUMNS, sharesIn } from './mix-shares.ts'
import { treesModel } from './tree-file.ts'

/** With less of the weights held by members that gave a score, the mix gives none. */
const QUORUM = 0.5

type OnnxModel = (weights: OnnxWeights, catalogue: Catalogue) => Model

/**
 * A mix of models ready to score: the weighted mean of what its members say. A member that throws or gives no probability is left
 * out, as long as the others hold at least half of the weights.
 * @param catalogue of the rows that it will score
 * @param onnxModel makes a member that is ONNX ready to score, which takes a library
 * @param shares in place of the approved weights
 */
export function ensembleModel(
  weights: EnsembleWeights,
  catalogue: Catalogue,
  onnxModel: OnnxModel,
  shares: MixShares = { common: weights.members.map(({ weight }) => weight), regimes: null },
): Model {
  const members = weights.members.map(({ model }) => memberModel(model, weights.label, catalogue, onnxModel))
  const { version, features, threshold } = weights
  const told = shares.regimes === null ? [] : REGIME_COLUMNS.map((name) => catalogue.place(name))
  const sharesAt = (values: Float64Array): readonly number[] => {
    if (shares.regimes === null) return shares.common
    const [volatility, efficiency] = told
    const at = (place = -1): number => values[place] ?? Number.NaN
    return sharesIn(shares, regimeOf(at(volatility), at(efficiency), shares.regimes.volatileAbove))
  }
  return {
    version,
    kind: 'ensemble',
    features,
    places: catalogue.places(features),
    // Of the columns that tell a regime none: where it is not known, the common weights hold.
    needed: Int32Array.from(new Set(members.flatMap(({ places, needed = places }) => [...needed]))),
    threshold,
    score(values) {
      const now = sharesAt(values)
      let sum = 0
      let held = 0
      for (let i = 0; i < members.length; i++) {
        const share = now[i] ?? 0
        const said = share > 0 ? saidBy(members[i], values) : Number.NaN
        if (!(said >= 0 && said <= 1)) continue
        sum += share * said
        held += share
      }
      return held >= QUORUM ? sum / held : Number.NaN
    },
  }
}

function memberModel(
  model: EnsembleMember['model'],
  label: LabelSpec,
  catalogue: Catalogue,
  onnxModel: OnnxModel,
): Model {
  switch (model.kind) {
    case 'heuristic':
      return heuristicModel(label, catalogue)
    case 'logistic':
      return logisticModel(model, catalogue)
    case 'trees':
      return treesModel(model, catalogue)
    case 'onnx':
      return onnxModel(model, catalogue)
    default:
      return unreachable(model)
  }
}

function saidBy(member: Model | undefined, values: Float64Array): number {
  try {
    return member?.score(values) ?? Number.NaN
  } catch {
    return Number.NaN
  }
}
