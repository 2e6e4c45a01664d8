import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HourlyCounts } from '../../../src/engine/drift/hourly.ts'
import { buildReference } from '../../../src/engine/drift/reference.ts'
import { BUILT_IN } from '../../../src/engine/features/built-in.ts'
import { builtInCatalogue, Catalogue } from '../../../src/engine/features/catalogue.ts'
import { columnOf } from '../../../src/engine/features/row.ts'
import { FeatureStream } from '../../../src/engine/features/stream.ts'
import { heuristicModel } from '../../../src/engine/models/heuristic.ts'
import { parseWeights } from '../../../src/engine/models/artifact.ts'
import { logisticModel } from '../../../src/engine/models/logistic.ts'
import { rowsOf, walk } from '../../kit/bars.ts'
import { tableOf } from '../../kit/tables.ts'

const minutes = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const OWN = 'funding_rate'
const SET = { name: 'mine', model: ['mid', OWN], drift: [OWN] }
/** As for a symbol with a column of its own; the built-in ones stand elsewhere in its rows than usual. */
const own = new Catalogue([OWN, ...builtInCatalogue.names], [...builtInCatalogue.sets, SET])

describe('a catalogue of columns', () => {
  it('has the built-in ones first and in their order, in the one that every symbol has', () => {
    const stored = builtInCatalogue.names.slice(0, BUILT_IN.length)
    expect(stored).toEqual(BUILT_IN.map(([name]) => name))
    expect(builtInCatalogue.names.slice(BUILT_IN.length)).toEqual([
      ...builtInCatalogue.dayScores.keys(),
      ...builtInCatalogue.frames.keys(),
    ])
    expect(builtInCatalogue.names.map((name) => builtInCatalogue.place(name))).toEqual([
      ...builtInCatalogue.names.keys(),
    ])
  })

  it('knows its own names alone, and says which it does not know', () => {
    expect([own.has(OWN), builtInCatalogue.has(OWN), builtInCatalogue.has('toString')]).toEqual([true, false, false])
    expect(() => builtInCatalogue.place(OWN)).toThrow('there is no column funding_rate')
    expect([own.set('mine'), builtInCatalogue.set('mine')]).toEqual([SET, undefined])
  })

  it('takes no name twice and no set of columns that are not there', () => {
    expect(() => new Catalogue(['mid', 'mid'], [])).toThrow('the column mid is listed twice')
    expect(() => new Catalogue(['mid'], [SET])).toThrow('there is no column funding_rate')
  })

  it('decides where values stand: the same bars give the same values by name, and what no bar yields is missing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), (seed) => {
        const bars = walk(minutes(90), seed)
        const usual = tableOf(rowsOf(bars))
        const wider = tableOf(rowsOf(bars, new FeatureStream(own)), own)
        for (const name of builtInCatalogue.names) expect(columnOf(wider, name)).toEqual(columnOf(usual, name))
        expect(columnOf(wider, OWN).every(Number.isNaN)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('is what models and drift find their columns by', () => {
    const bars = walk(minutes(200), 5)
    const label = { kind: 'move', horizonMin: 5, thresholdBp: 6 } as const
    const [usual, wider] = [rowsOf(bars).at(-1), rowsOf(bars, new FeatureStream(own)).at(-1)]
    if (usual === undefined || wider === undefined) throw new Error('no rows')
    expect(heuristicModel(label, own).score(wider.values)).toBe(
      heuristicModel(label, builtInCatalogue).score(usual.values),
    )
    const values = { weights: { mid: 0.1 }, mean: { mid: 100 }, std: { mid: 2 }, lo: { mid: 0 }, hi: { mid: 1e6 } }
    const weights = {
      version: 'v',
      kind: 'logistic',
      features: ['mid'],
      bias: 0,
      platt: { a: 1, b: 0 },
      threshold: 0.5,
    }
    const scoreOf = (catalogue: Catalogue, row: Float64Array): number => {
      const parsed = parseWeights({ ...weights, ...values, label }, catalogue)
      if (parsed.kind !== 'logistic') throw new Error('another kind')
      return logisticModel(parsed, catalogue).score(row)
    }
    expect(scoreOf(own, wider.values)).toBe(scoreOf(builtInCatalogue, usual.values))
    expect(() => parseWeights({ ...weights, ...values, label, features: [OWN] }, builtInCatalogue)).toThrow(OWN)
  })

  it('lets drift be counted on a column of a symbol’s own', () => {
    const rows = rowsOf(walk(minutes(120), 7), new FeatureStream(own))
    rows.forEach(({ values }, i) => {
      values[own.place(OWN)] = i
    })
    const [first, last] = [rows[0]?.tsMs ?? 0, (rows.at(-1)?.tsMs ?? 0) + 60_000]
    const reference = buildReference('v1', tableOf(rows, own), SET.drift, { fromMs: first, untilMs: last })
    const counts = new HourlyCounts(reference, own)
    for (const row of rows) counts.add(row)
    const hourMs = first - (first % 3_600_000)
    expect(counts.sum(hourMs, hourMs + 3 * 3_600_000).counts).toEqual({ [OWN]: reference.features[OWN]?.counts })
    expect(() => new HourlyCounts(reference, builtInCatalogue)).toThrow('there is no column funding_rate')
  })
})
