import { DAY_MS, type UnixMs } from '../kernel/units.ts'
import { RollingWindow } from '../stats/rolling.ts'
import { zScore } from './built-in.ts'
import type { Catalogue, Column } from './catalogue.ts'
import { columnOf, type FeatureRow, type FeatureTable } from './row.ts'

interface ScoredColumn {
  readonly from: number
  readonly into: number
  readonly window: RollingWindow
}

/**
 * Works out day scores: (x - mean) / (std + 1e-8) over the rows of the last 1,440 minutes that have a value, this one included;
 * missing where x is, and below 60 values. They are not stored: the same rows give the same scores to the last bit.
 */
export class DayScores {
  private readonly scored: readonly ScoredColumn[]

  /** @param wanted columns of which those that are day scores are worked out */
  constructor(catalogue: Catalogue, wanted: Iterable<Column>) {
    this.scored = [...new Set(wanted)].flatMap((name) => {
      const source = catalogue.dayScores.get(name)
      if (source === undefined) return []
      return { from: catalogue.place(source), into: catalogue.place(name), window: new RollingWindow(DAY_MS) }
    })
  }

  /** Whether there is nothing to work out. */
  get empty(): boolean {
    return this.scored.length === 0
  }

  /** Takes a row in without its own scores being asked for. */
  remember({ tsMs, values }: FeatureRow): void {
    for (const { from, window } of this.scored) {
      const value = values[from] ?? Number.NaN
      if (Number.isFinite(value)) window.push(tsMs, value)
    }
  }

  /** Takes a row in, later than every one before it, and writes its scores into its values. */
  complete(row: FeatureRow): void {
    this.remember(row)
    const { values } = row
    for (const { from, into, window } of this.scored) {
      const value = values[from] ?? Number.NaN
      values[into] = Number.isFinite(value) ? scoreIn(window, value) : Number.NaN
    }
  }

  /** Writes the scores of a table's rows from `fromMs` on, ascending in time, into its columns. */
  completeTable(table: FeatureTable, fromMs: UnixMs): void {
    const { names } = table.catalogue
    for (const { from, into, window } of this.scored) {
      const source = columnOf(table, names[from] ?? '')
      const target = columnOf(table, names[into] ?? '')
      for (let i = 0; i < source.length; i++) {
        const tsMs = table.tsMs[i] ?? Number.NaN
        const value = source[i] ?? Number.NaN
        if (!Number.isFinite(value)) continue
        window.push(tsMs, value)
        if (tsMs >= fromMs) target[i] = scoreIn(window, value)
      }
    }
  }
}

/** The score of the value that was pushed last. */
function scoreIn(window: RollingWindow, value: number): number {
  return zScore(value, { count: window.count, mean: window.mean(), std: window.std() })
}
