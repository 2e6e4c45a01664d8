import { describe, expect, it } from 'vitest'
import { countRows } from '../../../src/engine/drift/counts.ts'
import { buildReference, type DriftReference } from '../../../src/engine/drift/reference.ts'
import { ksOfRows, ksReferences } from '../../../src/engine/drift/ks-hours.ts'
import { psiSnapshot } from '../../../src/engine/drift/snapshot.ts'
import { builtInCatalogue, type Column } from '../../../src/engine/features/catalogue.ts'
import { columnOf } from '../../../src/engine/features/row.ts'
import { ksTwoSample } from '../../../src/engine/stats/ks.ts'
import { psi } from '../../../src/engine/stats/psi.ts'
import { differenceFrom, GOLDEN_SYMBOLS, readGolden } from '../../kit/golden/golden-figures.ts'
import { recordedFeatures } from '../../kit/golden/recorded-features.ts'
import { cut } from '../../kit/golden/sample-features.ts'

const golden = readGolden()

function driftOf(name: string): readonly Column[] {
  return builtInCatalogue.set(name)?.drift ?? []
}

describe.each(GOLDEN_SYMBOLS)('golden figures of %s', (symbol) => {
  const figures = golden[symbol]
  const features = recordedFeatures(symbol)
  const references = new Map<string, DriftReference>()

  /** Several figures rest on each. */
  function reference(set: string, from: string, until: string): DriftReference {
    const key = `${set} ${from} ${until}`
    const window = { fromMs: Date.parse(from), untilMs: Date.parse(until) }
    const made = references.get(key) ?? buildReference(set, cut(features, from, until), driftOf(set), window)
    references.set(key, made)
    return made
  }

  it('features', () => {
    expect(features.tsMs.length).toBe(figures.bars.rows)
    for (const row of figures.features) {
      const i = features.tsMs.indexOf(row['ts_ms'] ?? -1)
      for (const [name, expected] of Object.entries(row)) {
        if (!builtInCatalogue.has(name)) continue
        const actual = columnOf(features, name)[i] ?? Number.NaN
        if (expected === null) expect(actual, `${name} of row ${i}`).toBeNaN()
        else expect(differenceFrom(expected, actual), `${name} of row ${i}`).toBeLessThan(1e-9)
      }
    }
  })

  it.each(figures.psi)('PSI and KS of $reference against $current', ({ reference, current, per_feature, ks }) => {
    const before = cut(features, reference[0], reference[1])
    const now = cut(features, current[0], current[1])
    for (const [name, expected] of Object.entries(per_feature)) {
      expect(differenceFrom(expected, psi(columnOf(before, name), columnOf(now, name))), name).toBeLessThan(1e-9)
      const tested = ksTwoSample(columnOf(before, name), columnOf(now, name))
      const { statistic = NaN, p_value = NaN } = ks[name] ?? {}
      expect(Math.abs(tested.statistic - statistic), `KS of ${name}`).toBeLessThan(1e-9)
      const ranked = ksOfRows(ksReferences([name], before), now, -Infinity, Infinity)
      expect(Math.abs((ranked[name] ?? NaN) - statistic), `KS of ${name} by places`).toBeLessThan(1e-9)
      if (p_value > 1e-12) expect(Math.abs(tested.pValue / p_value - 1), `p of ${name}`).toBeLessThan(1e-6)
      else expect(tested.pValue).toBeLessThan(1.1e-12)
    }
  })

  it.each(figures.psi)('overall PSI of $current by way of a reference and its counts', (expected) => {
    const [from, until] = [Date.parse(expected.current[0]), Date.parse(expected.current[1])]
    const overall = (set: string): number => {
      const kept = reference(set, expected.reference[0], expected.reference[1])
      const counts = countRows(kept.features, features, from, until)
      return psiSnapshot(kept, { fromMs: from, untilMs: until, ...counts }, {}, until).overall ?? Number.NaN
    }
    expect(differenceFrom(expected.overall_b0, overall('v1.8-b0'))).toBeLessThan(1e-9)
    expect(differenceFrom(expected.overall_v181, overall('v1.8.1'))).toBeLessThan(1e-9)
  })

  it.each(figures.psi_v181_own_reference)('PSI of v1.8.1 against its own reference, $current', (expected) => {
    const kept = reference('v1.8.1', expected.reference[0], expected.reference[1])
    const [fromMs, untilMs] = [Date.parse(expected.current[0]), Date.parse(expected.current[1])]
    const current = { fromMs, untilMs, ...countRows(kept.features, features, fromMs, untilMs) }
    const snapshot = psiSnapshot(kept, current, {}, untilMs)
    expect(differenceFrom(expected.overall, snapshot.overall ?? NaN)).toBeLessThan(1e-9)
    for (const [name, value] of Object.entries(expected.per_feature)) {
      expect(differenceFrom(value, snapshot.features[name]?.psi ?? NaN), name).toBeLessThan(1e-9)
    }
  })

  it.each([
    ['v1.8-b0', '2025-05-05', '2025-05-19'],
    ['v1.8.1', '2025-05-12', '2025-05-26'],
  ] as const)('what the reference of %s does to itself', (set, from, until) => {
    const own = reference(set, from, until).withinReference
    const { windows, overall = NaN, ...perFeature } = figures.within_reference_p95[set]
    expect(own?.windows).toBe(windows)
    expect(Math.abs((own?.overallP95 ?? NaN) - overall)).toBeLessThan(1e-6)
    for (const [name, expected] of Object.entries(perFeature)) {
      expect(Math.abs((own?.features[name] ?? NaN) - expected), name).toBeLessThan(1e-6)
    }
  })
})
