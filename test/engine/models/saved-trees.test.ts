import { describe, expect, it } from 'vitest'
import { sumOfForest } from '../../../src/engine/models/forest.ts'
import { probabilityOf, readTreeFile } from '../../../src/engine/models/tree-file.ts'
import { everySaved, savedByXgboost } from '../../kit/saved-trees.ts'

const TOLERANCE = 1e-6

describe('a model that another library has saved', () => {
  it.each(everySaved())('$name: predicts what its library predicts', ({ text, rows, predictions }) => {
    const file = readTreeFile(text)
    const away = rows.map((row, i) => Math.abs(probabilityOf(file, Float64Array.from(row)) - (predictions[i] ?? 1e9)))
    expect(away.length).toBeGreaterThan(50)
    expect(Math.max(...away)).toBeLessThanOrEqual(TOLERANCE)
  })

  it('adds up the leaves of a regression as its library does', () => {
    const { text, rows, predictions } = savedByXgboost('volatility')
    // Of a regression the base is added as it is: one half, whose log odds are 0.
    const { forest } = readTreeFile(text.replace('"name":"reg:squarederror"', '"name":"binary:logistic"'))
    const said = rows.map((row) => sumOfForest({ ...forest, base: 0.5 }, Float64Array.from(row, Math.fround)))
    expect(said).toEqual(predictions)
  })
})
