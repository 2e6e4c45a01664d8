import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FAULTS, ModelServer } from '../kit/model-server.ts'
import { prepare } from '../kit/prepared.ts'
import { type Room, stage } from '../kit/program.ts'

const shell = stage()
const server = new ModelServer(([rsi14 = 50]) => 1 / (1 + Math.exp(1 - Math.abs(rsi14) / 2)))
/** Of a candidate that answers callers. Far more than a server that answers needs. */
const BUDGET_MS = 500

const Answered = z.object({ served_by: z.string(), model_version: z.string(), reason: z.string(), score: z.number() })

async function ask(room: Room, key: string): Promise<z.infer<typeof Answered>> {
  const { status, json } = await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT', key } })
  expect(status).toBe(200)
  return Answered.parse(json)
}

/** A canary that answers every caller. The clock stands, so that no judge ends what callers are to meet. */
async function serving(): Promise<Room> {
  const url = await server.listen()
  const dataDir = shell.copy(await prepare(shell, 'opening'))
  const file = join(dataDir, 'model.json')
  writeFileSync(file, JSON.stringify({ version: 'book-7', kind: 'http', url, model: 'book', features: ['rsi14_z'] }))
  await shell.json(['models', 'add', file, '--profile', 'improve', '--data-dir', dataDir])
  const whole = [{ split: 1, duration_min: 600 }]
  const config = shell.configured({ canary: { plans: { whole } }, serving: { shadow_budget_ms: BUDGET_MS } })
  const room = await shell.open(dataDir, config)
  expect((await room.change('/speed', { speed: 'pause' })).status).toBe(200)
  const asked = await room.change('/canary/start', { live: true, mode: 'serve', plan: 'whole' })
  expect(asked.status, asked.text).toBe(202)
  const { id } = z.object({ id: z.string() }).parse(asked.json)
  const answer = { decision: 'approve', phrase: 'ONAY', reason: 'its answers are wanted' }
  expect((await room.change(`/approvals/${id}`, answer)).status).toBe(200)
  return room
}

afterAll(() => server.close())

describe('a canary that answers callers', () => {
  it('leaves none of them without an answer, whatever the candidate does, and abstains at once with the kill switch', async () => {
    const room = await serving()
    expect(await ask(room, 'one')).toMatchObject({ served_by: 'canary', model_version: 'book-7' })
    expect((await room.get('/canary')).text).toMatch(/"state":"ramping".*"mode":"serve"/)
    for (const [manner, fault] of FAULTS) {
      server.manner = manner
      const { served_by: by, reason } = await ask(room, manner)
      expect([manner, by, reason]).toEqual([manner, 'baseline', `in charge; book-7 gave no score (${fault})`])
    }
    server.manner = 'good'
    const asking = Array.from({ length: 200 }, (_, i) => ask(room, `caller-${i}`))
    await server.close()
    for (const { served_by: by, score } of await Promise.all(asking)) {
      expect(['canary', 'baseline']).toContain(by)
      expect(score).toBeGreaterThan(0)
    }
    const after = await ask(room, 'after')
    expect([after.served_by, after.reason]).toEqual(['baseline', expect.stringMatching(/^in charge; .*book-7/)])
    expect((await room.change('/ml/kill?enabled=true', { reason: 'fills look wrong' })).status).toBe(200)
    expect(await ask(room, 'killed')).toMatchObject({ served_by: 'fallback', reason: 'the kill switch is on' })
  })
})
