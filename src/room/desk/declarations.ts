/** What a user adds to the columns of a symbol's rows. */
import type { DeclaredDocument } from '../../control/own-answers.ts'
import { builtInCatalogue, type Catalogue, type FeatureSet } from '../../engine/features/catalogue.ts'
import { type OwnColumn, sameColumn } from '../../engine/features/own-column.ts'
import { refusalOf } from '../../engine/features/own-columns.ts'
import { conflict, invalid, type OperatorError } from '../../engine/kernel/errors.ts'
import type { Desk } from './desk.ts'

/**
 * Declares columns: rows from now on have them. Those that are there already, the same, are passed over. Between two moments alone.
 * @throws OperatorError for one that cannot be; then none is declared
 */
export function declareColumns(desk: Desk, columns: readonly OwnColumn[]): DeclaredDocument {
  const { symbol, parts } = desk
  const before = desk.catalogue
  const known: string[] = []
  const fresh: OwnColumn[] = []
  let catalogue = before
  for (const column of columns) {
    const there = catalogue.own.find(({ name }) => name === column.name)
    if (there !== undefined && sameColumn(there, column)) {
      known.push(column.name)
      continue
    }
    const refused = refusalOf(column, catalogue)
    if (refused !== null)
      throw (there === undefined ? invalid : conflict)(
        `the column ${column.name} cannot be declared`,
        refused.why,
        refused.next,
        'column',
      )
    fresh.push(column)
    catalogue = catalogue.with([column], [])
  }
  if (fresh.length > 0) {
    desk.declare(() => {
      fresh.forEach((column, i) => parts.store.own.declare(symbol, before.own.length + i, column, parts.wallNow()))
      // Before the first bar there is no moment that an event could be of.
      if (desk.tape.newestBar !== null)
        desk.events.log('import', 'info', `declared: ${fresh.map(({ name }) => name).join(', ')}`)
    })
  }
  return { symbol, declared: fresh.map(({ name }) => name), known, columns: desk.catalogue.own.length }
}

/**
 * Whether a feature set of the user's own is there already, the same.
 * @throws OperatorError for a name that is taken, or a column that is not there
 */
export function isKnownSet(catalogue: Catalogue, set: FeatureSet): boolean {
  const unknown = [...set.model, ...set.drift].find((name) => !catalogue.has(name))
  if (unknown !== undefined) throw noColumn(unknown, 'the market')
  const there = catalogue.set(set.name)
  if (there === undefined) return false
  if (there.model.join() === set.model.join() && there.drift.join() === set.drift.join()) return true
  throw conflict(
    `there is a feature set ${set.name} already`,
    `it has ${there.model.join(', ')}`,
    'give yours another name',
    'set_exists',
  )
}

/** Keeps a feature set under its name. Rows stay as wide as they are, so that it may happen at any time. @throws OperatorError as `isKnownSet` */
export function declareSet(desk: Desk, set: FeatureSet): void {
  const { catalogue, symbol, parts } = desk
  if (isKnownSet(catalogue, set)) return
  desk.transaction(() => parts.store.own.declareSet(symbol, set, parts.wallNow()))
  parts.store.catalogues.refresh(symbol)
}

export function noColumn(name: string, symbol: string): OperatorError {
  if (builtInCatalogue.has(name))
    return invalid(
      `the column ${name} cannot be brought in`,
      'onay works it out itself',
      'leave it out, or declare one of your own under another name',
      'no_column',
    )
  return invalid(
    `${symbol} has no column ${name}`,
    'nobody has declared it',
    'declare it with: onay features add FILE',
    'no_column',
  )
}
