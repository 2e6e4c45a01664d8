import * as fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { ModelRow } from '../../src/db/models.ts'
import { type ComparisonRow, idPrefix, type PredictionRow } from '../../src/db/predictions.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import { ChainAudit, Findings } from '../../src/evidence/audit.ts'
import { linkEntry } from '../../src/evidence/chain.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
const A = 'AAAUSDT'
const B = 'BBBUSDT'
const T = 1_747_612_800_000
let store: Store

beforeEach(() => {
  store?.db.close()
  store = openStore(fresh(), 'write')
  // Writers demand a transaction: all that a test writes stands in one.
  store.db.raw.exec('BEGIN IMMEDIATE')
})
afterAll(() => store.db.close())

function prediction(symbol: string, tsMs: number, id = `${idPrefix(tsMs)}-h`): PredictionRow {
  const answer = { score: 0.5, decision: 'none', model: 'm', servedBy: 'baseline', reason: 'in charge' }
  return {
    symbol,
    id,
    tsMs,
    wallMs: 1,
    source: 'minute',
    phase: '',
    key: null,
    ...answer,
    latencyMs: 1,
    modelMs: 1,
    fault: null,
  }
}

function comparison(symbol: string, tsMs: number): ComparisonRow {
  const scores = { baselineScore: 0.5, score: 0.5, latencyMs: 1, fault: null }
  return { symbol, id: `${idPrefix(tsMs)}-h`, model: 'c', tsMs, source: 'minute', phase: '', ...scores }
}

function model(symbol: string, version: string, weights: string): ModelRow {
  const times = { windowFromMs: 0, windowUntilMs: 1, seconds: 1, tsMs: 1, wallMs: 1 }
  const files = { weights, reference: '{}', scaler: '{}', manifest: '{}', offline: '{}' }
  return { symbol, version, kind: 'logistic', featureSet: 'v1.9', sha256: sha256Hex(weights), ...files, ...times }
}

describe('predictions', () => {
  it('have ids that sort by the time of their row, for as long as anybody will run this', () => {
    const time = fc.integer({ min: 0, max: 36 ** 9 - 1 })
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(idPrefix(a)).toHaveLength(9)
        expect(idPrefix(a) < idPrefix(b)).toBe(a < b)
      }),
    )
  })

  it('keep the first score of a minute and model, and the first outcome of a minute', () => {
    const { predictions } = store
    for (const score of [0.25, 0.75]) predictions.score(A, T, 'm', score)
    for (const label of [1, 0] as const) predictions.settle(A, T, label, T + label)
    expect(predictions.settled(A, 'm', T, T + 1)).toEqual([{ tsMs: T, label: 1, score: 0.25 }])
  })

  it('are settled by model, within the span, of their own symbol', () => {
    const { predictions } = store
    for (const minute of [3, 1, 2, 0]) {
      predictions.score(A, T + minute * 60_000, 'm', minute / 10)
      predictions.score(B, T + minute * 60_000, 'm', 0.9)
      if (minute !== 2) predictions.settle(A, T + minute * 60_000, 1, T)
    }
    predictions.score(A, T + 60_000, 'other', 0.4)
    expect(predictions.settled(A, 'm', T + 60_000, T + 240_000)).toEqual([
      { tsMs: T + 60_000, label: 1, score: 0.1 },
      { tsMs: T + 180_000, label: 1, score: 0.3 },
    ])
    expect(predictions.settled(B, 'm', T, T + 240_000)).toEqual([])
    expect(predictions.scoresAt(A, T + 60_000)).toHaveLength(2)
  })

  it('are pruned up to a time by their ids, with their comparisons; scores and outcomes stay', () => {
    const { predictions } = store
    for (const symbol of [A, B]) {
      for (const minute of [0, 1, 2]) {
        predictions.insert(prediction(symbol, T + minute * 60_000))
        predictions.compare(comparison(symbol, T + minute * 60_000))
        predictions.score(symbol, T + minute * 60_000, 'm', 0.5)
      }
    }
    expect(predictions.prune(A, T + 60_000)).toBe(1)
    expect(predictions.counts(A)).toEqual({ predictions: 2, comparisons: 2 })
    expect(predictions.counts(B)).toEqual({ predictions: 3, comparisons: 3 })
    expect(predictions.scoresAt(A, T)).toHaveLength(1)
    expect(predictions.rawSince(A, T + 120_000).predictions).toEqual([prediction(A, T + 120_000)])
    expect(predictions.rawSince(A, T).comparisons).toHaveLength(2)
  })
})

