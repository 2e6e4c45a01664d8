/** The features of the recordings by their definitions, worked out once in a process, whose test files share them. Nobody changes them. */
import type { FeatureTable } from '../../../src/engine/features/row.ts'
import type { GoldenSymbol } from './golden-figures.ts'
import { readSampleBars, sampleFeatures } from './sample-features.ts'

const tables = new Map<GoldenSymbol, FeatureTable>()

export function recordedFeatures(symbol: GoldenSymbol): FeatureTable {
  const table = tables.get(symbol) ?? sampleFeatures(readSampleBars(symbol))
  tables.set(symbol, table)
  return table
}
