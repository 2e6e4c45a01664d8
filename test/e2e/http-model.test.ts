import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FAULTS, ModelServer } from '../kit/model-server.ts'
import { count, leftBehind } from '../kit/validation-seen.ts'
import { savedByXgboost } from '../kit/saved-trees.ts'
import { smallRoom } from '../kit/small-room.ts'
import { type Room, stage } from '../kit/program.ts'
import { until } from '../kit/until.ts'

const shell = stage()
/** It says what a wide spread of the RSI makes probable: no good model, and one that is good enough to be asked. */
const server = new ModelServer(([rsi14 = 50, volume = 0]) => 1 / (1 + Math.exp(1 - Math.abs(rsi14) / 2 - volume / 10)))
const DAY_WINDOW = { training: { window_days: 1 } }
const config = shell.configured(DAY_WINDOW)
let url = ''
let prepared = ''

beforeAll(async () => {
  url = await server.listen()
  prepared = (await smallRoom(shell.fresh())).dataDir
})
afterAll(() => server.close())

const Card = z.object({
  kind: z.string(),
  slot: z.string().nullable(),
  sha256: z.string(),
  features: z.array(z.string()),
  offline: z.object({ rows: z.number(), auc: z.number(), plain: z.string() }),
  weights: z.object({ url: z.string(), threshold: z.number() }),
})

function modelFile(dir: string, change: object = {}): string {
  const path = join(dir, 'model.json')
  const model = { version: 'book-7', kind: 'http', url, model: 'book', features: ['rsi14_z', 'vol1m_log'], ...change }
  writeFileSync(path, JSON.stringify(model))
  return path
}

/** Errors of the shadow so far, by their kind. */
async function errorsByKind(room: Room): Promise<Record<string, number>> {
  const lines = (await room.get('/ml/metrics')).text.matchAll(/^ml_shadow_error_total\{.*kind="(\w+)".*\} (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, kind, n]) => [kind, Number(n)]))
}

describe('a model behind HTTP', () => {
  let dataDir = ''
  beforeAll(async () => {
    dataDir = shell.copy(prepared)
    await shell.json(['models', 'add', modelFile(dataDir), '--data-dir', dataDir, ...config])
  })

  it('is measured on the window that its server was asked about, and goes into the shadow', async () => {
    const card = Card.parse(await shell.json(['models', 'show', 'book-7', '--data-dir', dataDir, ...config]))
    expect(card).toMatchObject({
      kind: 'http',
      slot: 'candidate',
      features: ['rsi14_z', 'vol1m_log'],
      weights: { url },
    })
    expect(card.offline.rows).toBeGreaterThan(1_300)
    expect(card.offline.auc).toBeGreaterThan(0.5)
    expect(card.offline.plain).toContain('only its maker knows whether it has seen these')
    // Left out of the file: the score that cuts off the top fifth.
    expect(card.weights.threshold).toBeGreaterThan(0)
  })

  it('is the same artifact when the same file is added elsewhere', async () => {
    const elsewhere = shell.copy(prepared)
    await shell.json(['models', 'add', modelFile(elsewhere), '--data-dir', elsewhere, ...config])
    const [one, other] = await Promise.all(
      [dataDir, elsewhere].map((dir) => shell.json(['models', 'show', 'book-7', '--data-dir', dir])),
    )
    expect(Card.parse(other).sha256).toBe(Card.parse(one).sha256)
  })

  it('shows nothing of what its server does in any answer, and each error in the figures by its kind', async () => {
    server.manner = 'good'
    // Far more than a server that answers needs, and not so long to wait for one that does not.
    const patient = shell.configured({ ...DAY_WINDOW, serving: { shadow_budget_ms: 2_000 } })
    const room = await shell.open(shell.copy(dataDir), patient)
    expect((await room.change('/speed', { speed: 'pause' })).status).toBe(200)
    const ask = async () => {
      const { status, json } = await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })
      const { score, decision, served_by, reason, model_version } = z.record(z.string(), z.unknown()).parse(json)
      return { status, score, decision, served_by, reason, model_version }
    }
    const plain = await ask()
    expect(plain).toMatchObject({ status: 200, served_by: 'baseline', model_version: 'v1.8-b0' })
    const recorded = () => count(room.dataDir, `comparisons WHERE model = 'book-7' AND source = 'caller'`)
    await until('the first comparison', () => recorded() === 1)
    for (const [manner, fault] of FAULTS) {
      server.manner = manner
      const before = await errorsByKind(room)
      const compared = recorded()
      expect(await ask(), manner).toEqual(plain)
      await until(`a comparison while the server ${manner}`, () => recorded() === compared + 1)
      // One more of its own kind, and none of another.
      expect(await errorsByKind(room), manner).toEqual({ ...before, [fault]: (before[fault] ?? 0) + 1 })
    }
    server.manner = 'good'
  })

  it('passes a validation like any other', async () => {
    server.manner = 'good'
    const room = await shell.open(shell.copy(dataDir), config)
    const answer = await room.change('/validate', { wait: true, profile: 'improve' })
    const checks = z.object({ checks: z.array(z.object({ check: z.string(), said: z.string() })) }).parse(answer.json)
    expect(checks.checks.find((check) => check.check === 'smoke')?.said).toContain('1000 of 1000 answered')
  })
})

