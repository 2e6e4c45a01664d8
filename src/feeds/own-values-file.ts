/** Files of a user's own features: `ts_ms`, and a column a feature; CSV, gzip or Parquet. */
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { isoTime, type UnixMs } from '../engine/kernel/units.ts'
import { refuseUnlessFile, unpackedBytes } from './bars-bytes.ts'
import { csvRows } from './csv-rows.ts'
import { isParquet, openParquet, parquetNumber } from './parquet.ts'
import { timeOf } from './written-time.ts'

const TIME = 'ts_ms'
const ROWS = 1_000
/** Numbers of programs that have no empty cells. */
const MISSING = new Set(['', 'nan', 'null', 'none', 'na', 'n/a'])

interface FileRow {
  /** In the file; the place of the row where it has no lines. */
  readonly line: number
  readonly tsMs: UnixMs
  /** By the file's columns, the time left out; NaN where the cell is empty. */
  readonly values: Float64Array
}

/** Rows of a file at a time, with the names of its columns. */
export interface OwnValuesChunk {
  readonly names: readonly string[]
  readonly rows: readonly FileRow[]
}

/**
 * Reads a file a thousand rows at a time.
 * @param untilMs a time from here on is in the future
 * @throws OperatorError that names the line of a row without a time, of a time in the future, and of a value that is not a number
 */
export async function* ownValuesOf(
  path: string,
  untilMs: UnixMs,
  signal: AbortSignal,
): AsyncGenerator<OwnValuesChunk, void, undefined> {
  await refuseUnlessFile(path)
  const rowOf = reader(path, untilMs)
  yield* isParquet(path) ? parquetChunks(path, signal, rowOf) : csvChunks(path, signal, rowOf)
}

type RowReader = (line: number, time: unknown, cells: readonly unknown[], names: readonly string[]) => FileRow

function reader(path: string, untilMs: UnixMs): RowReader {
  return (line, time, cells, names) => {
    const tsMs = timeOf(time)
    if (tsMs === null) throw faulty(path, line, `its ${TIME} is not a time: ${shown(time)}`)
    if (tsMs >= untilMs) throw faulty(path, line, `its time is in the future: ${isoTime(tsMs)}`)
    const values = new Float64Array(names.length)
    for (let i = 0; i < names.length; i++) {
      const value = numberOf(cells[i])
      if (value === null) throw faulty(path, line, `its ${names[i] ?? ''} is not a number: ${shown(cells[i])}`)
      values[i] = value
    }
    return { line, tsMs, values }
  }
}

/** NaN for an empty cell; null for what is not a number. */
function numberOf(cell: unknown): number | null {
  if (cell === null || cell === undefined) return Number.NaN
  if (typeof cell === 'string') {
    // Cells come trimmed, and most of them are numbers.
    const value = cell === '' ? Number.NaN : Number(cell)
    if (Number.isFinite(value)) return value
    return MISSING.has(cell.trim().toLowerCase()) ? Number.NaN : null
  }
  if (typeof cell === 'boolean') return cell ? 1 : 0
  const value = parquetNumber(cell)
  return Number.isFinite(value) || Number.isNaN(value) ? value : null
}

async function* csvChunks(path: string, signal: AbortSignal, rowOf: RowReader): AsyncGenerator<OwnValuesChunk> {
  let header: readonly string[] | null = null
  let [at, line]: [number, number] = [-1, 1]
  let names: readonly string[] = []
  let rows: FileRow[] = []
  try {
    for await (const cells of csvRows(unpackedBytes(path, signal)) as AsyncIterable<string[]>) {
      if (header === null) {
        header = cells
        at = placeOfTime(path, header)
        names = header.filter((_, i) => i !== at)
        continue
      }
      line++
      if (cells.length !== header.length)
        throw faulty(path, line, `it has ${cells.length} cells, the header ${header.length}`)
      const [time] = cells.splice(at, 1)
      rows.push(rowOf(line, time, cells, names))
      if (rows.length < ROWS) continue
      yield { names, rows }
      rows = []
    }
  } catch (error) {
    throw error instanceof OperatorError ? error : unreadable(path, messageOf(error))
  }
  if (header === null) throw unreadable(path, 'it is empty')
  if (rows.length > 0) yield { names, rows }
}

async function* parquetChunks(path: string, signal: AbortSignal, rowOf: RowReader): AsyncGenerator<OwnValuesChunk> {
  const file = await openParquet(path)
  placeOfTime(path, file.names)
  const names = file.names.filter((name) => name !== TIME)
  for await (const { first, rows } of file.pieces(null, { skipLines: 0, signal }))
    for (let from = 0; from < rows.length; from += ROWS)
      yield {
        names,
        rows: rows.slice(from, from + ROWS).map((row, i) =>
          rowOf(
            first + from + i + 1,
            row[TIME],
            names.map((name) => row[name]),
            names,
          ),
        ),
      }
}

function placeOfTime(path: string, header: readonly string[]): number {
  const at = header.indexOf(TIME)
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined)
    throw new OperatorError(
      `no features can be read from ${path}`,
      `it has the column ${twice} twice`,
      'leave one of them out',
      'columns',
    )
  if (at >= 0 && header.length > 1) return at
  throw new OperatorError(
    `no features can be read from ${path}`,
    at < 0 ? `it has no column ${TIME}: it has ${header.slice(0, 8).join(', ')}` : `it has ${TIME} alone`,
    `give it ${TIME}, when a value was known, and a column a feature`,
    'columns',
  )
}

function faulty(path: string, line: number, why: string): OperatorError {
  return new OperatorError(
    `${path} cannot be taken`,
    `line ${line}: ${why}`,
    'mend it: nothing of it was taken',
    'bad_row',
  )
}

function unreadable(path: string, why: string): OperatorError {
  return new OperatorError(
    `no features can be read from ${path}`,
    why,
    'name a CSV, gzip or Parquet file',
    'features_file',
  )
}

function shown(cell: unknown): string {
  if (cell === undefined || cell === null || cell === '') return 'it is empty'
  return (typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? typeof cell)).slice(0, 40)
}
