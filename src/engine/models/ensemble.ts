import type { Catalogue } from '../features/catalogue.ts'
import { unreachable } from '../kernel/unreachable.ts'
import type { EnsembleMember, EnsembleWeights, LabelSpec, Model, OnnxWeights } from './contract.ts'
import { heuristicModel } from './heuristic.ts'
import { logisticModel } from './logistic.ts'
import { treesModel } from './tree-file.ts'

/** With less of the weights held by members that gave a score, the mix gives none. */
const QUORUM = 0.5

type OnnxModel = (weights: OnnxWeights, catalogue: Catalogue) => Model

/**
 * A mix of models ready to score: the weighted mean of what its members say. A member that throws or gives no probability is left
 * out, as long as the others hold at least half of the weights.
 * @param catalogue of the rows that it will score
 * @param onnxModel makes a member that is ONNX ready to score, which takes a library
 * @param shares weights in the members' order in place of the approved ones; at least 0, summing to 1
 */
export function ensembleModel(
  weights: EnsembleWeights,
  catalogue: Catalogue,
  onnxModel: OnnxModel,
  shares: readonly number[] = weights.members.map(({ weight }) => weight),
): Model {
  const members = weights.members.map(({ model }) => memberModel(model, weights.label, catalogue, onnxModel))
  const { version, features, threshold } = weights
  return {
    version,
    kind: 'ensemble',
    features,
    places: catalogue.places(features),
    needed: Int32Array.from(new Set(members.flatMap(({ places, needed = places }) => [...needed]))),
    threshold,
    score(values) {
      let sum = 0
      let held = 0
      for (let i = 0; i < members.length; i++) {
        const share = shares[i] ?? 0
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
