import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { randomInt, seededRandom } from '../../../src/engine/kernel/random.ts'
import { damageOf, reading } from '../../kit/contents.ts'
import { MINUTE } from '../../kit/moments.ts'
import { type Room, type Running, stage } from '../../kit/program.ts'
import { barsUntil, push, PUSH, SYMBOL } from '../../kit/pushed-bars.ts'
import { chanceOf, done, times } from '../../kit/torture.ts'
import { until } from '../../kit/until.ts'

const KILLS = times(2, 40)
const MOST = times(40, 300)
const MINUTES = 600

const shell = stage()
const Added = z.object({ added: z.number(), known: z.number() })

/** A minute's value and what came of it, always the same. */
const valueOf = (i: number): number => i / 7
const labelOf = (i: number): number => Number(i % 3 === 0)

it('declares, keeps and settles what was acknowledged, once, whenever the room is killed', async () => {
  const dataDir = shell.fresh()
  mkdirSync(dataDir, { recursive: true })
  const config = join(dataDir, 'label.json')
  writeFileSync(config, JSON.stringify({ label: { kind: 'pushed', name: 'hit', horizon_min: 1 } }))
  const bars = barsUntil(Date.now() - MINUTE, MINUTES)
  const random = seededRandom(chanceOf(11))
  const acknowledged = new Set<number>()
  const open = (): Promise<Room<Running>> => shell.serve(dataDir, [...PUSH, '--config', config])
  const send = async (room: Room<Running>, i: number): Promise<readonly [values: number, outcomes: number]> => {
    const bar = bars[i]
    if (bar === undefined) throw new Error(`no minute ${i}`)
    const values = { x: valueOf(i) }
    // A value is known before its minute's bar.
    const pushed = await room.change('/feed/features', { symbol: SYMBOL, rows: [{ ts_ms: bar.ts_ms + 1_000, values }] })
    await push(room, [bar])
    const said = await room.change('/outcomes', { symbol: SYMBOL, outcomes: [{ ts_ms: bar.ts_ms, label: labelOf(i) }] })
    return [Added.parse(pushed.json).added, Added.parse(said.json).added]
  }
  let next = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const room = await open()
    const declared = await room.change('/features', { symbol: SYMBOL, columns: [{ name: 'x', max_age_s: 600 }] })
    expect(declared.json).toMatchObject({ columns: 1 })
    const enough = acknowledged.size + 1 + randomInt(random, MOST)
    const sending = (async () => {
      for (; next < MINUTES; next++) {
        await send(room, next)
        acknowledged.add(next)
      }
    })().catch((error: unknown) => {
      // A connection that broke was not acknowledged; anything else is a fault.
      if (!room.process.dying) throw error
    })
    await until(`${enough} minutes`, () => acknowledged.size >= enough)
    await room.process.kill()
    await sending
    expect(damageOf(dataDir, 'quick_check')).toBe('ok')
    done('kills')
  }
  const room = await open()
  for (const i of acknowledged) expect(await send(room, i), `minute ${i}`).toEqual([0, 0])
  // What was under way when the room was killed is stored once, or not at all.
  await send(room, next)
  await push(room, bars.slice(next + 1, next + 4))
  const rows = reading(dataDir, (db) =>
    db.prepare('SELECT ts_ms, label FROM outcomes WHERE symbol = ? ORDER BY ts_ms').raw().all(SYMBOL),
  )
  const first = bars[0]?.ts_ms ?? 0
  // The fallback scores from the 30th return on: earlier minutes have no score to settle.
  const settled = [...acknowledged].filter((i) => i > 31).map((i) => [first + i * MINUTE, labelOf(i)])
  expect(rows).toEqual(expect.arrayContaining(settled))
  expect(new Set(rows.map((row) => String(row))).size).toBe(rows.length)
})
