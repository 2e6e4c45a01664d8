import { BUILT_IN } from '../engine/features/built-in.ts'
import type { FrameRow } from '../engine/features/frame-columns.ts'
import { bytesOfDoubles } from '../engine/kernel/doubles.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { FrameMin } from '../engine/market/frame-bars.ts'
import type { Database } from './connect.ts'
import { frameRows } from './schema-own.ts'
import { rowWriter } from './statements.ts'
import { damagedRow } from './stored.ts'

/** Bars of longer time frames with their columns. Reads throw an OperatorError where a row is not one. */
export interface FrameRepo {
  /** Inside the caller's transaction. */
  insert(symbol: string, row: FrameRow, wallMs: number): void
  /** Those of a frame whose bars began in [fromMs, untilMs), ascending. */
  between(symbol: string, frameMin: FrameMin, fromMs: UnixMs, untilMs: UnixMs): FrameRow[]
}

interface StoredFrame {
  readonly ts_ms: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly columns: unknown
}

const BYTES = Float64Array.BYTES_PER_ELEMENT

export function frameRepo(db: Database): FrameRepo {
  const insert = rowWriter(db, frameRows, 'fail')
  const between = db.raw.prepare<[string, number, number, number], StoredFrame>(
    `SELECT ts_ms, open, high, low, close, volume, columns FROM frame_rows
     WHERE symbol = ? AND frame_min = ? AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms`,
  )
  return {
    insert: (symbol, { frameMin, bar, values }, wallMs) =>
      insert({ symbol, frameMin, ...bar, columns: bytesOfDoubles(values), wallMs }),
    between: (symbol, frameMin, fromMs, untilMs) =>
      between.all(symbol, frameMin, fromMs, untilMs).map(({ ts_ms: tsMs, columns, ...prices }) => {
        const key = `${symbol}/${frameMin}m/${tsMs}`
        for (const [name, value] of Object.entries(prices))
          if (typeof value !== 'number') throw damagedRow('frame_rows', key, `its ${name} is not a number`)
        return { frameMin, bar: { tsMs, ...prices }, values: valuesOf(columns, key) }
      }),
  }
}

/** Columns that a later version has added are missing in an earlier row. */
function valuesOf(columns: unknown, key: string): Float64Array {
  if (!Buffer.isBuffer(columns) || columns.length % BYTES !== 0)
    throw damagedRow('frame_rows', key, 'its columns are not whole numbers of eight bytes')
  const values = new Float64Array(BUILT_IN.length).fill(Number.NaN)
  const stored = Math.min(values.length, columns.length / BYTES)
  for (let i = 0; i < stored; i++) values[i] = columns.readDoubleLE(i * BYTES)
  return values
}
