import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RollupRow } from '../../src/db/rollups.ts'
import { builtInCatalogue, type Column } from '../../src/engine/features/catalogue.ts'
import type { RemoteModel } from '../../src/engine/models/contract.ts'
import { LineUp } from '../../src/serving/line-up.ts'
import { countAnswer, countComparison, triedBy } from '../../src/serving/record.ts'
import { RollupBook } from '../../src/serving/rollups.ts'
import { scoreFallback, scoreHistory } from '../../src/serving/score-history.ts'
import { Bench, type BenchOptions, modelOf, ROW_MS, rowOf, SERVING_LIMITS } from '../kit/desk.ts'

const MINUTE = 60_000

/** What a model does when it is asked: a score, a number that is none, or a throw; after so long. */
interface Act {
  readonly gives: number | 'throw'
  readonly afterMs: number
}

interface Minute {
  readonly lacks: readonly Column[]
  readonly acts: Readonly<Record<'base' | 'next' | 'former' | 'other', Act>>
}

const act = fc.record<Act>({
  gives: fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom<Act['gives']>(Number.NaN, 2, -1, 'throw') },
  ),
  afterMs: fc.integer({ min: 0, max: 50 }),
})
const minutes = fc.array(
  fc.record<Minute>({
    lacks: fc.subarray<Column>(['mid', 'rsi14', 'vol1m', 'spread_bp', 'ewma_var_1m'], { maxLength: 2 }),
    acts: fc.record({ base: act, next: act, former: act, other: act }),
  }),
  { minLength: 1, maxLength: 12 },
)
const setting = fc.record({ killSwitch: fc.boolean(), fallbackDecides: fc.boolean(), alone: fc.boolean() })

/** A bench whose models do as the minutes say; the place in them is in the caller's hands. */
function benchOf(dir: string, played: readonly Minute[], { killSwitch, fallbackDecides, alone }: Setting) {
  const place = { at: 0 }
  const doing = (who: keyof Minute['acts'], feature: Column) =>
    modelOf(who, () => {
      const { gives, afterMs } = played[place.at]?.acts[who] ?? { gives: 0.5, afterMs: 0 }
      bench.pass(afterMs)
      if (gives === 'throw') throw new Error('no score')
      return gives
    }, [feature])
  const beside: BenchOptions = {
    candidate: doing('next', 'rsi14'),
    former: doing('former', 'vol1m'),
    challengers: [doing('other', 'spread_bp')],
  }
  const bench: Bench = new Bench(dir, {
    baseline: doing('base', 'mid'),
    ...(alone ? {} : beside),
    killSwitch,
    limits: { fallbackDecides },
  })
  const to = (at: number): void => {
    place.at = at
    const row = rowOf(played[at]?.lacks ?? [], ROW_MS + at * MINUTE)
    bench.market.set(row.tsMs + MINUTE)
    bench.desk = { ...bench.desk, latest: row }
  }
  return { bench, to }
}

type Setting = { readonly killSwitch: boolean; readonly fallbackDecides: boolean; readonly alone: boolean }

async function lived(dir: string, played: readonly Minute[], how: Setting): Promise<Bench> {
  const { bench, to } = benchOf(dir, played, how)
  for (const at of played.keys()) {
    to(at)
    if (bench.desk.latest !== null) scoreFallback(bench.desk, bench.desk.latest)
    await bench.ask({ source: 'minute' })
    await bench.service.drain()
  }
  return bench
}

function runThrough(dir: string, played: readonly Minute[], how: Setting): Bench {
  const { bench, to } = benchOf(dir, played, how)
  const limits = { ...SERVING_LIMITS, fallbackDecides: how.fallbackDecides }
  bench.store.db.transaction(() => {
    for (const at of played.keys()) {
      to(at)
      const row = bench.desk.latest
      if (row === null) continue
      scoreHistory(bench.desk, row, { id: `${row.tsMs.toString(36)}-h`, wallMs: 1 }, bench.store.predictions, limits)
    }
  })
  return bench
}

/** What a process that comes back makes of the rows. */
function countedAnew(bench: Bench): RollupBook {
  const rollups = new RollupBook('AAAUSDT')
  for (const row of bench.predictions()) countAnswer(rollups, row, triedBy(row, 'base'))
  for (const row of bench.comparisons()) countComparison(rollups, row, SERVING_LIMITS.matchTolerance)
  return rollups
}

