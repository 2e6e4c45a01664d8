import type { Catalogue, Column } from '../features/catalogue.ts'
import { isRecord } from '../kernel/json.ts'
import { LABEL_KINDS, type LabelSpec } from './contract.ts'

/** Reading the fields of a weights file: each is there and of its kind, or an error names it. */
type Fields = Readonly<Record<string, unknown>>

export function featuresOf(value: unknown, catalogue: Catalogue): readonly Column[] {
  if (!Array.isArray(value)) throw new TypeError(`features must be a list, not ${show(value)}`)
  if (value.length === 0) throw new RangeError('features must name at least one column')
  const names = value.map((name: unknown, i) => {
    const text = textOf(name, `features[${i}]`)
    if (!catalogue.has(text)) throw new RangeError(`features[${i}] is not a column of the catalogue: ${show(text)}`)
    return text
  })
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new RangeError(`features lists ${twice} twice`)
  return names
}

export function recordOf(value: unknown, field: string, features: readonly Column[]): Readonly<Record<string, number>> {
  const fields = fieldsOf(value, field)
  const stranger = Object.keys(fields).find((name) => !features.some((feature) => feature === name))
  if (stranger !== undefined) throw new RangeError(`${field}.${stranger} is not a feature of this model`)
  return Object.fromEntries(features.map((name) => [name, numberOf(fields[name], `${field}.${name}`)]))
}

export function labelOf(value: unknown): LabelSpec {
  const label = fieldsOf(value, 'label')
  const kind = LABEL_KINDS.find((one) => one === label.kind)
  if (kind === undefined)
    throw new RangeError(`label.kind must be one of ${LABEL_KINDS.join(', ')}, not ${show(label.kind)}`)
  const horizonMin = numberOf(label.horizonMin, 'label.horizonMin')
  if (!Number.isInteger(horizonMin) || horizonMin < 1) {
    throw new RangeError(`label.horizonMin must be whole minutes, at least 1, not ${horizonMin}`)
  }
  const thresholdBp = numberOf(label.thresholdBp, 'label.thresholdBp')
  if (thresholdBp < 0) throw new RangeError(`label.thresholdBp must not be negative, but is ${thresholdBp}`)
  if (kind !== 'pushed') return { kind, horizonMin, thresholdBp }
  return { kind, horizonMin, thresholdBp, name: textOf(label.name, 'label.name') }
}

export function fieldsOf(value: unknown, field: string): Fields {
  if (!isRecord(value)) throw new TypeError(`${field} must be an object, not ${show(value)}`)
  return value
}

export function textOf(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new TypeError(`${field} must be text, not ${show(value)}`)
  if (value === '') throw new RangeError(`${field} must not be empty`)
  return value
}

export function numberOf(value: unknown, field: string): number {
  if (typeof value !== 'number') throw new TypeError(`${field} must be a number, not ${show(value)}`)
  if (!Number.isFinite(value)) throw new RangeError(`${field} must be finite, not ${value}`)
  return value
}

export function between(value: number, least: number, most: number, field: string): number {
  if (value < least || value > most)
    throw new RangeError(`${field} must lie between ${least} and ${most}, but is ${value}`)
  return value
}

/** A value in a message: short, and never the whole of a large file. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'an object'
  return JSON.stringify(value)?.slice(0, 60) ?? typeof value
}
