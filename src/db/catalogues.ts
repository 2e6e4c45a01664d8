import { builtInCatalogue, type Catalogue } from '../engine/features/catalogue.ts'
import type { OwnRepo } from './own-columns.ts'

/** What the rows of each symbol hold: the built-in columns, and what a user has declared. */
export interface Catalogues {
  of(symbol: string): Catalogue
  /** Something was declared, and is committed: whoever holds the catalogue of before takes up this one. */
  refresh(symbol: string): void
}

export function catalogues(own: () => Pick<OwnRepo, 'columns' | 'sets'>): Catalogues {
  const known = new Map<string, Catalogue>()
  return {
    of: (symbol) => {
      const there = known.get(symbol)
      if (there !== undefined) return there
      const [columns, sets] = [own().columns(symbol), own().sets(symbol)]
      const catalogue = columns.length + sets.length === 0 ? builtInCatalogue : builtInCatalogue.with(columns, sets)
      known.set(symbol, catalogue)
      return catalogue
    },
    refresh: (symbol) => void known.delete(symbol),
  }
}
