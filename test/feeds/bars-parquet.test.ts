import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, describe, expect, it } from 'vitest'
import { openBars } from '../../src/feeds/bars-parquet.ts'
import type { WrittenRow } from '../../src/feeds/bars-row.ts'

const dir = mkdtempSync(join(tmpdir(), 'onay-parquet-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const FIRST = 1_747_612_800_000
const ROWS = 2_500
const PRICES = ['open', 'high', 'low', 'close', 'volume'] as const

function write(name: string, columns: readonly string[], price: (i: number, column: string) => number): string {
  const path = join(dir, name)
  const columnData = columns.map((column) =>
    column === 'ts_ms'
      ? {
          name: column,
          data: Array.from({ length: ROWS }, (_, i) => BigInt(FIRST + i * 60_000)),
          type: 'INT64' as const,
        }
      : { name: column, data: Array.from({ length: ROWS }, (_, i) => price(i, column)), type: 'DOUBLE' as const },
  )
  writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData })))
  return path
}

async function read(path: string, skipLines = 0): Promise<WrittenRow[]> {
  const rows: WrittenRow[] = []
  for await (const chunk of openBars(path, { skipLines })) rows.push(...chunk.rows)
  return rows
}

describe('a recording in Parquet', () => {
  it('gives each row once, in order, its number for a line, and goes on behind the last one', async () => {
    const path = write('bars.parquet', ['volume', 'ts_ms', 'open', 'high', 'low', 'close'], (i) => 100 + i)
    const rows = await read(path)
    expect(rows).toHaveLength(ROWS)
    expect(rows[0]).toEqual({
      line: 1,
      bar: { time: FIRST, open: 100, high: 100, low: 100, close: 100, volume: 100 },
    })
    expect(rows.map((row) => row.line)).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1))
    expect(await read(path, 1_234)).toEqual(rows.slice(1_234))
  })

  it('names a row that holds no number', async () => {
    const path = write('dirty.parquet', ['ts_ms', ...PRICES], (i, column) =>
      i === 7 && column === 'low' ? Number.NaN : 5,
    )
    const faults = (await read(path)).filter((row) => 'fault' in row)
    expect(faults).toMatchObject([{ line: 8, fault: 'unparsable' }])
  })

  it('refuses one without the columns, and one that is cut short, in words', async () => {
    await expect(read(write('other.parquet', ['ts_ms', 'open'], () => 1))).rejects.toThrow(
      /no column high, low, close, volume/,
    )
    const cut = join(dir, 'cut.parquet')
    writeFileSync(cut, 'PAR1 and nothing that ends it')
    await expect(read(cut)).rejects.toThrow(/cannot be read/)
  })
})
