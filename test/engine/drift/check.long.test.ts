import { array, assert, constantFrom, integer, property, tuple } from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  CHECK_EVERY_MS,
  DRIFT_LEVELS,
  driftCheck,
  driftVerdict,
  type DriftCheckLevel,
} from '../../../src/engine/drift/check.ts'
import { DriftDay, type DriftFigures, figuresOf } from '../../../src/engine/drift/drift-day.ts'
import { ksReferences } from '../../../src/engine/drift/ks-hours.ts'
import { buildReference, type DriftReference } from '../../../src/engine/drift/reference.ts'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import type { FeatureTable } from '../../../src/engine/features/row.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { differenceFrom, GOLDEN_SYMBOLS } from '../../kit/golden/golden-figures.ts'
import { readLiveGolden } from '../../kit/golden/live-figures.ts'
import { recordedFeatures } from '../../kit/golden/recorded-features.ts'
import { cut } from '../../kit/golden/sample-features.ts'
import { START } from '../../kit/moments.ts'
import { tableOf } from '../../kit/tables.ts'
import { noiseRows, noiseTable } from './rows.ts'

const LIMITS = { psiWarning: 0.1, psiCritical: 0.2, ksWarning: 0.15, ksCritical: 0.25, kill: 0.3 }
const golden = readLiveGolden()

describe.each(GOLDEN_SYMBOLS)('the last 24 hours of %s', (symbol) => {
  const { reference: span, own_days_p99: own, checks } = golden[symbol].drift_24h
  let features: FeatureTable
  let reference: DriftReference
  let references: ReturnType<typeof ksReferences>

  beforeAll(() => {
    features = recordedFeatures(symbol)
    const spanned = cut(features, ...span)
    const window = { fromMs: Date.parse(span[0]), untilMs: Date.parse(span[1]) }
    reference = buildReference('v1.8.1', spanned, builtInCatalogue.set('v1.8.1')?.drift ?? [], window)
    references = ksReferences(Object.keys(reference.features), spanned)
  })

  it('are held against the days of the reference itself', () => {
    expect(reference.ownDays?.windows).toBe(own.windows)
    expect(differenceFrom(own.overall_psi, reference.ownDays?.overallPsi ?? NaN)).toBeLessThan(1e-9)
    for (const kind of ['psi', 'ks'] as const)
      for (const [name, expected] of Object.entries(own[kind]))
        expect(differenceFrom(expected, reference.ownDays?.[kind][name] ?? NaN), `${kind} of ${name}`).toBeLessThan(
          1e-9,
        )
  })

  it.each(checks)('are judged at $at', ({ at, n, overall_psi, features: expected }) => {
    const atMs = Date.parse(`${at}Z`)
    const figures = figuresOf(reference.features, references, features, { fromMs: atMs - DAY_MS, untilMs: atMs })
    const check = driftCheck(figures, reference.ownDays, LIMITS, atMs)
    expect(check.n).toBe(n)
    expect(differenceFrom(overall_psi, check.overallPsi ?? NaN)).toBeLessThan(1e-9)
    expect(Object.keys(check.features).toSorted()).toEqual(Object.keys(expected).toSorted())
    for (const [name, wanted] of Object.entries(expected)) {
      const actual = check.features[name]
      expect(differenceFrom(wanted.psi, actual?.psi.value ?? NaN), `PSI of ${name}`).toBeLessThan(1e-9)
      expect(differenceFrom(wanted.ks, actual?.ks?.value ?? NaN), `KS of ${name}`).toBeLessThan(1e-9)
      expect(actual).toMatchObject({
        judged: wanted.judged,
        psi: { level: wanted.psi_level },
        ks: { level: wanted.ks_level },
      })
    }
  })
})

