import type { Catalogue } from '../features/catalogue.ts'
import { sigmoid } from '../stats/calibration.ts'
import type { LogisticWeights, Model } from './contract.ts'

/**
 * A logistic model ready to score: each feature is winsorised to [lo, hi], standardised and weighted, then Platt's
 * p = sigma(a logit + b). Scoring allocates nothing.
 * @param catalogue of the rows that it will score
 * @throws RangeError when a record of the weights lacks a feature, or the catalogue has no such column
 */
export function logisticModel(weights: LogisticWeights, catalogue: Catalogue): Model {
  const { features, bias, platt } = weights
  const places = catalogue.places(features)
  const [w, mean, std, lo, hi] = (['weights', 'mean', 'std', 'lo', 'hi'] as const).map((part) =>
    Float64Array.from(features, (name) => numberOf(weights[part], part, name)),
  )
  if (!w || !mean || !std || !lo || !hi) throw new RangeError('weights are incomplete')
  return {
    version: weights.version,
    kind: 'logistic',
    features,
    places,
    threshold: weights.threshold,
    score(values) {
      let logit = bias
      for (let j = 0; j < places.length; j++) {
        const x = values[places[j] ?? -1] ?? Number.NaN
        const clipped = Math.min(Math.max(x, lo[j] ?? Number.NaN), hi[j] ?? Number.NaN)
        logit += ((clipped - (mean[j] ?? Number.NaN)) / (std[j] ?? Number.NaN)) * (w[j] ?? Number.NaN)
      }
      return sigmoid(platt.a * logit + platt.b)
    },
  }
}

function numberOf(record: Readonly<Record<string, number>>, part: string, name: string): number {
  const value = record[name]
  if (value === undefined) throw new RangeError(`${part} has no value for ${name}`)
  return value
}
