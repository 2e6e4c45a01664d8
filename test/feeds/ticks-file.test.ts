import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import type { Tick } from '../../src/feeds/tick-row.ts'
import { openTicks } from '../../src/feeds/ticks-file.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
const T = 1_746_400_000_123

function written(name: string, content: string | Uint8Array): string {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

async function read(path: string, skipLines = 0): Promise<{ lines: number[]; rows: (Tick | string)[] }> {
  const all = { lines: [] as number[], rows: [] as (Tick | string)[] }
  for await (const { lines, rows } of openTicks(path, { skipLines })) {
    all.lines.push(...lines)
    all.rows.push(...rows)
  }
  return all
}

const TICK = { tsMs: T, price: 61_800.3, qty: 0.006, buyerMaker: false }

describe('a file of ticks', () => {
  it.each<[string, string, Partial<Tick>]>([
    ['our own columns', `ts_ms,price,qty,is_buyer_maker\n${T},61800.30,0.006,false\n`, {}],
    ['our own columns without a header', `${T},61800.30,0.006,false\n`, {}],
    ['three columns', `${T},61800.30,0.006\n`, { buyerMaker: null }],
    ['columns in another order', `qty,price,ts_ms\n0.006,61800.30,${T}\n`, { buyerMaker: null }],
    [
      'trades as Binance publishes them',
      `id,price,qty,quote_qty,time,is_buyer_maker\n5,61800.30,0.006,370.8,${T},true\n`,
      { buyerMaker: true },
    ],
    ['trades without a header', `5,61800.30,0.006,370.8,${T},true\n`, { buyerMaker: true }],
    [
      'trades of the spot market without a header, in microseconds',
      `5,61800.30,0.006,370.8,${T}456,False,True\n`.replace('False', 'false').replace('True', 'true'),
      {},
    ],
    [
      'aggregated trades',
      `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n5,61800.30,0.006,1746400000,1746400001,${T},true\n`,
      { buyerMaker: true },
    ],
    ['aggregated trades without a header', `5,61800.30,0.006,7,9,${T},true\n`, { buyerMaker: true }],
    ['seconds with a fraction', `ts_ms,price,qty\n${(T / 1_000).toFixed(3)},61800.30,0.006\n`, { buyerMaker: null }],
    [
      'line ends of Windows and blank lines',
      `ts_ms,price,qty\r\n\r\n${T},61800.30,0.006\r\n\r\n`,
      { buyerMaker: null },
    ],
  ])('is read: %s', async (_, content, change) => {
    const { rows } = await read(written('ticks.csv', content))
    expect(rows).toEqual([{ ...TICK, ...change }])
  })

  it('is read from gzip and zip like the plain file', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `${T + i},${61_800 + (i % 7)},0.5,${i % 2 === 0}`)
    const content = `ts_ms,price,qty,is_buyer_maker\n${lines.join('\n')}\n`
    const plain = await read(written('t.csv', content))
    expect(plain.rows).toHaveLength(30_000)
    expect(plain.lines.at(-1)).toBe(30_001)
    expect(await read(written('t.csv.gz', gzipSync(content)))).toEqual(plain)
    const zip = zipSync({ 'trades.csv': Buffer.from(content), 'CHECKSUM.txt': Buffer.from('other') })
    expect(await read(written('t.zip', zip))).toEqual(plain)
  })

  it('goes on behind a line', async () => {
    const path = written('t.csv', `ts_ms,price,qty\n${T},1,1\n${T + 1},2,1\n${T + 2},3,1\n`)
    expect(await read(path, 3)).toMatchObject({ lines: [4], rows: [{ price: 3 }] })
    const bare = written('t.csv', `${T},1,1\n${T + 1},2,1\n`)
    expect(await read(bare, 1)).toMatchObject({ lines: [2], rows: [{ price: 2 }] })
  })

  it('names what is wrong with a line', async () => {
    const lines = [`${T},1,1`, 'soon,1,1', `${T},,1`, `${T},-1,1`, `${T},1,-1`, `${T},1`]
    const { lines: numbers, rows } = await read(written('t.csv', `ts_ms,price,qty\n${lines.join('\n')}\n`))
    expect(numbers).toEqual([2, 3, 4, 5, 6, 7])
    expect(rows.slice(1)).toEqual([
      'its time is not a number above 0',
      'its price is not a number above 0',
      'its price is not a number above 0',
      'its quantity is not a number from 0 on',
      'its quantity is not a number from 0 on',
    ])
  })

  it('takes no number that is none, and no answer but yes and no for who was the maker', async () => {
    const file = (cells: string) => written('t.csv', `ts_ms,price,qty,is_buyer_maker\n${cells}\n`)
    const said = async (cells: string) => (await read(file(cells))).rows[0]
    for (const price of ['Infinity', '1e999', '0x10', '1_000', 'NaN'])
      expect(await said(`${T},${price},1,true`), price).toBe('its price is not a number above 0')
    for (const qty of ['Infinity', '0x1'])
      expect(await said(`${T},1,${qty},true`), qty).toBe('its quantity is not a number from 0 on')
    for (const time of ['1e30', '9e24']) expect(await said(`${time},1,1,true`), time).toBe('its time is in the future')
    expect(await said(`${T},1,1,maybe`)).toBe('whether the buyer was the maker is neither true nor false')
    for (const [flag, buyerMaker] of [
      ['TRUE', true],
      [' true ', true],
      ['1', true],
      ['False', false],
      ['0', false],
      ['', null],
    ] as const)
      expect(await said(`${T}, 1, 1,${flag}`), flag).toEqual({ tsMs: T, price: 1, qty: 1, buyerMaker })
    expect(await said(`${T}.5,1,1,0`)).toMatchObject({ tsMs: T })
  })

  it.each<[string, string | Uint8Array, RegExp]>([
    ['empty', '', /is empty/],
    ['without a price', `ts_ms,qty\n${T},1\n`, /is not a file of ticks: its columns are ts_ms, qty/],
    ['of columns that nobody knows', '1,2\n', /its first line is 1,2/],
    ['not text', new Uint8Array([0, 1, 2, 3, 4]), /not those of a text file/],
    ['a gzip that was cut short', gzipSync('ts_ms,price,qty\n'.repeat(1_000)).subarray(0, 30), /is cut short after/],
    [
      'a zip that was cut short',
      zipSync({ 'a.csv': Buffer.from(`${T},1,1\n`.repeat(9_999)) }).subarray(0, 200),
      /is cut short after/,
    ],
  ])('is refused: %s', async (_, content, why) => {
    await expect(read(written('t.csv', content))).rejects.toThrow(why)
  })
})
