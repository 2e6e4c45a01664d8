import { invalid } from '../engine/kernel/errors.ts'
import { neededColumns } from '../engine/models/columns.ts'
import type { ServingDesk } from './contract.ts'

/**
 * The row's values with the caller's over them; what the model in charge may lack and the caller leaves out is missing.
 * @throws OperatorError naming each feature that does not fit
 */
export function givenValues(
  desk: ServingDesk,
  latest: Float64Array,
  given: Readonly<Record<string, number>>,
): Float64Array {
  const unknown = Object.keys(given).filter((name) => !desk.catalogue.has(name))
  const model = desk.lineUp.inCharge?.model
  const needed = model === undefined ? [] : neededColumns(model)
  const missing = needed.filter((name) => given[name] === undefined)
  if (unknown.length > 0 || missing.length > 0) {
    const why = [
      ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`unknown: ${unknown.join(', ')}`] : []),
    ].join('; ')
    throw invalid(
      'the features do not fit',
      why,
      `send ${needed.join(', ') || 'none'}, or leave features out`,
      'features',
    )
  }
  const values = Float64Array.from(latest)
  for (const name of model?.features ?? [])
    if (given[name] === undefined) values[desk.catalogue.place(name)] = Number.NaN
  for (const [name, value] of Object.entries(given)) values[desk.catalogue.place(name)] = value
  return values
}
