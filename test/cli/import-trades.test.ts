import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import { strToU8, zipSync } from 'fflate'
import { parquetWriteFile } from 'hyparquet-writer'
import { beforeAll, describe, expect, it } from 'vitest'
import { aDesk, play } from '../kit/a-desk.ts'
import { barAt } from '../kit/bars.ts'
import { command, commandJson, expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { MINUTE, START } from '../kit/moments.ts'
import { SYMBOL } from '../kit/room.ts'

const fresh = freshDirectories()
const PAIR = 'AAA/USDT'

/** A trade as freqtrade's backtest exports it. */
const trade = (minute: number, more: object = {}) => ({
  pair: PAIR,
  stake_amount: 100,
  amount: 1,
  open_date: new Date(START + minute * MINUTE).toISOString().replace('T', ' ').replace('Z', '+00:00'),
  close_date: new Date(START + (minute + 5) * MINUTE).toISOString(),
  open_rate: 100,
  close_rate: 101,
  fee_open: 0.001,
  fee_close: 0.001,
  profit_abs: 0.799,
  exit_reason: 'roi',
  is_open: false,
  is_short: false,
  open_timestamp: START + minute * MINUTE,
  close_timestamp: START + (minute + 5) * MINUTE,
  ...more,
})
const TRADES = [trade(70), trade(80, { profit_abs: -0.5 }), trade(90, { pair: 'BBB/USDT' })]
const EXPORT = JSON.stringify({ strategy: { Simple: { trades: TRADES } }, strategy_comparison: [] })

let dir: string
beforeAll(async () => {
  dir = fresh()
  const kit = aDesk(dir)
  await play(
    kit,
    Array.from({ length: 120 }, (_, minute) => barAt(minute, 100 + Math.sin(minute))),
  )
  kit.desks.close()
})

const at = (...args: string[]) => [...args, '--symbol', SYMBOL, '--data-dir', join(dir, 'data')]
const importing = (file: string, ...args: string[]) => at('import', 'trades', file, ...args)
function written(name: string, content: string | Uint8Array): string {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}

function csvOf(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {})
  return [names.join(','), ...rows.map((row) => names.map((name) => String(Reflect.get(row, name))).join(','))].join(
    '\n',
  )
}

