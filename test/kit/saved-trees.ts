/** Models that XGBoost and LightGBM have saved, with what these libraries predict: `test/kit/golden/trees`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { TreeWeights } from '../../src/engine/models/contract.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'

const DIR = join(import.meta.dirname, 'golden/trees')
const Expected = z.object({
  features: z.array(z.string()),
  rows: z.array(z.array(z.number().nullable())),
  predictions: z.array(z.number()),
})

export interface SavedTrees {
  readonly name: string
  readonly path: string
  readonly text: string
  readonly rows: readonly Float64Array[]
  readonly predictions: readonly number[]
}

export function savedText(name: string): string {
  return readFileSync(join(DIR, name), 'utf8')
}

/** Of XGBoost, by the middle of its files' names. */
export function savedByXgboost(name: string): SavedTrees & { readonly features: readonly string[] } {
  const { features, rows, predictions } = Expected.parse(JSON.parse(savedText(`xgboost_${name}.expected.json`)))
  const path = join(DIR, `xgboost_${name}.json`)
  const numbers = rows.map((row) => Float64Array.from(row, (value) => value ?? Number.NaN))
  return { name: `XGBoost, ${name}`, path, text: readFileSync(path, 'utf8'), rows: numbers, predictions, features }
}

export function savedByLightgbm(name: string): SavedTrees {
  const path = join(DIR, `lightgbm_${name}.txt`)
  const lines = (file: string): string[] => savedText(file).trim().split('\n')
  return {
    name: `LightGBM, ${name}`,
    path,
    text: readFileSync(path, 'utf8'),
    rows: lines(`lightgbm_${name}.rows.tsv`).map((line) => Float64Array.from(line.split('\t'), Number)),
    predictions: lines(`lightgbm_${name}.expected.txt`).map(Number),
  }
}

/** Every pair of a model and its predictions that gives probabilities. */
export function everySaved(): readonly SavedTrees[] {
  const names = readdirSync(DIR)
  const of = (pattern: RegExp): string[] => names.flatMap((name) => pattern.exec(name)?.[1] ?? [])
  return [
    ...of(/^xgboost_(\w+)\.expected\.json$/)
      .filter((name) => name !== 'volatility')
      .map(savedByXgboost),
    ...of(/^lightgbm_(\w+)\.expected\.txt$/).map(savedByLightgbm),
  ]
}

/** The model `move` as a room has registered it. */
export function moveWeights(version: string): TreeWeights {
  const { text, features } = savedByXgboost('move')
  const label = { kind: 'move', horizonMin: 5, thresholdBp: 6 } as const
  return { version, kind: 'trees', features, file: text, fileSha256: sha256Hex(text), threshold: 0.6, label }
}
