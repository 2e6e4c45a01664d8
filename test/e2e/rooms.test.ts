import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { reading } from '../kit/contents.ts'
import { Failure, Predicted } from '../kit/documents.ts'
import { stage, type Room } from '../kit/program.ts'
import { BTC, ETH } from '../kit/samples.ts'
import { until } from '../kit/until.ts'

const TWO_DAYS = 2_880

const shell = stage()
const cut = new Map<string, string>()

beforeAll(() => {
  for (const [symbol, file] of [
    ['BTCUSDT', BTC],
    ['ETHUSDT', ETH],
  ] as const) {
    const path = `${shell.fresh()}.csv`
    const lines = gunzipSync(readFileSync(file))
      .toString('utf8')
      .split('\n')
      .slice(0, TWO_DAYS + 1)
    writeFileSync(path, `${lines.join('\n')}\n`)
    cut.set(symbol, path)
  }
})

function recording(symbol: string): string {
  return cut.get(symbol) ?? ''
}

/** Plays the Bitcoin recording as fast as it can, and waits at that moment. */
function atFullSpeed(until: string): Promise<Room> {
  const args = ['--recording', recording('BTCUSDT'), '--symbol', 'BTCUSDT', '--speed', 'max', '--until', until]
  return shell.open(shell.fresh(), args)
}

/** The part of the state that is about the room itself. */
const State = z.object({
  symbol: z.string(),
  symbols: z.array(z.string()),
  bars: z.number(),
  clock: z.object({
    marketMs: z.number(),
    paused: z.boolean(),
    ended: z.boolean(),
    speed: z.union([z.number(), z.string()]),
  }),
})

async function state(room: Room, symbol?: string): Promise<z.infer<typeof State>> {
  const { json } = await room.get(symbol === undefined ? '/state' : `/state?symbol=${symbol}`)
  return z.object({ room: State }).parse(json).room
}

describe('two symbols in one room', () => {
  const both = (): string[] => [
    '--recording',
    `BTCUSDT=${recording('BTCUSDT')}`,
    '--recording',
    `ETHUSDT=${recording('ETHUSDT')}`,
  ]

  it('run side by side on one clock, each with its own rows, predictions and documents', async () => {
    const room = await shell.open(shell.fresh(), [...both(), '--speed', 'max', '--until', '2025-05-06'])
    expect((await state(room)).symbols).toEqual(['BTCUSDT', 'ETHUSDT'])
    const [btc, eth] = [await state(room, 'BTCUSDT'), await state(room, 'ETHUSDT')]
    expect(btc.clock.marketMs).toBe(Date.parse('2025-05-06T00:00:00Z'))
    expect(eth.clock.marketMs).toBe(btc.clock.marketMs)
    expect(btc.bars).toBeGreaterThan(1_440)
    expect(eth.bars).toBe(btc.bars)
    const scores = await Promise.all(
      ['BTCUSDT', 'ETHUSDT'].map(async (symbol) =>
        Predicted.parse((await room.ask('POST', '/ml/predict', { body: { symbol } })).json),
      ),
    )
    expect(scores[0]?.score).not.toBe(scores[1]?.score)

    await room.change('/speed', { speed: 600 })
    const rows = (symbol: string): number =>
      reading(room.dataDir, (db) =>
        Number(
          db.prepare("SELECT count(*) FROM predictions WHERE symbol = ? AND source = 'minute'").pluck().get(symbol),
        ),
      )
    await until('minutes of both', () => rows('BTCUSDT') > 10 && rows('ETHUSDT') > 10)
  })

  it('need to be told apart by commands and requests, which say so', async () => {
    const room = await shell.open(shell.fresh(), [...both(), '--speed', 'max', '--until', '2025-05-05'])
    const ended = await shell.run(['features', '--data-dir', room.dataDir])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(/^onay: [^\n]*BTCUSDT[^\n]*ETHUSDT[^\n]*--symbol[^\n]*\n$/)
    const one = await shell.json(['features', '--symbol', 'ETHUSDT', '--data-dir', room.dataDir])
    expect(one).toMatchObject({ symbol: 'ETHUSDT' })
    const answer = await room.ask('POST', '/ml/predict', { body: {} })
    expect(answer.status).toBe(422)
    expect(Failure.parse(answer.json).error.message).toMatch(/BTCUSDT.*ETHUSDT/)
  })

  it('are there again when the room is started without naming them', async () => {
    const dataDir = shell.fresh()
    const first = await shell.open(dataDir, [...both(), '--speed', 'max', '--until', '2025-05-05'])
    await first.process.kill('SIGTERM')
    const second = await shell.open(dataDir, ['--speed', '1'])
    expect((await state(second)).symbols).toEqual(['BTCUSDT', 'ETHUSDT'])
    expect((await state(second, 'ETHUSDT')).clock.marketMs).toBe(Date.parse('2025-05-05T00:00:00Z'))
  })
})

describe('a room at full speed until a moment', () => {
  it('waits there and serves, and goes on when it is told a speed', async () => {
    const room = await atFullSpeed('2025-05-05T06:00')
    const stop = Date.parse('2025-05-05T06:00:00Z')
    await until('the pause', async () => (await state(room)).clock.paused)
    expect((await state(room)).clock.marketMs).toBe(stop)
    expect((await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })).status).toBe(200)

    const answer = await shell.json(['speed', '60', '--data-dir', room.dataDir])
    expect(answer).toMatchObject({ speed: 60, until: null })
    await until('time to go on', async () => (await state(room)).clock.marketMs > stop)
    expect((await state(room)).clock.paused).toBe(false)
  })
})

describe("the recording's end", () => {
  it('leaves the room up, serving, and saying so', async () => {
    const room = await atFullSpeed('2025-05-06T12:00')
    expect((await room.change('/speed', { speed: 'max' })).status).toBe(200)
    await until('the end', async () => (await state(room)).clock.ended)
    const seen = await state(room)
    expect(seen.bars).toBe(TWO_DAYS)
    // The last minute is known a minute after it began.
    expect(seen.clock.marketMs).toBe(Date.parse('2025-05-04T15:33:00Z') + TWO_DAYS * 60_000)
    expect(room.process.alive).toBe(true)
    expect((await room.health()).ok).toBe(true)
    expect((await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })).status).toBe(200)
    expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
  })
})
