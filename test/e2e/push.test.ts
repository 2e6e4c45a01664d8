import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DAY_MS, floorTo, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { command, commandJson } from '../kit/command.ts'
import { reading } from '../kit/contents.ts'
import { Failure, Predicted } from '../kit/documents.ts'
import { clockAhead, stage } from '../kit/program.ts'
import { push, type PushedBar } from '../kit/pushed-bars.ts'
import { BTC } from '../kit/samples.ts'
import { until } from '../kit/until.ts'

/** Of the first training here; its bars go in one request. */
const WINDOW_DAYS = 2
/** So long before a minute's end the room's clock stands when it is started: time enough to push what it is to be trained on. */
const BEFORE_THE_MINUTE_MS = 4_000

const shell = stage()
const FIRST_MS = Date.parse('2025-05-05T00:00:00Z')

/** The recording's minutes, moved in time so that the last of `n` has just ended. */
function recentBars(n: number, nowMs = Date.now()): PushedBar[] {
  const lines = gunzipSync(readFileSync(BTC))
    .toString('utf8')
    .split('\n')
    .slice(1, n + 1)
  const newestMs = floorTo(nowMs, MINUTE_MS) - 2 * MINUTE_MS
  return lines.map((line, i) => {
    const [, open = 0, high = 0, low = 0, close = 0, volume = 0] = line.split(',').map(Number)
    return { ts_ms: newestMs - (n - 1 - i) * MINUTE_MS, open, high, low, close, volume }
  })
}

