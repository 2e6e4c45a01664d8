/** Recordings of bars in Parquet: the same six columns, read a row group's worth at a time. */
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { beginsWith, type ReadOptions } from './bars-bytes.ts'
import { type BarsChunk, openBarsFile } from './bars-file.ts'
import { isTime, type WrittenRow } from './bars-row.ts'

const MAGIC = 'PAR1'
const COLUMNS = ['ts_ms', 'open', 'high', 'low', 'close', 'volume']
const CHUNK_ROWS = 1_000
/** A group is unpacked in one piece, so that it must fit into memory; writers make them of a million rows at most. */
const MAX_GROUP_ROWS = 4_000_000
/** Unpacked at a time: each time costs the pages of its row group again. */
const READ_ROWS = 50_000

/** The rows of a recording, whatever it is kept in; a Parquet row's number stands for its line. */
export function openBars(path: string, options: ReadOptions): AsyncGenerator<BarsChunk, void, undefined> {
  return isParquet(path) ? openBarsParquet(path, options) : openBarsFile(path, options)
}

async function* openBarsParquet(
  path: string,
  { skipLines, signal }: ReadOptions,
): AsyncGenerator<BarsChunk, void, undefined> {
  // Loaded when a Parquet file is really there: most rooms never see one.
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet')
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw new OperatorError(
      `${path} cannot be read`,
      `its Parquet footer is damaged: ${messageOf(error)}`,
      'download it again',
      'cut_short',
    )
  })
  const names = metadata.schema.map((element) => element.name)
  const missing = COLUMNS.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    throw new OperatorError(
      `${path} has no column ${missing.join(', ')}`,
      `it has ${names.slice(1).join(', ')}`,
      `give it ${COLUMNS.join(', ')}`,
      'columns',
    )
  }
  const largest = Math.max(0, ...metadata.row_groups.map((group) => Number(group.num_rows)))
  if (largest > MAX_GROUP_ROWS) {
    throw new OperatorError(
      `${path} cannot be read`,
      `one of its row groups has ${largest} rows, at most ${MAX_GROUP_ROWS} fit into memory`,
      'write it again with smaller row groups',
      'too_large',
    )
  }
  const rows = Number(metadata.num_rows)
  for (let rowStart = skipLines; rowStart < rows; rowStart += READ_ROWS) {
    signal?.throwIfAborted()
    const rowEnd = Math.min(rows, rowStart + READ_ROWS)
    const objects = await parquetReadObjects({ file, metadata, columns: COLUMNS, rowStart, rowEnd }).catch(
      (error: unknown) => {
        throw new OperatorError(
          `${path} is cut short`,
          `rows from ${rowStart + 1} on: ${messageOf(error)}`,
          'download it again',
          'cut_short',
        )
      },
    )
    for (let i = 0; i < objects.length; i += CHUNK_ROWS)
      yield { rows: objects.slice(i, i + CHUNK_ROWS).map((object, j) => rowOf(rowStart + i + j + 1, object)) }
  }
}

function rowOf(line: number, object: Readonly<Record<string, unknown>>): WrittenRow {
  const [time, open, high, low, close, volume] = COLUMNS.map((name) => numberOf(object[name]))
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

/** Parquet has 64-bit integers and timestamps where a recording may have milliseconds. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Date ? value.getTime() : Number.NaN
}

export function isParquet(path: string): boolean {
  return beginsWith(path, MAGIC)
}
