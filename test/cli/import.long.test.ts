import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { BTC } from '../kit/samples.ts'
import { SmallRoom } from '../kit/small-room.ts'

const fresh = freshDirectories()
const HEADER = 'ts_ms,open,high,low,close,volume'
const HOURS = 20 * 60
/** Lines of the file, counted from 1 with the header. */
const BAD_LINE = 602
let lines: string[] = []
let whole = ''
let broken = ''

beforeAll(() => {
  lines = gunzipSync(readFileSync(BTC))
    .toString('utf8')
    .split('\n')
    .slice(1, HOURS + 1)
  whole = file(lines)
  // A bad row in the place of nine minutes.
  broken = file([...lines.slice(0, BAD_LINE - 2), 'not a row', ...lines.slice(BAD_LINE + 7)])
})

function file(rows: readonly string[]): string {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  const path = join(dir, 'bars.csv')
  writeFileSync(path, `${[HEADER, ...rows].join('\n')}\n`)
  return path
}

function emptyRoom(): SmallRoom {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  return new SmallRoom(dir)
}

const bars = (path: string): string[] => ['import', 'bars', path, '--symbol', 'BTCUSDT']

describe('onay import bars', () => {
  it('brings in no bar whose minute has not ended, though a file may end a day ahead of this clock', async () => {
    const room = emptyRoom()
    const minute = 60_000
    const firstMs = Math.floor(Date.now() / minute) * minute - 30 * minute
    const path = file(Array.from({ length: 60 }, (_, i) => `${firstMs + i * minute},1,1,1,1,1`))
    const { until } = z.object({ until: z.string() }).parse(await room.json(bars(path)))
    const now = Date.now()
    expect(Date.parse(until)).toBeGreaterThanOrEqual(firstMs + 30 * minute)
    expect(Date.parse(until)).toBeLessThanOrEqual(now)
  })

  it('brings history in, names the line that it cannot read, and is told the same rows twice without harm', async () => {
    const room = emptyRoom()
    expect(await room.json(bars(broken))).toMatchObject({
      symbol: 'BTCUSDT',
      bars: HOURS - 9,
      bad_rows: 1,
      duplicates: 0,
      late: 0,
      future: 0,
      backfilled: 0,
      dropped: [{ line: BAD_LINE, fault: 'unparsable', text: 'not a row' }],
      until: '2025-05-05T11:33:00.000Z',
      model: null,
      note: null,
    })
    expect(await room.json(bars(broken))).toMatchObject({ bars: 0, bad_rows: 0, duplicates: HOURS - 9 })
    expect(await room.json(['features'])).toMatchObject({ rows: HOURS - 9, gaps: [{ minutes: 9 }] })
  })

  it('fills the gaps that another file has left', async () => {
    const room = emptyRoom()
    await room.json(bars(broken))
    const text = await room.run(bars(whole))
    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout).toMatch(/^BTCUSDT: 0 bars imported, 9 filled gaps; no model yet$/m)
    expect(text.stdout).toMatch(/^ {2}dropped: 0 bad, 1191 duplicates, 0 late, 0 from the future$/m)
    expect(await room.json(['features'])).toMatchObject({ rows: HOURS, gaps: [] })
  })

  it('takes no more than the span that is asked for', async () => {
    const room = emptyRoom()
    const span = ['--from', '2025-05-04T20:00', '--until', '2025-05-05T00:00']
    expect(await room.json([...bars(whole), ...span])).toMatchObject({ bars: 240, until: '2025-05-05T00:00:00.000Z' })
  })

  it('says why there is no model, and how one is had, after a replay of less than the training window', async () => {
    const room = emptyRoom()
    const { stdout } = await room.run(['replay', whole, '--symbol', 'BTCUSDT'])
    expect(stdout).toContain(
      '  no model: the first is trained on 14 days of bars before a UTC midnight, and there are 0.8; --bootstrap 6h tries fewer\n',
    )
    expect(await room.json(['replay', whole, '--symbol', 'BTCUSDT'])).toMatchObject({ model: null })
  })

  it('fills gaps and nothing else where the directory plays a recording', async () => {
    const room = emptyRoom()
    await room.json(['replay', broken, '--symbol', 'BTCUSDT', '--until', '2025-05-05T10:00'])
    expect(await room.json(bars(whole))).toMatchObject({
      bars: 0,
      backfilled: 9,
      note: 'this directory plays a recording: only its gaps were filled',
    })
  })
})

describe('a file that is not what it should be', () => {
  const minute = (line: string): number => Number(line.split(',')[0])
  const withTime = (line: string, time: number | string): string => line.replace(/^\d+/, `${time}`)
  const commands: [string, (path: string) => string[]][] = [
    ['import bars', bars],
    ['replay', (path) => ['replay', path, '--symbol', 'BTCUSDT']],
  ]

  it.each(commands)('ends %s with an error that names the reason where no row is sound', async (_, args) => {
    const negative = lines.map((line) => line.replaceAll(',', ',-'))
    const ended = await emptyRoom().run(args(file(negative)))
    expectTrouble(ended, 'no sound row', `1200 rows were read: price: 1200 rows, first on line 2 (${negative[0]}`)
  })

  it.each(commands)('is brought in by %s with its times in microseconds, and that is said', async (_, args) => {
    const room = emptyRoom()
    const path = file(lines.map((line) => withTime(line, `${minute(line)}000`)))
    const text = await room.run(args(path))
    expect(text.stdout).toContain('  times are in microseconds and were converted\n')
    expect(await room.json(['features'])).toMatchObject({ rows: HOURS, gaps: [], until: '2025-05-05T11:33:00.000Z' })
  })

  it.each(commands)('takes no clock along when %s meets a last row of the year 9999, and names it', async (_, args) => {
    const room = emptyRoom()
    const last = withTime(lines[0] ?? '', 253_402_300_740_000)
    const document = await room.json(args(file([...lines, last])))
    expect(document).toMatchObject({
      bars: HOURS,
      bad_rows: 1,
      until: '2025-05-05T11:33:00.000Z',
      file: { faults: [{ fault: 'wild_time', rows: 1, line: HOURS + 2, text: '253402300740000' }] },
    })
  })

  it.each(commands)('is refused by %s when it goes on in the future, with what to do', async (_, args) => {
    const room = emptyRoom()
    const ahead = lines.map((line) => withTime(line, minute(line) + 75 * 365 * 86_400_000))
    expectTrouble(await room.run(args(file(ahead))), 'goes on to 2100', '--until')
  })

  it.each(commands)('is refused by %s at once when it is a pipe', async (_, args) => {
    const pipe = join(fresh(), '..', `pipe-${args('').length}`)
    execFileSync('mkfifo', [pipe])
    expectTrouble(await emptyRoom().run(args(pipe)), 'a pipe')
  })

  it('fills no gap with a wild time', async () => {
    const room = emptyRoom()
    await room.json(bars(broken))
    const wild = withTime(lines[0] ?? '', 946_684_800_000)
    expect(await room.json(bars(file([wild, ...lines])))).toMatchObject({ backfilled: 9, bars: 0 })
  })
})
