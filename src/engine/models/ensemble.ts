import type { Catalogue } from '../features/catalogue.ts'
import { regimeOf } from '../market/regime.ts'
import type { EnsembleWeights, Model } from './contract.ts'
import { heuristicModel } from './heuristic.ts'
import { logisticModel } from './logistic.ts'
import { type MixShares, REGIME_COLUMNS, sharesIn } from './mix-shares.ts'

/** With less of the weights held by members that gave a score, the mix gives none. */
const QUORUM = 0.5

/**
 * A mix of models ready to score: the weighted mean of what its members say. A member that throws or gives no probability is left
 * out, as long as the others hold at least half of the weights.
 * @param catalogue of the rows that it will score
 * @param shares in place of the approved weights
 */
export function ensembleModel(
  weights: EnsembleWeights,
  catalogue: Catalogue,
  shares: MixShares = { common: weights.members.map(({ weight }) => weight), regimes: null },
): Model {
  const members = weights.members.map(({ model }) =>
    model.kind === 'heuristic' ? heuristicModel(weights.label, catalogue) : logisticModel(model, catalogue),
  )
  const { version, features, threshold } = weights
  const [volatility, efficiency] = REGIME_COLUMNS.map((name) => catalogue.place(name))
  const sharesAt = (values: Float64Array): readonly number[] => {
    if (shares.regimes === null) return shares.common
    const at = (place = -1): number => values[place] ?? Number.NaN
    return sharesIn(shares, regimeOf(at(volatility), at(efficiency), shares.regimes.volatileAbove))
  }
  return {
    version,
    kind: 'ensemble',
    features,
    places: catalogue.places(features),
    // Where a regime is not known the common weights hold: its columns alone may be missing.
    needed: catalogue.places(features.filter((name) => members.some((member) => member.features.includes(name)))),
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

function saidBy(member: Model | undefined, values: Float64Array): number {
  try {
    return member?.score(values) ?? Number.NaN
  } catch {
    return Number.NaN
  }
}
