/** Files of ticks: CSV (plain, gzip, zip) and Parquet, read as a stream, so that one of any length fits into memory. */
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { beginsWith, BrokenGzip, fileBytes, type ReadOptions, refuseUnlessFile, unpackedBytes } from './bars-bytes.ts'
import { isParquet, openParquet, parquetNumber } from './parquet.ts'
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

async function* parquetRows(path: string, options: ReadOptions): AsyncGenerator<TickRows, void, undefined> {
  const { names, pieces } = await openParquet(path)
  const layout = named(
    names.map((name) => name.toLowerCase()),
    path,
  )
  const columns = names.filter((name) => TICK_COLUMNS.includes(name.toLowerCase()))
  for await (const { first, rows } of pieces(columns, options)) {
    yield {
      lines: rows.map((_, i) => first + i + 1),
      rows: rows.map((row) => {
        const valueAt = (place: number): unknown => row[names[place] ?? '']
        const flag = layout.buyerMaker < 0 ? null : valueAt(layout.buyerMaker)
        return tickFrom(
          parquetNumber(valueAt(layout.time)),
          parquetNumber(valueAt(layout.price)),
          parquetNumber(valueAt(layout.qty)),
          typeof flag === 'boolean' ? flag : null,
        )
      }),
    }
  }
}

function cutShort(path: string, after: string, why: string): OperatorError {
  return new OperatorError(
    `${path} is cut short after ${after}`,
    `its data are cut short or damaged (${why})`,
    'download it again; the import continues from there',
    'cut_short',
  )
}
