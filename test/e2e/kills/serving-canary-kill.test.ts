import { expect, it } from 'vitest'
import { inShare } from '../../../src/engine/canary/split.ts'
import { randomInt, seededRandom } from '../../../src/engine/kernel/random.ts'
import { damageOf, reading } from '../../kit/contents.ts'
import { Predicted } from '../../kit/documents.ts'
import { Approval, Play } from '../../kit/play.ts'
import { prepare } from '../../kit/prepared.ts'
import { type Room, type Running, stage } from '../../kit/program.ts'
import { chanceOf, done, times } from '../../kit/torture.ts'
import { until } from '../../kit/until.ts'
import { standingOf, type Standing } from './canary-standing.ts'

const KILLS = times(2, 60)
const MOST_ANSWERS = times(200, 1_000)
const CALLERS = 6
const KEYS = 200
/** Shares of the callers, the candidate's. */
const SPLITS = [0.3, 0.6, 1]

const shell = stage()

interface Acknowledged {
  readonly id: string
  readonly key: string
  readonly model: string
  readonly servedBy: string
  readonly score: number | null
}

async function ask(room: Room<Running>, key: string): Promise<Acknowledged> {
  const { status, text, json } = await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT', key } })
  if (status !== 200) throw new Error(`status ${status}: ${text}`)
  const { id, model_version: model, served_by: servedBy, score } = Predicted.parse(json)
  return { id, key, model, servedBy, score }
}

/** Callers until the room is killed; what they were answered is in `acknowledged`. */
function callers(room: Room<Running>, acknowledged: Acknowledged[]): Promise<unknown> {
  const call = async (first: number): Promise<void> => {
    try {
      for (let i = first; ; i += CALLERS) acknowledged.push(await ask(room, `caller-${i % KEYS}`))
    } catch (error) {
      // A connection that broke was not acknowledged; anything else is a fault.
      if (!room.process.dying) throw error
    }
  }
  return Promise.all(Array.from({ length: CALLERS }, (_, i) => call(i)))
}

interface Stored extends Acknowledged {
  /** Of the canary that picked it, or empty. */
  readonly phase: string
}

function storedAnswers(dataDir: string): Stored[] {
  return reading(dataDir, (db) =>
    db
      .prepare<[], Stored>(
        "SELECT id, key, model, served_by AS servedBy, score, phase FROM predictions WHERE source = 'caller' ORDER BY id",
      )
      .all(),
  )
}

/** Each acknowledged answer is there once, as it was given. */
function expectKept(dataDir: string, acknowledged: readonly Acknowledged[]): void {
  const stored = storedAnswers(dataDir)
  const byId = new Map(stored.map(({ phase: _, ...answer }) => [answer.id, answer]))
  expect(byId.size).toBe(stored.length)
  expect(acknowledged.map(({ id }) => byId.get(id))).toEqual(acknowledged)
  expect(damageOf(dataDir, 'quick_check')).toBe('ok')
}

/** The candidate has answered those in the share of their phase, all of them and nobody else. */
function expectWithinShare(dataDir: string, { runId, salt }: Standing): void {
  for (const { key, model, servedBy, phase } of storedAnswers(dataDir)) {
    const at = SPLITS.findIndex((_, i) => phase === `${runId}/${i + 1}`)
    const isIn = at >= 0 && inShare(String(salt), key, SPLITS[at] ?? 0)
    expect([key, phase, model, servedBy]).toEqual(
      isIn ? [key, phase, 'v1.8.1', 'canary'] : [key, '', 'v1.8-b0', 'baseline'],
    )
  }
}

/** A canary in phases of half an hour, which answers callers and has just begun. */
async function serving(dataDir: string, args: readonly string[]): Promise<Room<Running>> {
  const room = await shell.serve(dataDir, args)
  const asked = await room.change('/canary/start', { live: true, mode: 'serve', plan: 'three' })
  const yes = { decision: 'approve', phrase: 'ONAY', reason: 'its answers are wanted' }
  const { id } = Approval.pick({ id: true }).parse(asked.json)
  expect((await room.change(`/approvals/${id}`, yes)).status).toBe(200)
  return room
}

it('keeps who answered whom and goes on with the same callers, whenever a room is killed whose canary answers them', async () => {
  const dataDir = shell.copy(await prepare(shell, 'candidate'))
  const three = SPLITS.map((split) => ({ split, duration_min: 30 }))
  const config = shell.configured({ canary: { min_live: 0, plans: { three } } })
  const slow = [...config, '--speed', '1']
  const random = seededRandom(chanceOf(7))
  const all: Acknowledged[] = []
  const sides = new Map<string, string>()

  /** Callers ask until there are enough answers and `then` is through; the room is killed while they do. */
  const killed = async (
    room: Room<Running>,
    then: () => unknown = () => undefined,
  ): Promise<readonly Acknowledged[]> => {
    const mine: Acknowledged[] = []
    const asking = callers(room, mine)
    const enough = KEYS + randomInt(random, MOST_ANSWERS)
    await until(`${enough} answers`, () => mine.length >= enough)
    await then()
    await room.process.kill()
    await asking
    done('kills')
    done('acknowledged predictions', mine.length)
    all.push(...mine)
    expectKept(dataDir, all)
    return mine
  }

  let room = await serving(dataDir, slow)
  const begun = standingOf(dataDir)
  for (let kill = 0; kill < KILLS; kill++) {
    for (const { key, servedBy } of await killed(room)) {
      expect([key, servedBy]).toEqual([key, sides.get(key) ?? servedBy])
      sides.set(key, servedBy)
    }
    expectWithinShare(dataDir, begun)
    expect(standingOf(dataDir)).toMatchObject({ shape: begun.shape, runId: begun.runId, salt: begun.salt })
    room = await shell.serve(dataDir, slow)
    expect(await new Play(room).canary()).toMatchObject({ state: 'ramping', phase: 1, share: SPLITS[0] })
  }
  expect(new Set(sides.values())).toEqual(new Set(['canary', 'baseline']))
  expect(sides.size).toBe(KEYS)

  // Its second phase begins under load: whoever had the candidate keeps it.
  await room.change('/speed', { speed: 600 })
  await killed(room, async () => {
    await until('the second phase', () => standingOf(dataDir).shape.phase === 1)
    await room.change('/speed', { speed: 'pause' })
    const first = storedAnswers(dataDir).length
    await until('answers of it', () => storedAnswers(dataDir).length > first + KEYS)
  })
  expectWithinShare(dataDir, begun)

  // Stopped by a person and killed at once, it stays stopped.
  room = await shell.serve(dataDir, slow)
  for (const [key, side] of sides)
    if (side === 'canary') expect([key, (await ask(room, key)).servedBy]).toEqual([key, 'canary'])
  const stopped = await killed(room, async () => {
    expect((await room.change('/canary/abort', { reason: 'the book is thin' })).status).toBe(200)
  })
  expect(stopped.some(({ servedBy }) => servedBy === 'canary')).toBe(true)
  room = await shell.serve(dataDir, slow)
  expect(await new Play(room).canary()).toMatchObject({ state: 'aborted', share: 0 })
  for (const [key, side] of sides)
    if (side === 'canary') expect(await ask(room, key)).toMatchObject({ servedBy: 'baseline', model: 'v1.8-b0' })
})
