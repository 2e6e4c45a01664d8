/** Files of ticks: CSV (plain, gzip, zip) and Parquet, read as a stream, so that one of any length fits into memory. */
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { beginsWith, BrokenGzip, fileBytes, type ReadOptions, refuseUnlessFile, unpackedBytes } from './bars-bytes.ts'
import { isParquet } from './bars-parquet.ts'
import { textLines } from './text-lines.ts'
import { named, type Tick, tickFrom, type TickLayout, tickLayout, tickOf, TICK_COLUMNS } from './tick-row.ts'

/** Rows of a file, in its order. */
export interface TickRows {
  /** Of each: in the file, from 1 on. */
  readonly lines: readonly number[]
  /** A tick, or why a line is none. */
  readonly rows: readonly (Tick | string)[]
}

/** @throws OperatorError for a file that is missing, not text, without the columns, or cut short (after the rows before the break) */
export async function* openTicks(path: string, options: ReadOptions): AsyncGenerator<TickRows, void, undefined> {
  await refuseUnlessFile(path)
  if (isParquet(path)) yield* parquetRows(path, options)
  else yield* csvRows(path, options)
}

async function* csvRows(path: string, { skipLines, signal }: ReadOptions): AsyncGenerator<TickRows, void, undefined> {
  const pieces = beginsWith(path, 'PK\u0003\u0004') ? zippedBytes(path, signal) : unpackedBytes(path, signal)
  let layout: TickLayout | null = null
  let line = 0
  try {
    for await (const texts of textLines(pieces, { path, what: 'a file of ticks' })) {
      const lines: number[] = []
      const rows: (Tick | string)[] = []
      for (const raw of texts) {
        line++
        const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw
        if (text === '' || (layout !== null && line <= skipLines)) continue
        if (layout === null) {
          const told = tickLayout(text, path)
          layout = told.layout
          if (told.isHeader || line <= skipLines) continue
        }
        lines.push(line)
        rows.push(tickOf(text, layout))
      }
      if (rows.length > 0) yield { lines, rows }
    }
  } catch (error) {
    if (!(error instanceof BrokenGzip)) throw error
    throw cutShort(path, `line ${line}`, error.message)
  }
  if (layout === null) throw new OperatorError(`${path} is empty`, 'it has no lines', 'name a file of ticks', 'empty')
}

/** The first file of a zip, unpacked piece by piece: exchanges put one into each. */
async function* zippedBytes(path: string, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  const { Unzip, UnzipInflate } = await import('fflate')
  const unpacked: Buffer[] = []
  let [files, broken, ended] = [0, null as string | null, false]
  const unzip = new Unzip((file) => {
    if (++files > 1) return
    file.ondata = (error, data, final) => {
      if (error !== null) broken = messageOf(error)
      else unpacked.push(Buffer.from(data))
      ended ||= final
    }
    file.start()
  })
  unzip.register(UnzipInflate)
  for await (const piece of fileBytes(path, signal)) {
    try {
      unzip.push(piece)
    } catch (error) {
      broken = messageOf(error)
    }
    yield* unpacked.splice(0)
    if (broken !== null) throw new BrokenGzip(broken)
    if (ended) return
  }
  throw new BrokenGzip('the file ends before what is in it')
}

/** Unpacked at a time: each time costs the pages of its row group again. */
const READ_ROWS = 50_000
const MAX_GROUP_ROWS = 4_000_000

async function* parquetRows(
  path: string,
  { skipLines, signal }: ReadOptions,
): AsyncGenerator<TickRows, void, undefined> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet')
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw cutShort(path, 'its first row', messageOf(error))
  })
  const names = metadata.schema.slice(1).map(({ name }) => name)
  const layout = named(
    names.map((name) => name.toLowerCase()),
    path,
  )
  const columns = names.filter((name) => TICK_COLUMNS.includes(name.toLowerCase()))
  const largest = Math.max(0, ...metadata.row_groups.map((group) => Number(group.num_rows)))
  if (largest > MAX_GROUP_ROWS)
    throw new OperatorError(
      `${path} cannot be read`,
      `one of its row groups has ${largest} rows, at most ${MAX_GROUP_ROWS} fit into memory`,
      'write it again with smaller row groups',
      'too_large',
    )
  const total = Number(metadata.num_rows)
  for (let rowStart = skipLines; rowStart < total; rowStart += READ_ROWS) {
    signal?.throwIfAborted()
    const rowEnd = Math.min(total, rowStart + READ_ROWS)
    const objects = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd }).catch((error: unknown) => {
      throw cutShort(path, `row ${rowStart}`, messageOf(error))
    })
    const valueAt = (object: Readonly<Record<string, unknown>>, place: number): unknown => object[names[place] ?? '']
    yield {
      lines: objects.map((_, i) => rowStart + i + 1),
      rows: objects.map((object) => {
        const flag = layout.buyerMaker < 0 ? null : valueAt(object, layout.buyerMaker)
        const [time, price, qty] = [layout.time, layout.price, layout.qty].map((at) => numberOf(valueAt(object, at)))
        return tickFrom(
          time ?? Number.NaN,
          price ?? Number.NaN,
          qty ?? Number.NaN,
          typeof flag === 'boolean' ? flag : null,
        )
      }),
    }
  }
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Date ? value.getTime() : Number.NaN
}

function cutShort(path: string, after: string, why: string): OperatorError {
  return new OperatorError(
    `${path} is cut short after ${after}`,
    `its data are cut short or damaged (${why})`,
    'download it again; the import continues from there',
    'cut_short',
  )
}
