/** One line of a recording: where its columns are, and what a row says. */
import { parse } from 'csv-parse/sync'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { Bar } from '../engine/market/bar.ts'

/** A bar as a file has it: its time in whatever unit the file uses. */
export type WrittenBar = Omit<Bar, 'tsMs'> & { readonly time: number }

/** A row of a recording as written, with its line in the file (the header is line 1 when nothing comes before it). */
export type WrittenRow =
  | { readonly line: number; readonly bar: WrittenBar }
  | { readonly line: number; readonly fault: 'unparsable'; readonly text: string }

/** Nanoseconds reach so far in the year 5138; they are beyond the integers that are exact, by less than a microsecond. */
const MAX_TIME = 1e20

/** Where the six columns are in a row, and how many columns a row has. */
export interface BarsLayout {
  readonly width: number
  readonly tsMs: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

const REQUIRED = ['ts_ms', 'open', 'high', 'low', 'close', 'volume'] as const
const FAULT_TEXT_CHARS = 80
const HEADER_TEXT_CHARS = 200

/** Decimal digits with an optional sign, point and exponent: no hex, no separators, no words. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** @throws OperatorError naming the columns that are missing or there twice, beside what was found */
export function layoutOf(header: string, path: string): BarsLayout {
  const names = (fieldsOf(header) ?? []).map((name) => name.trim())
  const next = `give it a first line with ${REQUIRED.join(',')} in any order, further columns are ignored`
  const found = `the first line is: ${clipped(header, HEADER_TEXT_CHARS)}`
  const missing = REQUIRED.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    throw new OperatorError(`${path} has no column ${missing.join(', ')}`, found, next, 'columns')
  }
  const twice = REQUIRED.filter((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (twice.length > 0) {
    throw new OperatorError(`${path} has the column ${twice.join(', ')} more than once`, found, next, 'columns')
  }
  return {
    width: names.length,
    tsMs: names.indexOf('ts_ms'),
    open: names.indexOf('open'),
    high: names.indexOf('high'),
    low: names.indexOf('low'),
    close: names.indexOf('close'),
    volume: names.indexOf('volume'),
  }
}

/** Judges only whether the fields are well formed; whether they make a sound bar is for `faultOf`. */
export function rowOf(line: number, text: string, layout: BarsLayout): WrittenRow {
  const fields = fieldsOf(text)
  const bar = fields === null || fields.length !== layout.width ? null : barOf(fields, layout)
  return bar === null ? { line, fault: 'unparsable', text: clipped(text, FAULT_TEXT_CHARS) } : { line, bar }
}

function barOf(fields: readonly string[], at: BarsLayout): WrittenBar | null {
  const time = decimal(fields[at.tsMs])
  const open = decimal(fields[at.open])
  const high = decimal(fields[at.high])
  const low = decimal(fields[at.low])
  const close = decimal(fields[at.close])
  const volume = decimal(fields[at.volume])
  // One sum finds a NaN, or an infinity from digits beyond a double's range, in any of the five.
  if (!isTime(time) || !Number.isFinite(open + high + low + close + volume)) return null
  return { time, open, high, low, close, volume }
}

export function isTime(time: number): boolean {
  return Number.isInteger(time) && Math.abs(time) < MAX_TIME
}

/** NaN for what is not a decimal number. */
export function decimal(field: string | undefined): number {
  if (field === undefined) return Number.NaN
  const text = field.trim()
  return DECIMAL.test(text) ? Number(text) : Number.NaN
}

/** Null when its quotes do not fit. Quotes are rare in recordings of numbers, so that only such a line pays for them. */
function fieldsOf(line: string): readonly string[] | null {
  if (!line.includes('"')) return line.split(',')
  try {
    const records = parse(line, { trim: true, relax_column_count: true })
    return records.length === 1 ? (records[0] ?? null) : null
  } catch {
    return null
  }
}

function clipped(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 3)}...`
}