const byKey = (a: RollupRow, b: RollupRow) => a.tsMs - b.tsMs || (a.model < b.model ? -1 : 1)
const rowsOf = (rollups: RollupBook) => rollups.takeDirty().toSorted(byKey)
const counts = (rows: readonly RollupRow[]) =>
  rows.map(({ tsMs, model, requests, abstained, tried, errors, compared, matched, deltaSum, deltaMax }) => {
    return { tsMs, model, requests, abstained, tried, errors, compared, matched, deltaSum, deltaMax }
  })
const scores = (bench: Bench, n: number) =>
  Array.from({ length: n }, (_, i) =>
    bench.store.predictions.scoresAt('AAAUSDT', ROW_MS + i * MINUTE).toSorted((a, b) => (a.model < b.model ? -1 : 1)),
  )

describe('what models said of a row', () => {
  it('gives the same roll-ups, scores and settled minutes lived through, run through as history, and counted anew', async () => {
    await fc.assert(
      fc.asyncProperty(minutes, setting, async (played, how) => {
        const dir = mkdtempSync(join(tmpdir(), 'onay-record-'))
        const live = await lived(join(dir, 'live'), played, how)
        const history = runThrough(join(dir, 'history'), played, how)
        try {
          const liveRows = rowsOf(live.rollups)
          const historyRows = rowsOf(history.rollups)
          expect(liveRows.some((row) => row.requests > 0)).toBe(true)
          expect(counts(historyRows)).toEqual(counts(liveRows))
          expect(rowsOf(countedAnew(live))).toEqual(liveRows)
          expect(rowsOf(countedAnew(history))).toEqual(historyRows)
          expect(scores(history, played.length)).toEqual(scores(live, played.length))
          expect(history.scored).toEqual(live.scored)
        } finally {
          await live.close()
          await history.close()
          rmSync(dir, { recursive: true })
        }
      }),
      { numRuns: 25 },
    )
  })

  it('is no try of a model behind HTTP, which history does not ask, before a restart and after it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'onay-record-'))
    const remote: RemoteModel = {
      version: 'base',
      kind: 'http',
      features: ['mid'],
      places: builtInCatalogue.places(['mid']),
      threshold: 0.5,
      ask: () => {
        throw new Error('it was asked')
      },
    }
    const bench = new Bench(dir, { baseline: remote, candidate: { ...remote, version: 'next' } })
    const { db, predictions } = bench.store
    db.transaction(() => scoreHistory(bench.desk, rowOf(), { id: 'a', wallMs: 1 }, predictions, SERVING_LIMITS))
    expect(bench.predictions()).toMatchObject([
      { model: 'fallback', fault: 'not_asked', reason: 'base is not asked about history', score: 0.75 },
    ])
    expect(bench.comparisons()).toMatchObject([{ model: 'next', score: null, fault: null }])
    for (const rollups of [bench.rollups, countedAnew(bench)]) {
      expect(rowsOf(rollups)).toMatchObject([{ model: 'fallback', requests: 1, abstained: 1, tried: 0 }])
    }
    bench.store.db.close()
    rmSync(dir, { recursive: true })
  })

  it('is recorded from the row after the moment in which a model got its role', () => {
    const dir = mkdtempSync(join(tmpdir(), 'onay-record-'))
    const bench = new Bench(dir, { candidate: modelOf('next', () => 0.5) })
    const { inCharge, candidate } = bench.desk.lineUp
    if (inCharge === null || candidate === null) throw new Error('nobody stands')
    const since = (sinceMs: number) =>
      new LineUp({ inCharge: { ...inCharge, sinceMs: ROW_MS }, candidate: { ...candidate, sinceMs } })
    bench.desk = { ...bench.desk, lineUp: since(ROW_MS + 2 * MINUTE) }
    for (const at of [-1, 0, 1, 2]) {
      const row = rowOf([], ROW_MS + at * MINUTE)
      const { db, predictions } = bench.store
      db.transaction(() => scoreHistory(bench.desk, row, { id: `row ${at}`, wallMs: 1 }, predictions, SERVING_LIMITS))
    }
    const minutesOf = (rows: readonly { tsMs: number }[]) => rows.map(({ tsMs }) => (tsMs - ROW_MS) / MINUTE)
    expect(minutesOf(bench.predictions())).toEqual([0, 1, 2])
    expect(minutesOf(bench.comparisons())).toEqual([2])
    bench.store.db.close()
    rmSync(dir, { recursive: true })
  })
})
