import { builtInCatalogue, type Column } from '../../../src/engine/features/catalogue.ts'
import type { FeatureRow, FeatureTable } from '../../../src/engine/features/row.ts'
import { tableOf } from '../../kit/tables.ts'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'

/** A row with some columns set and all others missing. */
export function rowOf(tsMs: number, values: Partial<Record<Column, number>>): FeatureRow {
  const row = new Float64Array(builtInCatalogue.names.length).fill(Number.NaN)
  for (const name of builtInCatalogue.names) row[builtInCatalogue.place(name)] = values[name] ?? Number.NaN
  return { tsMs, values: row }
}

export interface NoiseOptions {
  readonly seed: number
  readonly fromMs: number
  readonly minutes: number
  /** Added to `mid`. */
  readonly shift?: number
  /** Minutes whose bar is missing. */
  readonly gap?: (minute: number) => boolean
}

/** Rows of independent noise: `mid` and `rsi14` always there, `spread_bp` half noughts, missing every seventh minute. */
export function noiseRows({ seed, fromMs, minutes, shift = 0, gap = () => false }: NoiseOptions): FeatureRow[] {
  const random = seededRandom(seed)
  const rows: FeatureRow[] = []
  for (let minute = 0; minute < minutes; minute++) {
    const mid = 100 + random.next() + shift
    const spread = minute % 7 === 0 ? Number.NaN : Math.max(0, random.next() - 0.5)
    const rsi = 100 * random.next()
    if (!gap(minute)) rows.push(rowOf(fromMs + minute * MINUTE_MS, { mid, spread_bp: spread, rsi14: rsi }))
  }
  return rows
}

export function noiseTable(options: NoiseOptions): FeatureTable {
  return tableOf(noiseRows(options))
}
