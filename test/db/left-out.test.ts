/** What a read must leave out: rows of another market, of nobody who asked, that were never approved, or filled in afterwards. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { idPrefix, type PredictionRow } from '../../src/db/predictions.ts'
import { pairedMinutes } from '../../src/db/report-reads.ts'
import { approvalOfRow, rowOfApproval } from '../../src/db/approvals.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import { runningCanary } from '../kit/canary.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'
import { HOUR, MINUTE, START } from '../kit/moments.ts'
import { APPROVAL } from './whole-store.ts'

const fresh = freshDirectories()
const [A, B] = ['AAAUSDT', 'BBBUSDT'] as const
let store: Store

beforeEach(() => {
  store = openStore(fresh(), 'write')
})
afterEach(() => store.db.close())

const inside = (work: () => void): void => store.db.transaction(work)

function prediction(symbol: string, n: number, change: Partial<PredictionRow> = {}): PredictionRow {
  const answer = { score: 0.5, decision: 'none', model: 'm', servedBy: 'baseline', reason: 'in charge' }
  const timed = { latencyMs: 1, modelMs: 1, fault: null, wallMs: 1, phase: '' }
  return {
    symbol,
    id: `${idPrefix(START)}-${n}`,
    tsMs: START,
    source: 'caller',
    key: 'order-1',
    ...answer,
    ...timed,
    ...change,
  }
}

describe('the newest answer of a key', () => {
  it('is a caller’s, of this market and of the newest that asked with it', () => {
    inside(() =>
      store.predictions.insertAll([
        prediction(A, 1),
        prediction(A, 2, { decision: 'signal' }),
        prediction(A, 3, { source: 'smoke' }),
        prediction(A, 4, { key: 'order-2' }),
        prediction(B, 5),
      ]),
    )
    const newest = (symbol: string) =>
      store.predictions.newestOfKeys(symbol, ['order-1'], START, START + MINUTE).map(({ id }) => id)
    expect(newest(A)).toEqual([prediction(A, 2).id])
    expect(newest(B)).toEqual([prediction(B, 5).id])
  })
})

describe('the minutes that two models have scored', () => {
  it('are of one market: each score beside the other of the same market', () => {
    const values = new Float64Array(builtInCatalogue.names.length).fill(0.25)
    inside(() => {
      for (const [i, symbol] of [A, B].entries()) {
        store.features.insert(symbol, { tsMs: START, values }, 1)
        store.predictions.settle(symbol, START, i === 0 ? 1 : 0, START)
        store.predictions.score(symbol, START, 'v1', 0.1 + i)
        store.predictions.score(symbol, START, 'v2', 0.2 + i)
      }
    })
    const models = { candidate: 'v2', baseline: 'v1' }
    const paired = (symbol: string) => pairedMinutes(store.db, symbol, models, START, START + MINUTE)
    expect(paired(A)).toEqual([{ label: 1, candidate: 0.2, baseline: 0.1, variance: 0.25 }])
    expect(paired(B)).toEqual([{ label: 0, candidate: 1.2, baseline: 1.1, variance: 0.25 }])
  })
})

describe('the newest canary that has begun', () => {
  it('is none that still waits for its approval, or that nobody approved', () => {
    const begun = runningCanary(A, { candidate: 'v2', baseline: 'v1', sinceMs: START })
    const later = { ...begun, runId: 'run-2', tsMs: START + HOUR }
    inside(() => store.release.putRun({ ...begun, endedMs: START + 1 }))
    const waits = { kind: 'awaitingOnay', promptId: 'canary-2', expiresAtWallMs: START + 2 * HOUR } as const
    for (const state of [waits, { kind: 'idle' }] as const) {
      inside(() => store.release.putRun({ ...later, state }))
      expect(store.release.newestRun(A)?.runId).toBe('run-2')
      expect(store.release.newestBegun(A)?.runId).toBe('run-1')
    }
  })
})

describe('the bars that were observed', () => {
  it('are not those that filled a gap afterwards', () => {
    const bar = (minute: number) => ({ tsMs: START + minute * MINUTE, open: 1, high: 1, low: 1, close: 1, volume: 1 })
    inside(() => {
      for (const minute of [0, 1, 2]) store.bars.insert(A, bar(minute), 1, minute === 1)
    })
    expect(store.bars.between(A, START, START + HOUR)).toHaveLength(3)
    expect(store.bars.observedBetween(A, START, START + HOUR)).toEqual([bar(0), bar(2)])
  })
})

describe('a token that is revoked', () => {
  it('was so when it was first, whoever tries again', () => {
    inside(() => store.access.addToken({ name: 'risk', person: 'ada', sha256: 'x', wallMs: 1, revokedWallMs: null }))
    const revoked: boolean[] = []
    inside(() => revoked.push(store.access.revokeToken('risk', 5), store.access.revokeToken('risk', 9)))
    expect([revoked, store.access.tokens()[0]?.revokedWallMs]).toEqual([[true, false], 5])
  })
})

describe('an approval whose columns and document differ', () => {
  it.each(['id', 'symbol', 'action', 'state'] as const)('in its %s is not read', (column) => {
    const row = rowOfApproval(APPROVAL)
    expect(approvalOfRow(row)).toEqual(APPROVAL)
    const other = { id: 'other', symbol: B, action: 'rollback', state: 'refused' }[column]
    expect(refusal(() => approvalOfRow({ ...row, [column]: other })).why).toContain(`its ${column} is ${other}`)
  })
})

describe('values of columns of one’s own', () => {
  it('are read across pages, whatever fraction of a minute they became known at', () => {
    inside(() => {
      store.own.declare(A, 0, { name: 'funding_rate', maxAgeMs: HOUR, unit: '1', about: '' }, 1)
      for (let i = 0; i < 2_500; i++) store.own.put(A, { tsMs: START + i * 7, values: new Float64Array([i]) }, 1)
    })
    const read = [...store.own.between(A, START, START + HOUR, 1)].map(({ values }) => values[0])
    expect(read).toEqual(Array.from({ length: 2_500 }, (_, i) => i))
    const back = [...store.own.back(A, START, START + HOUR, 1)].map(({ values }) => values[0])
    expect(back).toEqual(read.toReversed())
  })
})