describe('a room that bars are pushed to', () => {
  it('has nothing to predict from before the first row', async () => {
    const room = await shell.open(shell.fresh(), ['--feed', 'push', '--symbol', 'BTCUSDT'])
    const answer = await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })
    expect(answer.status).toBe(409)
    Failure.parse(answer.json)
    expect((await room.get('/healthz')).json).toMatchObject({ ok: true, model: 'fallback' })
  })

  it('takes bars once, names those that it rejects by index, and is the same after the same bars again', async () => {
    const room = await shell.open(shell.fresh(), ['--feed', 'push', '--symbol', 'BTCUSDT'])
    const bars = recentBars(10)
    const at = (i: number): PushedBar => bars[i] ?? { ts_ms: 0, open: 1, high: 1, low: 1, close: 1, volume: 1 }
    expect(await push(room, bars.slice(2, 8))).toEqual({ accepted: 6, duplicates: 0, late: 0, rejected: [] })
    expect(await push(room, bars.slice(2, 8))).toEqual({ accepted: 0, duplicates: 6, late: 0, rejected: [] })

    const mixed = [
      at(7),
      at(0),
      { ...at(8), low: -1 },
      { ...at(8), high: at(8).low - 1 },
      { ...at(8), volume: -1 },
      { ...at(8), close: 'x' },
      { ...at(8), ts_ms: at(8).ts_ms + 1 },
      { ...at(8), ts_ms: Date.now() + 10 * MINUTE_MS - (Date.now() % MINUTE_MS) },
      'no bar',
      at(8),
    ]
    const answer = await push(room, mixed)
    expect(answer).toMatchObject({ accepted: 1, duplicates: 1, late: 1 })
    expect(answer).toHaveProperty(
      'rejected',
      [2, 3, 4, 5, 6, 7, 8].map((index) => ({ index, reason: expect.stringMatching(/\w/) })),
    )
    expect(Predicted.parse((await room.ask('POST', '/ml/predict', { body: {} })).json).served_by).toBe('fallback')
    expect(reading(room.dataDir, (db) => db.prepare('SELECT count(*) FROM bars').pluck().get())).toBe(7)

    // A file with all of them, of which the room lacks the first two and the last.
    const file = `${room.dataDir}.csv`
    const line = ({ ts_ms: ms, open, high, low, close, volume }: PushedBar) =>
      [ms, open, high, low, close, volume].join(',')
    writeFileSync(file, ['ts_ms,open,high,low,close,volume', ...bars.map(line), 'no,bar,at,all,is,here'].join('\n'))
    const args = ['import', 'bars', file, '--symbol', 'BTCUSDT', '--data-dir', room.dataDir]
    const imported = {
      bars: 0,
      backfilled: 2,
      duplicates: 7,
      bad_rows: 1,
      note: expect.stringContaining('1 bar is newer'),
    }
    expect(await commandJson(args)).toMatchObject(imported)
    expect(await commandJson(args)).toMatchObject({ ...imported, backfilled: 0, duplicates: 9 })
    const filled = 'SELECT ts_ms FROM bars WHERE backfilled = 1 ORDER BY ts_ms'
    expect(reading(room.dataDir, (db) => db.prepare(filled).pluck().all())).toEqual([at(0).ts_ms, at(1).ts_ms])
  })

  it('refuses a body without bars, and a symbol that is none', async () => {
    const room = await shell.open(shell.fresh(), ['--feed', 'push'])
    expect((await room.change('/feed/bars', { symbol: 'BTCUSDT' })).status).toBe(422)
    expect((await room.change('/feed/bars', { symbol: 'BTC USDT', bars: [] })).status).toBe(422)
    expect((await room.change('/feed/bars', { symbol: '', bars: [] })).status).toBe(422)
    expect((await room.ask('POST', '/feed/bars', { raw: '{', token: room.token })).status).toBe(400)
  })

  it('trains its first model once its window from midnight to midnight is there', async () => {
    // A real feed's moments come with the minutes of its clock: the training begins with the next one.
    const aheadMs = MINUTE_MS - BEFORE_THE_MINUTE_MS - (Date.now() % MINUTE_MS)
    const config = shell.configured({ training: { window_days: WINDOW_DAYS } })
    const room = await shell.serve(
      shell.fresh(),
      ['--feed', 'push', '--symbol', 'BTCUSDT', ...config],
      clockAhead(aheadMs),
    )
    // One day and two bars more hold the window from midnight to midnight, whatever the hour is.
    const bars = recentBars(((WINDOW_DAYS + 1) * DAY_MS) / MINUTE_MS + 2, Date.now() + aheadMs)
    expect(await push(room, bars)).toEqual({ accepted: bars.length, duplicates: 0, late: 0, rejected: [] })
    await until('the first model', async () => (await room.health()).model === 'v1.8-b0')
    const answer = Predicted.parse((await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })).json)
    expect(answer).toMatchObject({ served_by: 'baseline', model_version: 'v1.8-b0' })
  })

  it('takes a long file of outcomes as a whole or not at all', async () => {
    const dataDir = shell.fresh()
    const label = { label: { kind: 'pushed', name: 'moved', horizon_min: 5 } }
    await shell.open(dataDir, ['--feed', 'push', '--symbol', 'BTCUSDT', ...shell.configured(label)])
    const path = `${dataDir}.csv`
    const importing = ['import', 'outcomes', path, '--symbol', 'BTCUSDT', '--data-dir', dataDir]
    const minutes = Array.from({ length: 2_500 }, (_, i) => `${FIRST_MS + i * MINUTE_MS},${i % 2}`)
    const stored = () => reading(dataDir, (db) => db.prepare('SELECT count(*) FROM own_labels').pluck().get())
    writeFileSync(path, `ts_ms,label\n${minutes.slice(2_200).join('\n')}\n`)
    expect(await commandJson(importing)).toMatchObject({ added: 300, known: 0 })
    // The last of them contradicts what is stored.
    writeFileSync(path, `ts_ms,label\n${minutes.slice(0, -1).join('\n')}\n${FIRST_MS + 2_499 * MINUTE_MS},0\n`)
    expect(await command(importing)).toMatchObject({ code: 3, stderr: expect.stringContaining('is given twice') })
    expect(stored()).toBe(300)
    writeFileSync(path, `ts_ms,label\n${minutes.join('\n')}\n`)
    expect(await commandJson(importing)).toMatchObject({ added: 2_200, known: 300 })
    expect(stored()).toBe(2_500)
  })
})
