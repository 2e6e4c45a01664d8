/** Recordings of bars in Parquet: the same six columns, read a row group's worth at a time. */
import { OperatorError } from '../engine/kernel/errors.ts'
import type { ReadOptions } from './bars-bytes.ts'
import { type BarsChunk, openBarsFile } from './bars-file.ts'
import { isTime, type WrittenRow } from './bars-row.ts'
import { isParquet, openParquet, parquetNumber } from './parquet.ts'

const COLUMNS = ['ts_ms', 'open', 'high', 'low', 'close', 'volume']
const CHUNK_ROWS = 1_000

/** The rows of a recording, whatever it is kept in; a Parquet row's number stands for its line. */
export function openBars(path: string, options: ReadOptions): AsyncGenerator<BarsChunk, void, undefined> {
  return isParquet(path) ? openBarsParquet(path, options) : openBarsFile(path, options)
}

async function* openBarsParquet(path: string, options: ReadOptions): AsyncGenerator<BarsChunk, void, undefined> {
  const { names, pieces } = await openParquet(path)
  const missing = COLUMNS.filter((name) => !names.includes(name))
  if (missing.length > 0)
    throw new OperatorError(
      `${path} has no column ${missing.join(', ')}`,
      `it has ${names.join(', ')}`,
      `give it ${COLUMNS.join(', ')}`,
      'columns',
    )
  for await (const { first, rows } of pieces(COLUMNS, options)) {
    for (let i = 0; i < rows.length; i += CHUNK_ROWS)
      yield { rows: rows.slice(i, i + CHUNK_ROWS).map((row, j) => rowOf(first + i + j + 1, row)) }
  }
}

function rowOf(line: number, object: Readonly<Record<string, unknown>>): WrittenRow {
  const [time, open, high, low, close, volume] = COLUMNS.map((name) => parquetNumber(object[name]))
  const bar = {
    time: time ?? Number.NaN,
    open: open ?? Number.NaN,
    high: high ?? Number.NaN,
    low: low ?? Number.NaN,
    close: close ?? Number.NaN,
    volume: volume ?? Number.NaN,
  }
  if (isTime(bar.time) && [bar.open, bar.high, bar.low, bar.close, bar.volume].every(Number.isFinite))
    return { line, bar }
  return {
    line,
    fault: 'unparsable',
    text: COLUMNS.map((name) => String(object[name]))
      .join(',')
      .slice(0, 80),
  }
}