describe('a file of trees', () => {
  it('is checked, and taken by the room that runs, whatever other bodies may have', async () => {
    const { text, features, rows, predictions } = savedByXgboost('move')
    const room = await shell.open(
      shell.copy(prepared),
      shell.configured({ ...DAY_WINDOW, http: { body_limit_bytes: 4_096 } }),
    )
    const file = join(room.dataDir, 'xgb-9.json')
    writeFileSync(file, text)
    const lines = rows.map((row, i) => [...row, predictions[i]].join(','))
    writeFileSync(join(room.dataDir, 'rows.csv'), [[...features, 'prediction'].join(','), ...lines].join('\n'))
    const check = ['--features', features.join(','), '--check', join(room.dataDir, 'rows.csv')]
    const ended = await shell.run(['models', 'add', file, ...check, '--data-dir', room.dataDir, ...config])
    expect(ended.stderr).toBe('')
    expect(ended.stdout).toContain('300 rows predicted as by its own library')
    const shown = z.record(z.string(), z.unknown()).parse((await room.get('/models/xgb-9')).json)
    expect(shown).toMatchObject({ kind: 'trees', slot: 'candidate', weights: { fileChars: text.length } })
  })
})

describe('what cannot be added', () => {
  const cases: readonly [what: string, change: object, said: string][] = [
    ['a file without an address', { url: undefined }, 'url must be text, not missing'],
    ['a feature that nobody makes', { features: ['moon'] }, 'features[0] is not a column of the catalogue'],
    ['a version that exists', { version: 'v1.8-b0' }, 'v1.8-b0 already exists'],
    ['another label', { label: { kind: 'up', horizonMin: 60, thresholdBp: 0 } }, 'predicts something else'],
    ['a server that is not there', { url: 'http://127.0.0.1:9' }, 'gave no score'],
  ]
  it.each(cases)('refuses %s and leaves nothing', async (_, change, said) => {
    const dataDir = shell.copy(prepared)
    const before = leftBehind(dataDir)
    const ended = await shell.run(['models', 'add', modelFile(dataDir, change), '--data-dir', dataDir, ...config])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain(said)
    expect(leftBehind(dataDir)).toEqual(before)
  })

  it('refuses scores that are no probabilities, by the row', async () => {
    const dataDir = shell.copy(prepared)
    server.manner = 'beyond 1'
    const ended = await shell.run(['models', 'add', modelFile(dataDir), '--data-dir', dataDir, ...config])
    server.manner = 'good'
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(/gave no score for the row of 2025-05-06T00:00:00\.000Z: range/)
  })
})