describe('a day of rows that come and go', () => {
  const columns = ['mid', 'spread_bp', 'rsi14'] as const
  const whole = noiseTable({ seed: 3, fromMs: START, minutes: 3 * 1440 })
  const reference = buildReference('v1', whole, columns, { fromMs: START, untilMs: START + 3 * DAY_MS })
  const references = ksReferences(columns, whole)

  it('comes to what its rows come to, whatever order they came in, gaps and missing values included', () => {
    assert(
      property(
        integer(),
        array(integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 }),
        integer({ min: 2, max: 9 }),
        (seed, steps, every) => {
          const rows = noiseRows({ seed, fromMs: START, minutes: 1200, shift: 0.2, gap: (m) => m % every === 1 })
          // Every fifth row comes ten rows late.
          const order = rows.map((row, i) => ({ row, at: i % 5 === 0 ? i + 10 : i })).toSorted((a, b) => a.at - b.at)
          const day = new DriftDay(reference.features, references)
          let fromMs = START
          let taken = 0
          for (const step of steps) {
            for (const { row } of order.slice(taken, taken + 2 * step)) {
              if (row.tsMs < fromMs) continue
              day.add(
                row.tsMs,
                columns.map((name) => row.values[builtInCatalogue.place(name)] ?? NaN),
              )
            }
            taken += 2 * step
            fromMs += step * MINUTE_MS
            day.dropBefore(fromMs)
            const left = order.slice(0, taken).flatMap(({ row }) => (row.tsMs >= fromMs ? [row] : []))
            const fresh = figuresOf(reference.features, references, tableOf(left.toSorted((a, b) => a.tsMs - b.tsMs)), {
              fromMs,
              untilMs: Number.MAX_SAFE_INTEGER,
            })
            expect(day.figures()).toEqual(fresh)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it('has no limits of its own where the reference is shorter than a day, and passes over windows that a gap has emptied', () => {
    const short = noiseTable({ seed: 3, fromMs: START, minutes: 1439 })
    expect(buildReference('v1', short, columns, { fromMs: START, untilMs: START + DAY_MS }).ownDays).toBeNull()
    const gappy = noiseTable({ seed: 3, fromMs: START, minutes: 3 * 1440, gap: (m) => m >= 600 && m < 2400 })
    const { ownDays } = buildReference('v1', gappy, columns, { fromMs: START, untilMs: START + 3 * DAY_MS })
    // Windows begin on the hours from 0 to 48; those with 500 rows begin by 01:00 of the first day or from 24:20 - 0:500 on.
    const rows = (hour: number) => {
      const [from, until] = [hour * 60, hour * 60 + 1440]
      return Math.max(0, Math.min(until, 600) - from) + Math.max(0, until - Math.max(from, 2400))
    }
    expect(ownDays?.windows).toBe(Array.from({ length: 49 }, (_, hour) => rows(hour)).filter((n) => n >= 500).length)
    expect(ownDays?.windows).toBeLessThan(49)
    expect(START % HOUR_MS).toBe(0)
  })
})

describe('a drift check', () => {
  const figures = (n: number, psi: number, ks: number): DriftFigures => ({
    n,
    overallPsi: psi,
    psi: { mid: psi, zscore_mid_24h: 9 },
    ks: { mid: ks },
  })

  it.each([
    [0.1, 0.15, 'ok'],
    [0.11, 0, 'warning'],
    [0, 0.16, 'warning'],
    [0.2, 0.25, 'warning'],
    [0.21, 0, 'critical'],
    [0, 0.26, 'critical'],
  ] as const)('of PSI %f and D %f is %s', (psi, ks, level) => {
    expect(driftCheck(figures(500, psi, ks), null, LIMITS, START).level).toBe(level)
  })

  it('has limits that the own days of the reference raise, and never lower', () => {
    const own = { windows: 9, overallPsi: 0.5, psi: { mid: 0.15 }, ks: { mid: 0.01 } }
    const { features, killLimit, beyondKill } = driftCheck(figures(500, 0.4, 0.2), own, LIMITS, START)
    expect(features['mid']).toMatchObject({
      psi: { warning: 0.15, critical: 0.2, level: 'critical' },
      ks: { warning: 0.15, critical: 0.25, level: 'warning' },
    })
    expect({ killLimit, beyondKill }).toEqual({ killLimit: 0.5, beyondKill: false })
    expect(driftCheck(figures(500, 0.51, 0), own, LIMITS, START).beyondKill).toBe(true)
  })

  it('says nothing below 500 rows', () => {
    expect(driftCheck(figures(499, 9, 1), null, LIMITS, START)).toMatchObject({ level: null, beyondKill: false })
  })
})

describe('a verdict', () => {
  type Level = DriftCheckLevel | null
  const at = (level: Level, ago: number, beyondKill = false) => ({
    atMs: START - ago * CHECK_EVERY_MS,
    level,
    beyondKill,
  })
  const of = (now: Level, ...past: readonly Level[]) =>
    driftVerdict(
      at(now, 0),
      past.map((level, i) => at(level, i + 1)),
    ).verdict

  it('needs two of the last three checks', () => {
    expect([of('critical'), of('critical', 'ok', 'ok'), of('critical', 'critical', 'ok')]).toEqual([
      'wait',
      'ok',
      'critical',
    ])
    expect([of('warning', 'ok', 'critical'), of('ok', 'critical', 'critical')]).toEqual(['warning', 'critical'])
    expect([of(null, 'critical'), of(null, 'critical', 'critical'), of(null, null, 'ok')]).toEqual([
      'wait',
      'critical',
      'wait',
    ])
  })

  it('is about the last three quarters of an hour, whatever came before', () => {
    const past = [at('critical', 3), at('critical', 4), at('ok', 1)]
    expect(driftVerdict(at('ok', 0), past).verdict).toBe('ok')
    expect(driftVerdict(at('critical', 0), [at('critical', 3)]).verdict).toBe('wait')
  })

  it('asks for the kill switch by the same rule', () => {
    const asks = (...checks: readonly boolean[]) => {
      const [now, ...past] = checks.map((beyond, ago) => at('ok', ago, beyond))
      return now !== undefined && driftVerdict(now, past).asksKill
    }
    expect([asks(true), asks(true, false, true), asks(false, true, true), asks(true, false, false)]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('is never worse than the worst of its checks, nor better than the best', () => {
    const levels = constantFrom<Level>(...DRIFT_LEVELS)
    assert(
      property(tuple(levels, levels, levels), (three) => {
        const [now, ...past] = three
        const ranks = three.map((level) => DRIFT_LEVELS.indexOf(level ?? 'ok'))
        const verdict = DRIFT_LEVELS.indexOf(of(now, ...past) as DriftCheckLevel)
        expect(verdict).toBe(ranks.toSorted((a, b) => a - b)[1])
      }),
    )
  })
})