describe('import trades', () => {
  it("brings freqtrade's backtest in, the trades of this market, once", async () => {
    const file = written('backtest.json.gz', gzipSync(EXPORT))
    expect(await commandJson(importing(file))).toMatchObject({
      arms: [{ arm: 'Simple', added: 2, followed: 0, known: 0 }],
      elsewhere: { 'BBB/USDT': 1 },
      bad_rows: 0,
    })
    expect(await commandJson(importing(file))).toMatchObject({ arms: [{ added: 0, known: 2 }] })
    const { stdout } = await command(importing(file, '--all-markets', '--arm', 'all'))
    expect(stdout).toBe(`${SYMBOL} all: 3 trades brought in, 0 were there\n`)
  })

  it('counts them as an arm beside those on paper, with the regime of their minute', async () => {
    expect(await commandJson(at('paper', '--arm', 'Simple', '--since', '2025-01-01'))).toMatchObject({
      arms: [{ arm: 'Simple', source: 'own', model: null, trades: 2, win_rate: 0.5, days: 1 }],
    })
    expect(await commandJson(at('paper', 'trades', '--arm', 'Simple'))).toMatchObject({
      items: [
        { pnl: -0.5, exit: 'roi' },
        { pnl: 0.799, notional: 100, slip_entry_bp: null, regime: 'ranging', row_at: null, exit: 'roi' },
      ],
    })
  })

  it.each<[string, () => string]>([
    [
      'a zip as freqtrade makes it',
      () => {
        const files = { 'b_config.json': strToU8('{"strategy": "x"}'), 'b.json': strToU8(EXPORT) }
        return written('backtest.zip', zipSync(files))
      },
    ],
    ['a list of trades', () => written('list.json', JSON.stringify(TRADES))],
    ['CSV', () => written('trades.csv', csvOf(TRADES))],
    ['gzipped CSV', () => written('trades.csv.gz', gzipSync(csvOf(TRADES)))],
    [
      'Parquet',
      () => {
        const path = join(dir, 'trades.parquet')
        const columns = (
          ['pair', 'open_timestamp', 'close_timestamp', 'open_rate', 'close_rate', 'amount'] as const
        ).map((name) => ({
          name,
          type: name === 'pair' ? ('STRING' as const) : ('DOUBLE' as const),
          data: TRADES.map((row) => row[name]),
        }))
        parquetWriteFile({ filename: path, columnData: columns })
        return path
      },
    ],
    [
      "freqtrade's database",
      () => {
        const path = join(dir, 'tradesv3.sqlite')
        const db = new Sqlite(path)
        db.exec(
          'CREATE TABLE trades (id INTEGER, pair, is_open, open_date, close_date, open_rate, open_rate_requested, close_rate, amount)',
        )
        const add = db.prepare('INSERT INTO trades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
        for (const [i, { pair, open_date: opened, close_date: closed }] of TRADES.entries())
          add.run(i, pair, 0, opened, closed, 100, 99.9, 101, 1)
        add.run(9, PAIR, 1, '2025-05-05 12:00:00', null, 100, 100, null, 1)
        db.close()
        return path
      },
    ],
  ])('reads %s', async (name, make) => {
    const arm = name.replaceAll(/[^a-zA-Z]/g, '')
    expect(await commandJson(importing(make(), '--arm', arm))).toMatchObject({
      arms: [{ arm, added: 2, followed: 0, known: 0 }],
      elsewhere: { 'BBB/USDT': 1 },
      dropped: [],
    })
  })

  it('knows the slippage where the bot says what it asked for', async () => {
    const slipped = expect.closeTo((100 / 99.9 - 1) * 1e4, 9) as number
    expect(await commandJson(at('paper', 'trades', '--arm', 'freqtradesdatabase'))).toMatchObject({
      items: [{ slip_entry_bp: slipped, slip_exit_bp: null }, { slip_entry_bp: slipped }],
    })
  })

  it('names rows that are no closed trades by their line, and takes the others', async () => {
    const rows = [
      trade(100),
      trade(101, { open_rate: 0 }),
      trade(102, { open_timestamp: '', open_date: 'soon' }),
      trade(103, { amount: '' }),
    ]
    const file = written('dirty.csv', csvOf(rows))
    expect(await commandJson(importing(file, '--arm', 'dirty'))).toMatchObject({
      arms: [{ added: 1 }],
      bad_rows: 3,
      dropped: [
        { line: 3, why: 'a price is not above 0' },
        { line: 4, why: expect.stringContaining('opened') as string },
        { line: 5, why: 'its amount is not above 0' },
      ],
    })
  })

  it('counts by a column that names the arm, and by columns of other names', async () => {
    const rows = [
      { bot: 'left', in: START, out: START + MINUTE, size: 1, entry_price: 100, exit_price: 101 },
      { bot: 'right', in: START, out: START + MINUTE, size: 1, entry_price: 100, exit_price: 99 },
    ]
    const file = written('mine.csv', csvOf(rows))
    const args = importing(file, '--arm-by', 'bot', '--columns', 'opened=in,closed=out')
    expect(await commandJson(args)).toMatchObject({ arms: [{ arm: 'left' }, { arm: 'right' }] })
  })

  it.each<[string, () => string[], string[]]>([
    [
      'a file of another market',
      () => [written('o.json', JSON.stringify([trade(1, { pair: 'C/D' })]))],
      ['of C/D', '--all-markets'],
    ],
    ['no arm', () => [written('n.json', JSON.stringify(TRADES))], ['belongs to no arm', '--arm mybot']],
    [
      'an arm that is not a label',
      () => [written('l.json', JSON.stringify(TRADES)), '--arm', 'a b'],
      ['"a b" is not a valid arm'],
    ],
    ['no times', () => [written('t.csv', 'a,b\n1,2\n'), '--arm', 'x'], ['1 rows cannot be read: line 2', '--columns']],
    ['an empty file', () => [written('e.csv', ''), '--arm', 'x'], ['it is empty']],
    ['something else', () => [written('s.json', '{"a": 1}'), '--arm', 'x'], ['neither a list of trades']],
    [
      'a zip that is cut short',
      () => [written('z.zip', zipSync({ 'a.json': strToU8(EXPORT) }).slice(0, 60)), '--arm', 'x'],
      ['not a whole zip'],
    ],
    ['another database', () => [join(dir, 'data/onay.db'), '--arm', 'x'], ['no such table: trades']],
    ['a column of no field', () => [written('f.json', '[]'), '--columns', 'when=x'], ['"when=x" names no column']],
  ])('refuses %s in one line', async (_, args, named) => {
    expectTrouble(await command(importing(args()[0] ?? '', ...args().slice(1))), ...named)
  })
})
