/** Which rows a model can be asked about. */
import type { Column } from '../features/catalogue.ts'
import { barMinOf } from '../features/frames.ts'
import { MINUTE_MS } from '../kernel/units.ts'
import type { AnyModel } from './contract.ts'

/** The columns that `model` needs and a row lacks; where it needs none of them, all that the row lacks. */
export function missingColumns(model: AnyModel, values: Float64Array): Column[] {
  const needed = neededOf(model)
  const lacks = (place: number): boolean => Number.isNaN(values[place])
  const missing = model.features.filter((_, i) => lacks(model.places[i] ?? -1))
  const without = model.features.filter(
    (_, i) => needed.includes(model.places[i] ?? -1) && lacks(model.places[i] ?? -1),
  )
  return without.length > 0 ? without : missing
}

/** Whether a row has all that `model` needs, and anything of what it takes. */
export function hasColumns(model: AnyModel, values: Float64Array): boolean {
  for (const place of neededOf(model)) if (Number.isNaN(values[place])) return false
  for (const place of model.places) if (!Number.isNaN(values[place])) return true
  return model.places.length === 0
}

/** A model that says nothing else needs all that it takes. */
function neededOf(model: AnyModel): Int32Array {
  return model.kind === 'http' ? model.places : (model.needed ?? model.places)
}

/**
 * The age from which on a row is too old to decide by, in ms: so many bars of the model's own, two bars of 15 minutes for one that
 * looks at those alone.
 * @param model in charge; null where none is
 */
export function staleAfterMs(model: AnyModel | null, bars: number): number {
  return bars * MINUTE_MS * (model === null ? 1 : barMinOf(looksAt(model)))
}

/** What decides a score: the columns by which a mix tells the regime, for its weights, do not. */
function looksAt(model: AnyModel): readonly Column[] {
  return model.kind === 'ensemble' ? neededColumns(model) : model.features
}

/** What a row must have to be put to a model, of what it takes. */
export function neededColumns(model: AnyModel): readonly Column[] {
  const needed = neededOf(model)
  if (needed === model.places) return model.features
  return model.features.filter((_, i) => needed.includes(model.places[i] ?? -1))
}
