import { and, asc, count, desc, eq, lt, max, min, sql } from 'drizzle-orm'
import type { Bar } from '../engine/market/bar.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { bars } from './schema-market.ts'
import { atMinute, inSpan, rowWriter } from './statements.ts'
import { rowCheck } from './stored.ts'

const FIELDS = {
  tsMs: bars.tsMs,
  open: bars.open,
  high: bars.high,
  low: bars.low,
  close: bars.close,
  volume: bars.volume,
}

interface BarSpan {
  readonly rows: number
  readonly firstMs: UnixMs | null
  readonly lastMs: UnixMs | null
}

/** Bars by minute. Reads throw an OperatorError where a row is not one. */
export interface BarRepo {
  /** Inside the caller's transaction. */
  insert(symbol: string, bar: Bar, wallMs: number, backfilled: boolean): void
  has(symbol: string, tsMs: UnixMs): boolean
  /** Ascending, `fromMs <= tsMs < untilMs`. */
  between(symbol: string, fromMs: UnixMs, untilMs: UnixMs): Bar[]
  /** The same without those that filled a gap afterwards: what the stream of features was given. */
  observedBetween(symbol: string, fromMs: UnixMs, untilMs: UnixMs): Bar[]
  /** The times alone, ascending. */
  times(symbol: string, fromMs: UnixMs, untilMs: UnixMs): Float64Array
  newest(symbol: string): Bar | null
  /** The time of the newest bar before a moment; null without one. */
  newestBefore(symbol: string, beforeMs: UnixMs): UnixMs | null
  /** The time of the bar that has so many newer ones; null where there are fewer. */
  nthNewestMs(symbol: string, newer: number): UnixMs | null
  /** The time of the oldest; null while there is none. */
  firstMs(symbol: string): UnixMs | null
  span(symbol: string): BarSpan
  symbols(): string[]
}

export function barRepo(db: Database): BarRepo {
  const { orm, raw } = db
  const place = sql.placeholder
  const check = rowCheck(bars)
  const insert = rowWriter(db, bars, 'fail')
  const within = inSpan(bars)
  const between = orm.select(FIELDS).from(bars).where(within).orderBy(asc(bars.tsMs)).prepare()
  const observed = orm
    .select(FIELDS)
    .from(bars)
    .where(and(within, eq(bars.backfilled, 0)))
    .orderBy(asc(bars.tsMs))
    .prepare()
  const times = orm.select({ tsMs: bars.tsMs }).from(bars).where(within).orderBy(asc(bars.tsMs)).prepare()
  const one = orm.select({ tsMs: bars.tsMs }).from(bars).where(atMinute(bars)).prepare()
  const newest = orm
    .select(FIELDS)
    .from(bars)
    .where(eq(bars.symbol, place('symbol')))
    .orderBy(desc(bars.tsMs))
    .limit(1)
    .prepare()
  const before = orm
    .select({ tsMs: bars.tsMs })
    .from(bars)
    .where(and(eq(bars.symbol, place('symbol')), lt(bars.tsMs, place('beforeMs'))))
    .orderBy(desc(bars.tsMs))
    .limit(1)
    .prepare()
  const nthNewest = orm
    .select({ tsMs: bars.tsMs })
    .from(bars)
    .where(eq(bars.symbol, place('symbol')))
    .orderBy(desc(bars.tsMs))
    .limit(1)
    .offset(place('newer'))
    .prepare()
  // Not by the span: that counts every bar there is.
  const first = raw.prepare<[string], { tsMs: UnixMs }>(
    'SELECT ts_ms AS tsMs FROM bars WHERE symbol = ? ORDER BY ts_ms LIMIT 1',
  )
  const span = orm
    .select({ rows: count(), firstMs: min(bars.tsMs), lastMs: max(bars.tsMs) })
    .from(bars)
    .where(eq(bars.symbol, place('symbol')))
    .prepare()
  return {
    insert: (symbol, bar, wallMs, backfilled) => insert({ symbol, ...bar, backfilled: backfilled ? 1 : 0, wallMs }),
    has: (symbol, tsMs) => one.get({ symbol, tsMs }) !== undefined,
    between: (symbol, from, until) => between.all({ symbol, from, until }).map(check),
    observedBetween: (symbol, from, until) => observed.all({ symbol, from, until }).map(check),
    times: (symbol, from, until) => Float64Array.from(times.all({ symbol, from, until }), (row) => check(row).tsMs),
    newest: (symbol) => {
      const row = newest.get({ symbol })
      return row === undefined ? null : check(row)
    },
    newestBefore: (symbol, beforeMs) => {
      const row = before.get({ symbol, beforeMs })
      return row === undefined ? null : check(row).tsMs
    },
    nthNewestMs: (symbol, newer) => {
      const row = nthNewest.get({ symbol, newer })
      return row === undefined ? null : check(row).tsMs
    },
    firstMs: (symbol) => {
      const row = first.get(symbol)
      return row === undefined ? null : check(row).tsMs
    },
    span: (symbol) => span.get({ symbol }) ?? { rows: 0, firstMs: null, lastMs: null },
    symbols: () =>
      orm
        .selectDistinct({ symbol: bars.symbol })
        .from(bars)
        .orderBy(asc(bars.symbol))
        .all()
        .map((row) => row.symbol),
  }
}
