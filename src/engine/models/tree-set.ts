/**
 * Five boosted models of one market, trained and registered together: where the price goes in the next minutes, by how much, how far
 * it strays on the way, whether it goes on as before, and how much it moves.
 */
import type { Catalogue, Column } from '../features/catalogue.ts'
import { sigmoid } from '../stats/calibration.ts'
import { between, featuresOf, fieldsOf, numberOf, show, textOf } from './fields.ts'
import { sumOfForest } from './forest.ts'
import { forestOf, parseEnsemble, type TreeEnsemble, type WrittenEnsemble, writtenEnsemble } from './trees.ts'

/**
 * What is predicted of the next `horizonMin` bars. `direction`: whether the log return is above 0; `price`: the log return, bp; `risk`:
 * the larger excursion to either side, bp; `momentum`: whether the sign of the last bars goes on; `volatility`: log of the root mean
 * square of one-minute log returns.
 */
export const SET_TARGETS = ['direction', 'price', 'risk', 'momentum', 'volatility'] as const
export type SetTarget = (typeof SET_TARGETS)[number]

/** Targets that are a yes or a no, whose models give a probability. */
export function isEvent(target: SetTarget): boolean {
  return target === 'direction' || target === 'momentum'
}

interface SetMember {
  readonly ensemble: TreeEnsemble
  /** Whether it beat its naive predictor with certainty, on rows that it had not seen. */
  readonly useful: boolean
}

export interface SetWeights {
  readonly version: string
  readonly features: readonly Column[]
  readonly horizonMin: number
  readonly members: Readonly<Record<SetTarget, SetMember>>
}

/** What a set says of one row. `volatility` a minute, as a log; probabilities 0 to 1. */
export type SetOutlook = Readonly<Record<SetTarget, number>>

/** A set ready to be asked. */
export interface TreeSet {
  readonly version: string
  readonly features: readonly Column[]
  readonly horizonMin: number
  readonly useful: Readonly<Record<SetTarget, boolean>>
  /** @param values of a row, in the catalogue's order. @returns NaN when a feature is missing */
  predict(target: SetTarget, values: Float64Array): number
  /** @returns null when a feature is missing */
  outlook(values: Float64Array): SetOutlook | null
}

/** @throws RangeError when the catalogue lacks a feature */
export function treeSet(weights: SetWeights, catalogue: Catalogue): TreeSet {
  const { version, features, horizonMin, members } = weights
  const places = catalogue.places(features)
  const row = new Float64Array(places.length)
  const forests = ofEach((target) => forestOf(members[target].ensemble, features.length))
  const isWhole = (values: Float64Array): boolean => {
    for (let j = 0; j < places.length; j++) {
      const x = values[places[j] ?? -1] ?? Number.NaN
      if (!Number.isFinite(x)) return false
      row[j] = x
    }
    return true
  }
  const said = (target: SetTarget): number => {
    const sum = sumOfForest(forests[target], row)
    return isEvent(target) ? sigmoid(sum) : sum
  }
  return {
    version,
    features,
    horizonMin,
    useful: ofEach((target) => members[target].useful),
    predict: (target, values) => (isWhole(values) ? said(target) : Number.NaN),
    outlook: (values) => (isWhole(values) ? ofEach(said) : null),
  }
}

interface WrittenSet {
  readonly version: string
  readonly kind: 'set'
  readonly features: readonly Column[]
  readonly horizon_min: number
  readonly members: Readonly<Record<SetTarget, WrittenEnsemble & { readonly useful: boolean }>>
}

export function writtenSet({ version, features, horizonMin, members }: SetWeights): WrittenSet {
  return {
    version,
    kind: 'set',
    features,
    horizon_min: horizonMin,
    members: ofEach((target) => ({ useful: members[target].useful, ...writtenEnsemble(members[target].ensemble) })),
  }
}

/**
 * Reads a set from parsed JSON.
 * @throws TypeError when a field is missing or of another type, RangeError when its value cannot be; both name the field
 */
export function parseSet(value: unknown, catalogue: Catalogue): SetWeights {
  const file = fieldsOf(value, 'set')
  if (file.kind !== 'set') throw new RangeError(`kind must be "set", not ${show(file.kind)}`)
  const features = featuresOf(file.features, catalogue)
  const written = fieldsOf(file.members, 'members')
  return {
    version: textOf(file.version, 'version'),
    features,
    horizonMin: between(numberOf(file.horizon_min, 'horizon_min'), 1, 1_440, 'horizon_min'),
    members: ofEach((target) => {
      const field = `members.${target}`
      const { useful } = fieldsOf(written[target], field)
      if (typeof useful !== 'boolean') throw new TypeError(`${field}.useful must be true or false, not ${show(useful)}`)
      return { useful, ensemble: parseEnsemble(written[target], features.length, field) }
    }),
  }
}

export function ofEach<T>(make: (target: SetTarget) => T): Record<SetTarget, T> {
  return Object.fromEntries(SET_TARGETS.map((target) => [target, make(target)])) as Record<SetTarget, T>
}
