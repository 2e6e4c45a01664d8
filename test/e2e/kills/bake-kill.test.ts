import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FORMER, loserPromotedIn, PROMOTED, PromotedServer } from './baking-room.ts'
import { standingOf } from './canary-standing.ts'
import { clearKillPoint, type KillPoint, reached, setKillPoint, timesCommitted } from './kill-points.ts'
import type { Manner } from '../../kit/model-server.ts'
import { type Room, stage } from '../../kit/program.ts'
import { BTC } from '../../kit/samples.ts'

const Answer = z.object({ model_version: z.string(), served_by: z.string() })
const Events = z.object({ items: z.array(z.object({ kind: z.string(), severity: z.string(), text: z.string() })) })
const PROMOTION = `promotion ${PROMOTED}`
const ROLLBACK = `rollback ${FORMER}`
const TAKEN_BACK = { slots: { baseline: FORMER }, changes: [PROMOTION, ROLLBACK] }

const shell = stage()
const model = new PromotedServer()
let config: readonly string[]
/** Two minutes before the first look of the bake. */
let prepared: string

beforeAll(async () => {
  config = shell.configured({ training: { window_days: 1 } })
  prepared = await model.promotedIn(shell.fresh())
  const room = await opened(prepared)
  await playTo(room, '2025-05-07T12:58')
  await room.process.kill('SIGTERM')
})
afterAll(() => model.server.close())
beforeEach(() => become({}))

const opened = (dataDir: string): Promise<Room> => shell.open(dataDir, [...config, '--speed', '1'])
const copied = (): string => join(shell.copy(dirname(prepared)), 'data')

async function playTo({ dataDir }: Room, until: string): Promise<void> {
  const { code, stderr } = await shell.run(['speed', 'max', '--until', until, '--wait', '--data-dir', dataDir])
  expect(code, stderr).toBe(0)
}

async function predict(room: Room): Promise<z.infer<typeof Answer>> {
  const { status, json } = await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })
  expect(status).toBe(200)
  return Answer.parse(json)
}

/** As good as the former model, but for what is said. */
function become({
  manner = 'good',
  turn = (score) => score,
}: {
  manner?: Manner
  turn?: PromotedServer['turn']
}): void {
  model.server.manner = manner
  model.turn = turn
}

const opposite = (score: number): number => (score > 0.5 ? score - 0.3 : score + 0.3)

/** More often than a certain verdict needs. */
const callersAsk = (room: Room) => Promise.all(Array.from({ length: 150 }, () => predict(room)))

/** The former model answers, and everybody is told why. */
async function expectTakenBack(room: Room, why: RegExp): Promise<void> {
  expect(await predict(room)).toEqual({ model_version: FORMER, served_by: 'baseline' })
  expect(standingOf(room.dataDir).shape).toMatchObject(TAKEN_BACK)
  const { items } = Events.parse(await shell.json(['events', '--data-dir', room.dataDir]))
  const text: unknown = expect.stringMatching(why)
  expect(items.filter(({ kind }) => kind === 'rollback')).toEqual([{ kind: 'rollback', severity: 'critical', text }])
}

describe('a model that breaks after its promotion', () => {
  it.each([
    ['errs', { manner: 'errs' }, /last hour: errors \d+ % of \d+/],
    ['becomes slow', { manner: 'slow' }, /last hour: p95 .* beyond 120 ms/],
    ['disagrees', { turn: opposite }, /last hour: match \d+ %/],
  ] as const)('%s, and is taken back by itself at the next hour', async (_, broken, why) => {
    const room = await opened(copied())
    expect(await predict(room)).toEqual({ model_version: PROMOTED, served_by: 'baseline' })
    become(broken)
    await callersAsk(room)
    expect((await room.health()).model).toBe(PROMOTED)
    await playTo(room, '2025-05-07T13:00')
    await expectTakenBack(room, why)
  })

  it('loses with certainty, and is taken back by itself once a day of minutes has settled', async () => {
    const dataDir = await loserPromotedIn(shell.fresh())
    await shell.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', '2025-05-08T12:04', '--data-dir', dataDir])
    const room = await opened(dataDir)
    expect((await room.health()).model).toBe(PROMOTED)
    await playTo(room, '2025-05-08T13:00')
    await expectTakenBack(room, /log loss \+\d\.\d+ against the former model on 14\d\d settled minutes/)
  })

  it('is taken back when the room opens again, however often it is killed on the way, and once', async () => {
    const dataDir = copied()
    const mark = { kind: 'rollback', detail: { model: FORMER } }
    const before = standingOf(dataDir).shape
    const room = await shell.serve(dataDir, [...config, '--speed', '1'])
    become({ manner: 'errs' })
    await callersAsk(room)
    await room.process.kill()
    // What it did is known, whatever it does from now on.
    become({})

    const killedAt = async (point: KillPoint) => {
      setKillPoint(dataDir, point, mark)
      // At this speed something is written soon after the commit: the next minute.
      const begun = await shell.listening(dataDir, [...config, '--speed', '600'])
      await reached(begun, point, mark, () => false)
      await begun.process.kill()
      clearKillPoint(dataDir)
      return standingOf(dataDir).shape
    }
    expect(await killedAt('before')).toEqual(before)
    expect(await killedAt('after')).toEqual({ ...before, ...TAKEN_BACK })

    const again = await opened(dataDir)
    await playTo(again, '2025-05-07T13:10')
    await expectTakenBack(again, /last hour: errors/)
    expect(timesCommitted(dataDir, mark)).toBe(1)
  })
})
