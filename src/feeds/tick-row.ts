/** One line of a file of trades as exchanges publish them, and where its columns stand. */
import { OperatorError } from '../engine/kernel/errors.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { decimal } from './bars-row.ts'
import { toMs, unitOf } from './bars-time.ts'

export interface Tick {
  readonly tsMs: UnixMs
  readonly price: number
  /** In base units. */
  readonly qty: number
  /** Whether the buyer's order was in the book; null where it is not said. */
  readonly buyerMaker: boolean | null
}

/** Seconds with three places are off by less, as doubles: their millisecond is the one that was written. */
const ROUNDING_MS = 0.001
/** The last moment that is a date. */
const MAX_DATE_MS = 8.64e15

/** The place of each column; -1 for one that is not there. */
export interface TickLayout {
  readonly time: number
  readonly price: number
  readonly qty: number
  readonly buyerMaker: number
}

/** Names of the columns in files of others. */
const NAMES: Readonly<Record<keyof TickLayout, readonly string[]>> = {
  time: ['ts_ms', 'time', 'timestamp', 'transact_time'],
  price: ['price'],
  qty: ['qty', 'quantity', 'amount', 'size'],
  buyerMaker: ['is_buyer_maker', 'isbuyermaker'],
}

export const TICK_COLUMNS = [...new Set(Object.values(NAMES).flat())]

/**
 * The layout that a first line tells, and whether it is a header. Without one it is told by the number of columns, as Binance
 * publishes them: trades (id, price, qty, quote_qty, time, is_buyer_maker), aggregated trades (id, price, quantity, first id, last
 * id, time, is_buyer_maker), and three or four columns with the time in front.
 * @throws OperatorError for a line that is neither
 */
export function tickLayout(line: string, path: string): { readonly layout: TickLayout; readonly isHeader: boolean } {
  const fields = line.split(',').map((field) => field.trim().toLowerCase())
  if (fields.some((field) => /[a-z]/.test(field) && field !== 'true' && field !== 'false'))
    return { layout: named(fields, path), isHeader: true }
  const isTime = (place: number): boolean => Number(fields[place]) >= 1e8
  if ((fields.length === 3 || fields.length === 4) && isTime(0))
    return { layout: { time: 0, price: 1, qty: 2, buyerMaker: fields.length === 4 ? 3 : -1 }, isHeader: false }
  // The last id of an aggregated trade is followed by its time; the time of a trade by whether the buyer was the maker.
  if (fields.length >= 6 && isTime(4) && isFlag(fields[5]))
    return { layout: { time: 4, price: 1, qty: 2, buyerMaker: 5 }, isHeader: false }
  if (fields.length >= 7 && isTime(5) && isFlag(fields[6]))
    return { layout: { time: 5, price: 1, qty: 2, buyerMaker: 6 }, isHeader: false }
  throw unknownColumns(path, `its first line is ${line.slice(0, 80)}`)
}

function isFlag(field: string | undefined): boolean {
  return field === 'true' || field === 'false' || field === '0' || field === '1'
}

/** @throws OperatorError when time, price or quantity is not among the names */
export function named(fields: readonly string[], path: string): TickLayout {
  const place = (name: keyof TickLayout): number => fields.findIndex((field) => NAMES[name].includes(field))
  const layout = { time: place('time'), price: place('price'), qty: place('qty'), buyerMaker: place('buyerMaker') }
  if (Math.min(layout.time, layout.price, layout.qty) >= 0) return layout
  throw unknownColumns(path, `its columns are ${fields.join(', ')}`)
}

function unknownColumns(path: string, why: string): OperatorError {
  return new OperatorError(
    `${path} is not a file of ticks`,
    why,
    'give it the columns ts_ms,price,qty[,is_buyer_maker], or name a file of trades as Binance publishes them',
    'columns',
  )
}

/** A line's tick, or why it is none. */
export function tickOf(line: string, layout: TickLayout): Tick | string {
  const fields = line.split(',')
  const flag = layout.buyerMaker < 0 ? null : flagOf(fields[layout.buyerMaker] ?? '')
  if (flag === undefined) return 'whether the buyer was the maker is neither true nor false'
  return tickFrom(decimal(fields[layout.time]), decimal(fields[layout.price]), decimal(fields[layout.qty]), flag)
}

/** Null for an empty cell, where nothing is said. */
function flagOf(cell: string): boolean | null | undefined {
  const said = cell.trim().toLowerCase()
  if (said === '') return null
  return isFlag(said) ? said === 'true' || said === '1' : undefined
}

/** @param time in the unit that its size tells, maybe with a fraction */
export function tickFrom(time: number, price: number, qty: number, buyerMaker: boolean | null): Tick | string {
  const unit = unitOf(time)
  const tsMs = Math.floor(toMs(time, unit) + ROUNDING_MS)
  if (!(time > 0)) return 'its time is not a number above 0'
  if (tsMs > MAX_DATE_MS) return 'its time is in the future'
  if (!(price > 0 && Number.isFinite(price))) return 'its price is not a number above 0'
  if (!(qty >= 0 && Number.isFinite(qty))) return 'its quantity is not a number from 0 on'
  return { tsMs, price, qty, buyerMaker }
}
