/** Parquet files, unpacked a piece at a time, so that one of any length fits into memory. */
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { beginsWith, type ReadOptions } from './bars-bytes.ts'

const MAGIC = 'PAR1'
/** A group is unpacked in one piece, so that it must fit into memory; writers make them of a million rows at most. */
const MAX_GROUP_ROWS = 4_000_000
/** Unpacked at a time: each time costs the pages of its row group again. */
const READ_ROWS = 50_000

type ParquetRow = Readonly<Record<string, unknown>>

interface ParquetFile {
  /** Of its columns. */
  readonly names: readonly string[]
  /** Its rows from `skipLines` on, of these columns or of all, `first` being the place of a piece's first one, from 0 on. */
  readonly pieces: (
    columns: readonly string[] | null,
    options: ReadOptions,
  ) => AsyncGenerator<{ readonly first: number; readonly rows: readonly ParquetRow[] }, void, undefined>
}

export function isParquet(path: string): boolean {
  return beginsWith(path, MAGIC)
}

/** @throws OperatorError for a file that is damaged, cut short (after the rows before the break), or of groups too large */
export async function openParquet(path: string): Promise<ParquetFile> {
  // Loaded when a Parquet file is really there: most rooms never see one.
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet')
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw damaged(`${path} cannot be read`, `its Parquet footer is damaged: ${messageOf(error)}`)
  })
  const largest = Math.max(0, ...metadata.row_groups.map((group) => Number(group.num_rows)))
  if (largest > MAX_GROUP_ROWS)
    throw new OperatorError(
      `${path} cannot be read`,
      `one of its row groups has ${largest} rows, at most ${MAX_GROUP_ROWS} fit into memory`,
      'write it again with smaller row groups',
      'too_large',
    )
  return {
    names: metadata.schema.slice(1).map(({ name }) => name),
    pieces: async function* (columns, { skipLines, signal }) {
      const total = Number(metadata.num_rows)
      for (let first = skipLines; first < total; first += READ_ROWS) {
        signal?.throwIfAborted()
        const rowEnd = Math.min(total, first + READ_ROWS)
        const asked = {
          file,
          metadata,
          rowStart: first,
          rowEnd,
          ...(columns === null ? {} : { columns: [...columns] }),
        }
        const rows = await parquetReadObjects(asked).catch((error: unknown) => {
          throw damaged(`${path} is cut short`, `rows from ${first + 1} on: ${messageOf(error)}`)
        })
        yield { first, rows }
      }
    },
  }
}

/** Parquet has 64-bit integers and timestamps where a file may have milliseconds. */
export function parquetNumber(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Date ? value.getTime() : Number.NaN
}

function damaged(what: string, why: string): OperatorError {
  return new OperatorError(what, why, 'download it again', 'cut_short')
}
