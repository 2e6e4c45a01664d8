import type { Catalogue } from '../features/catalogue.ts'
import type { EnsembleWeights, Model } from './contract.ts'
import { heuristicModel } from './heuristic.ts'
import { logisticModel } from './logistic.ts'

/** With less of the weights held by members that gave a score, the mix gives none. */
const QUORUM = 0.5

/**
 * A mix of models ready to score: the weighted mean of what its members say. A member that throws or gives no probability is left
 * out, as long as the others hold at least half of the weights.
 * @param catalogue of the rows that it will score
 * @param shares weights in the members' order in place of the approved ones; at least 0, summing to 1
 */
export function ensembleModel(
  weights: EnsembleWeights,
  catalogue: Catalogue,
  shares: readonly number[] = weights.members.map(({ weight }) => weight),
): Model {
  const members = weights.members.map(({ model }) =>
    model.kind === 'heuristic' ? heuristicModel(weights.label, catalogue) : logisticModel(model, catalogue),
  )
  const { version, features, threshold } = weights
  return {
    version,
    kind: 'ensemble',
    features,
    places: catalogue.places(features),
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

function saidBy(member: Model | undefined, values: Float64Array): number {
  try {
    return member?.score(values) ?? Number.NaN
  } catch {
    return Number.NaN
  }
}
