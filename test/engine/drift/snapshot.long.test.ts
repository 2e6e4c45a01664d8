import { describe, expect, it } from 'vitest'
import { columnOf } from '../../../src/engine/features/row.ts'
import { countRows } from '../../../src/engine/drift/counts.ts'
import { buildReference } from '../../../src/engine/drift/reference.ts'
import { DEFAULT_PSI_LIMITS, driftLevel, psiSnapshot, type PsiSnapshot } from '../../../src/engine/drift/snapshot.ts'
import { currentWindow } from '../../../src/engine/drift/window.ts'
import { tableOf } from '../../kit/tables.ts'
import { DAY_MS, HOUR_MS } from '../../../src/engine/kernel/units.ts'
import { psi } from '../../../src/engine/stats/psi.ts'
import { noiseRows, noiseTable, type NoiseOptions } from './rows.ts'
import { START } from '../../kit/moments.ts'

const END = START + 14 * DAY_MS
const table = noiseTable({ seed: 1, fromMs: START, minutes: 14 * 1440 })
const reference = buildReference('v1', table, ['mid', 'spread_bp', 'rsi14'], { fromMs: START, untilMs: END })

/** The snapshot that many hours after the reference's end, over noise that begins there. */
function after(hours: number, options: Partial<NoiseOptions> = {}): PsiSnapshot {
  const atMs = END + hours * HOUR_MS
  const window = currentWindow(reference, atMs, DEFAULT_PSI_LIMITS.windowMs)
  const rows = noiseRows({ seed: 2, fromMs: END, minutes: hours * 60, ...options })
  const counts = countRows(reference.features, tableOf(rows), window.fromMs, window.untilMs)
  return psiSnapshot(reference, { ...window, ...counts }, {}, atMs)
}

describe('the current window', () => {
  it('is the last 7 days, from the end of the reference at the earliest', () => {
    expect(currentWindow(reference, END + DAY_MS, 7 * DAY_MS)).toEqual({ fromMs: END, untilMs: END + DAY_MS })
    const later = END + 10 * DAY_MS
    expect(currentWindow(reference, later, 7 * DAY_MS)).toEqual({ fromMs: later - 7 * DAY_MS, untilMs: later })
    expect(currentWindow(reference, END - 1, 7 * DAY_MS)).toEqual({ fromMs: END, untilMs: END })
  })
})

