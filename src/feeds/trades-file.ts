/** The rows of a file of trades: freqtrade's backtest export (JSON, gzip, zip), CSV and Parquet. */
import * as z from 'zod'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { unpackedBytes } from './bars-bytes.ts'
import { csvRows } from './csv-rows.ts'
import { isParquet, openParquet } from './parquet.ts'
import type { NamedRow } from './trade-fields.ts'

/** Unpacked: a backtest of a million trades has half of it. */
const MAX_JSON_BYTES = 1_000_000_000

export interface TradeLine {
  /** In the file; the place among the trades where it has no lines. */
  readonly line: number
  readonly row: NamedRow
  /** The strategy that traded, where the file names it. */
  readonly strategy: string | null
}

const Row = z.record(z.string(), z.unknown())
const Export = z.object({ strategy: z.record(z.string(), z.object({ trades: z.array(Row) })) })

/** @throws OperatorError for a file that cannot be read, or that holds no trades */
export async function* tradeLines(path: string, signal: AbortSignal): AsyncGenerator<TradeLine, void, undefined> {
  if (isParquet(path)) return yield* parquetLines(path)
  const pieces = unpackedBytes(path, signal)
  const first = await pieces.next()
  const head = first.done === true ? Buffer.alloc(0) : first.value
  const bytes = joined(head, pieces)
  if (head.subarray(0, 2).toString('latin1') === 'PK') yield* zipLines(path, await whole(path, bytes))
  else if (/^\uFEFF?\s*[[{]/.test(head.subarray(0, 256).toString('utf8')))
    yield* jsonLines(path, (await whole(path, bytes)).toString('utf8'))
  else yield* csvLines(path, bytes)
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield head
  yield* rest
}

async function whole(path: string, bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of bytes) {
    size += part.length
    if (size > MAX_JSON_BYTES) throw unreadable(path, `it has more than ${MAX_JSON_BYTES / 1e9} GB`, 'export it as CSV')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Of an export's files the one with the trades; the others hold its configuration and the market's course. */
async function* zipLines(path: string, bytes: Buffer): AsyncGenerator<TradeLine, void, undefined> {
  const { unzipSync, strFromU8 } = await import('fflate')
  let files: Readonly<Record<string, Uint8Array>>
  try {
    let size = 0
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!/\.(json|csv)$/.test(name) || /(_config|\.meta)\.json$/.test(name)) return false
        size += originalSize
        if (size > MAX_JSON_BYTES) throw new Error(`it unpacks to more than ${MAX_JSON_BYTES / 1e9} GB`)
        return true
      },
    })
  } catch (error) {
    throw unreadable(path, `it is not a whole zip file: ${messageOf(error)}`, 'download it again')
  }
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('.csv')) return yield* csvLines(path, [Buffer.from(content)])
    const text = strFromU8(content)
    if (isExport(text)) return yield* jsonLines(path, text)
  }
  throw unreadable(
    path,
    `none of its files holds trades: ${Object.keys(files).join(', ') || 'no JSON and no CSV'}`,
    NAME_ONE,
  )
}

function isExport(text: string): boolean {
  return /^\s*\{[^]{0,200}"strategy"/.test(text)
}

function* jsonLines(path: string, text: string): Generator<TradeLine, void, undefined> {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw unreadable(path, messageOf(error), 'export it again')
  }
  const list = z.array(Row).safeParse(value)
  const exported = Export.safeParse(value)
  if (list.success) yield* list.data.map((row, i) => ({ line: i + 1, row, strategy: null }))
  else if (exported.success)
    for (const [strategy, { trades }] of Object.entries(exported.data.strategy))
      yield* trades.map((row, i) => ({ line: i + 1, row, strategy }))
  else throw unreadable(path, "it is neither a list of trades nor freqtrade's backtest export", NAME_ONE)
}

async function* csvLines(
  path: string,
  bytes: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<TradeLine, void, undefined> {
  try {
    for await (const parsed of csvRows(bytes, { columns: true, info: true })) {
      const { record, info } = Parsed.parse(parsed)
      const line = { line: info.lines, row: record }
      yield { ...line, strategy: typeof record['strategy'] === 'string' ? record['strategy'] : null }
    }
  } catch (error) {
    throw error instanceof OperatorError ? error : unreadable(path, messageOf(error), NAME_ONE)
  }
}

const Parsed = z.object({ record: Row, info: z.object({ lines: z.number() }) })

async function* parquetLines(path: string): AsyncGenerator<TradeLine, void, undefined> {
  const { pieces } = await openParquet(path)
  for await (const { first, rows } of pieces(null, { skipLines: 0 }))
    yield* rows.map((row, i) => ({ line: first + i + 1, row, strategy: null }))
}

const NAME_ONE = "name freqtrade's export, its database, or a CSV or Parquet file with a row a trade"

function unreadable(path: string, why: string, next: string): OperatorError {
  return new OperatorError(`no trades can be read from ${path}`, why, next, 'trades_file')
}
