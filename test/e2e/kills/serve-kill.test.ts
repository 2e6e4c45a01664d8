import { beforeAll, describe, expect, it } from 'vitest'
import { randomInt, seededRandom } from '../../../src/engine/kernel/random.ts'
import { damageOf, lostPredictions, reading } from '../../kit/contents.ts'
import { Predicted } from '../../kit/documents.ts'
import { MINUTE } from '../../kit/moments.ts'
import { OPENING, prepare } from '../../kit/prepared.ts'
import { stage, type Room, type Running } from '../../kit/program.ts'
import { chanceOf, done, times } from '../../kit/torture.ts'
import { until } from '../../kit/until.ts'

const KILLS = times(6, 240)
/** Rooms at full speed, each killed after some hundred minutes. */
const FAST_KILLS = times(2, 60)
const CALLERS = 6
const MOST_ANSWERS = times(150, 1_000)

const shell = stage()
let prepared = ''

beforeAll(async () => {
  prepared = await prepare(shell, 'candidate')
})

/** Asks for predictions until the room is gone, keeping what was acknowledged. */
async function call(room: Room<Running>, acknowledged: string[], path: string): Promise<void> {
  for (;;) {
    try {
      const answer = await room.ask('POST', path, { body: { symbol: 'BTCUSDT' } })
      if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.text}`)
      acknowledged.push(Predicted.parse(answer.json).id)
    } catch (error) {
      // A connection that broke was not acknowledged; anything else is.
      if (!room.process.dying) throw error
      return
    }
  }
}

function finishedMs(dataDir: string): number {
  return reading(dataDir, (db) => Number(db.prepare('SELECT clock_ms FROM feeds').pluck().get()))
}

describe('a room that is killed under load', () => {
  it('has every acknowledged prediction, whenever it is killed, and goes on where it was', async () => {
    const dataDir = shell.copy(prepared)
    const random = seededRandom(chanceOf(42))
    const acknowledged: string[] = []
    let clockMs = finishedMs(dataDir)
    for (let kill = 0; kill < KILLS; kill++) {
      const room = await shell.serve(dataDir, ['--speed', '600'])
      const health = await room.health()
      expect(health.candidate).toBe('v1.8.1')
      // The moment that was not finished may be run before the question comes, at 600 times real speed a few more.
      expect(Date.parse(health.market_time)).toBeGreaterThanOrEqual(clockMs)

      const mine: string[] = []
      const callers = Array.from({ length: CALLERS }, (_, i) =>
        call(room, mine, i % 2 === 0 ? '/ml/predict' : '/predict-with-shadow'),
      )
      const enough = 1 + randomInt(random, MOST_ANSWERS)
      await until(`${enough} answers`, () => mine.length >= enough)
      await room.process.kill()
      await Promise.all(callers)

      expect(lostPredictions(dataDir, mine)).toEqual([])
      expect(damageOf(dataDir, 'quick_check')).toBe('ok')
      expect(finishedMs(dataDir)).toBeGreaterThanOrEqual(clockMs)
      clockMs = finishedMs(dataDir)
      done('kills')
      done('acknowledged predictions', mine.length)
      acknowledged.push(...mine)
    }
    expect(acknowledged.length).toBeGreaterThan(KILLS)
    expect(new Set(acknowledged).size).toBe(acknowledged.length)

    const room = await shell.open(dataDir, ['--speed', '1'])
    // At real speed the next moment is a minute away: this is where the last kill left it, or one moment on.
    const marketMs = Date.parse((await room.health()).market_time)
    expect(marketMs - clockMs).toBeGreaterThanOrEqual(0)
    expect(marketMs - clockMs).toBeLessThanOrEqual(60_000)
    expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
    expect(lostPredictions(dataDir, acknowledged)).toEqual([])
    expect(damageOf(dataDir, 'integrity_check')).toBe('ok')
  })

  it('has each minute once, none skipped, over all the kills', async () => {
    const dataDir = shell.copy(prepared)
    const minutes = (): number[] =>
      reading(dataDir, (db) =>
        db.prepare("SELECT ts_ms FROM predictions WHERE source = 'minute' ORDER BY ts_ms").pluck().all().map(Number),
      )
    for (let kill = 1; kill <= FAST_KILLS; kill++) {
      const room = await shell.serve(dataDir, ['--speed', 'max'])
      await until('some hundred minutes', () => minutes().length >= 150 * kill)
      await room.process.kill()
      done('kills')
    }
    const seen = minutes()
    const first = Date.parse(OPENING)
    expect(seen).toEqual(seen.map((_, i) => first + i * MINUTE))
    expect(damageOf(dataDir, 'integrity_check')).toBe('ok')
  })
})