describe('a PSI snapshot', () => {
  const calm = after(7 * 24)

  it('passes when the features are as they were', () => {
    expect(calm).toMatchObject({ verdict: 'PASS', level: 'stable', readyAtMs: null, current: { n: 7 * 1440 } })
    expect(calm.reason).toMatch(/^0\.00\d, limit 0\.2$/)
  })

  it('gives each feature what `psi` gives on the rows, and their mean', () => {
    const now = noiseTable({ seed: 2, fromMs: END, minutes: 7 * 1440 })
    const expected = (['mid', 'spread_bp', 'rsi14'] as const).map((name) =>
      psi(columnOf(table, name), columnOf(now, name)),
    )
    expect(Object.values(calm.features).map((feature) => feature.psi)).toEqual(expected)
    expect(calm.overall).toBeCloseTo(expected.reduce((sum, x) => sum + x, 0) / 3, 14)
    expect(calm.worst?.psi).toBe(Math.max(...expected))
  })

  it('shows n on both sides, chance at those n, and what the reference does to itself', () => {
    const mid = calm.features['mid']
    expect(mid).toMatchObject({ nReference: 14 * 1440, nCurrent: 7 * 1440 })
    expect(mid?.chanceMean).toBeCloseTo(9 * (1 / 20_160 + 1 / 10_080), 12)
    expect(mid?.withinReferenceP95).toBe(reference.withinReference?.features['mid'])
    // independent noise drifts by about as much as chance says
    expect(mid?.psi).toBeLessThan(3 * (mid?.chanceP95 ?? 0))
  })

  it('waits, with the figure so far, until 7 full days lie after the reference', () => {
    const early = after(24, { shift: 5 })
    expect(early).toMatchObject({ verdict: 'WAIT', reason: '7 days on 2025-05-26', readyAtMs: END + 7 * DAY_MS })
    expect(early.overall).toBeGreaterThan(1)
    expect(early.level).toBe('critical')
    expect(after(7 * 24 - 1).verdict).toBe('WAIT')
  })

  it('waits, without a figure, when there are no rows', () => {
    expect(after(0)).toMatchObject({ verdict: 'WAIT', overall: null, level: null, worst: null, features: {} })
    const silent = after(7 * 24, { minutes: 0 })
    expect(silent).toMatchObject({ verdict: 'WAIT', reason: '0 of 500 rows', readyAtMs: null })
  })

  it('waits while there are fewer than 500 rows, however bad the figure', () => {
    const sparse = after(7 * 24, { shift: 5, gap: (minute) => minute >= 499 })
    expect(sparse).toMatchObject({ verdict: 'WAIT', reason: '499 of 500 rows', level: null })
    expect(after(7 * 24, { gap: (minute) => minute >= 500 })).toMatchObject({ verdict: 'PASS', level: 'stable' })
  })

  it('fails when the mean is over its limit, and names every feature that is over its own', () => {
    const { verdict, reason, level, worst } = after(7 * 24, { shift: 5 })
    expect({ verdict, level, feature: worst?.feature }).toEqual({ verdict: 'FAIL', level: 'critical', feature: 'mid' })
    expect(reason).toMatch(/^\d\.\d{3}, limit 0\.2; mid \d\.\d{3} above 0\.3$/)
  })

  it('fails for one feature over its limit, though the mean is within', () => {
    const { verdict, reason, overall } = after(7 * 24, { shift: 0.095 })
    expect(overall).toBeLessThan(0.2)
    expect(verdict).toBe('FAIL')
    expect(reason).toMatch(/^mid 0\.\d{3} above 0\.3$/)
  })

  it('fails at the limit of the mean, and only above the limit of a feature', () => {
    const { current, overall, worst } = after(7 * 24, { shift: 0.05 })
    const counts = countRows(
      reference.features,
      noiseTable({ seed: 2, fromMs: END, minutes: 7 * 1440, shift: 0.05 }),
      END,
      END + 7 * DAY_MS,
    )
    const judged = (limits: Partial<typeof DEFAULT_PSI_LIMITS>) =>
      psiSnapshot(reference, { ...current, ...counts }, {}, current.untilMs, { ...DEFAULT_PSI_LIMITS, ...limits })
    expect(judged({ feature: worst?.psi ?? NaN }).verdict).toBe('PASS')
    const mean = overall ?? NaN
    expect(judged({ critical: mean })).toMatchObject({
      verdict: 'FAIL',
      reason: `${mean.toFixed(3)}, limit ${mean}`,
    })
    expect(judged({ critical: mean + 1e-9 }).verdict).toBe('PASS')
  })

  it('names the earlier of two features that drifted alike', () => {
    const { mid } = reference.features
    if (mid === undefined) throw new Error('no reference of mid')
    const alike = { ...reference, features: { first: mid, second: mid } }
    const now = mid.counts.map((n, i) => (i === 0 ? n * 5 : n))
    const n = now.reduce((sum, count) => sum + count, 0)
    const current = { fromMs: END, untilMs: END + 7 * DAY_MS, n, counts: { first: now, second: now } }
    expect(psiSnapshot(alike, current, {}, END + 7 * DAY_MS).worst?.feature).toBe('first')
  })

  it('says until when it waits: a day by its name, and within a day by the minute', () => {
    const until = { ...reference, window: { fromMs: START, untilMs: END + 90 * 60_000 } }
    const nothing = { fromMs: END, untilMs: END, n: 0, counts: {} }
    const waits = (windowMs: number) => psiSnapshot(until, nothing, {}, END, { ...DEFAULT_PSI_LIMITS, windowMs }).reason
    expect(waits(DAY_MS)).toBe('1 day on 2025-05-20 01:30')
    expect(waits(36 * HOUR_MS)).toBe('1.5 days on 2025-05-20 13:30')
  })

  it.each([
    [0.0999, 'stable'],
    [0.1, 'warning'],
    [0.2, 'warning'],
    [0.2001, 'critical'],
  ])('calls %d %s', (figure, level) => {
    expect(driftLevel(figure, DEFAULT_PSI_LIMITS)).toBe(level)
  })

  it('refuses counts that lack a feature', () => {
    const window = { fromMs: END, untilMs: END + DAY_MS, n: 10 }
    expect(() => psiSnapshot(reference, { ...window, counts: { mid: [1] } }, {}, END + DAY_MS)).toThrow(RangeError)
  })
})