describe('feature rows', () => {
  it('come back as they went in, missing values among them, by column or one by one', () => {
    const value = fc.oneof(
      fc.constant(Number.NaN),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
    )
    const stored = builtInCatalogue.names.filter((name) => !builtInCatalogue.isDerived(name))
    const values = fc.array(value, { minLength: stored.length, maxLength: stored.length })
    let at = T
    fc.assert(
      fc.property(values, (numbers) => {
        at += 60_000
        const row = { tsMs: at, values: new Float64Array(builtInCatalogue.names.length).fill(Number.NaN) }
        row.values.set(numbers)
        store.features.insert(A, row, 1)
        expect(store.features.newest(A)).toEqual(row)
        expect([...store.features.each(A, at, at + 1)]).toEqual([row])
        const { columns } = store.features.table(A, at, at + 60_000)
        expect(stored.map((name) => columns[name]?.[0])).toEqual(numbers)
        const { rows, missing } = store.features.missing(A, at, at + 1)
        expect(rows).toBe(1)
        expect(stored.map((name) => missing[name])).toEqual(numbers.map((x) => (Number.isNaN(x) ? 1 : 0)))
      }),
      { numRuns: 30 },
    )
  })
})

describe('the registry', () => {
  it('never overwrites a version, and knows versions by symbol', () => {
    store.models.register(model(A, 'v1', '{"a":1}'))
    expect(() => store.models.register(model(A, 'v1', '{"a":2}'))).toThrow(/UNIQUE/)
    store.models.register(model(B, 'v1', '{"a":2}'))
    expect(store.models.versions(A)).toEqual(['v1'])
    expect(store.db.raw.prepare('SELECT weights FROM models ORDER BY symbol').pluck().all()).toEqual([
      '{"a":1}',
      '{"a":2}',
    ])
  })

  it('has one model a slot', () => {
    for (const version of ['v1', 'v2']) {
      store.models.putSlot({ symbol: A, slot: 'candidate', version, profile: 'equivalent', sinceMs: T, wallMs: 1 })
    }
    expect(store.models.slots(A)).toMatchObject([{ slot: 'candidate', version: 'v2' }])
  })
})

describe('the chain', () => {
  it('takes entries in and lets none be changed or removed', () => {
    const { journal, db } = store
    for (const subject of ['ml/a.json', 'ml/b.json', 'ml/a.json']) {
      const draft = { kind: 'file', subject, sha256: sha256Hex(subject), detail: '{}', tsMs: T, wallMs: 1 }
      journal.appendEntry(linkEntry(journal.lastEntry(), draft))
    }
    expect(() => db.raw.exec("UPDATE chain SET detail = '{}' WHERE seq = 2")).toThrow('append-only')
    expect(() => db.raw.exec('DELETE FROM chain')).toThrow('append-only')
    const findings = new Findings()
    const audit = new ChainAudit(findings)
    for (const entry of journal.entries()) audit.take(entry)
    expect([audit.count, findings.kept]).toEqual([3, []])
    expect(journal.entryOf('ml/a.json')?.seq).toBe(3)
    expect(journal.entriesUnder('ml/').map((entry) => entry.seq)).toEqual([3, 2])
    expect(journal.entriesUnder('ml/c')).toEqual([])
  })
})

describe('the watch', () => {
  it('keeps heartbeats as intervals that grow', () => {
    const { watch } = store
    for (const until of [60_000, 120_000]) watch.putHeartbeat(A, T, T + until)
    watch.putHeartbeat(A, T + 600_000, T + 660_000)
    expect(watch.heartbeats(A, T)).toEqual([
      { fromMs: T, untilMs: T + 120_000 },
      { fromMs: T + 600_000, untilMs: T + 660_000 },
    ])
    expect(watch.heartbeats(A, T + 120_000)).toHaveLength(1)
    expect(watch.heartbeats(B, 0)).toEqual([])
  })
})

describe('dropped bars', () => {
  it('are named up to the first thousand of a symbol', () => {
    const drop = { tsMs: T, line: 2, fault: 'late', text: '' }
    store.db.transaction(() => {
      for (let i = 0; i < 1_005; i++) store.feeds.nameDrop(A, drop, 1)
      store.feeds.nameDrop(B, drop, 1)
    })
    expect(store.feeds.dropped(A)).toHaveLength(1_000)
    expect(store.feeds.dropped(B)).toMatchObject([{ seq: 1, fault: 'late', line: 2 }])
  })
})
