import { and, asc, count, desc, eq, lt, max, min, sql } from 'drizzle-orm'
import type { Bar } from '../engine/market/bar.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { bars } from './schema-market.ts'
import { select } from './select.ts'
import { atMinute, inSpan, ofSymbol, rowWriter } from './statements.ts'
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

const place = sql.placeholder
const within = inSpan(bars)
const ofMarket = ofSymbol(bars)
const TIME = { tsMs: bars.tsMs }
const BETWEEN = select((from) => from.select(FIELDS).from(bars).where(within).orderBy(asc(bars.tsMs)))
const OBSERVED = select((from) =>
  from
    .select(FIELDS)
    .from(bars)
    .where(and(within, eq(bars.backfilled, 0)))
    .orderBy(asc(bars.tsMs)),
)
const TIMES = select((from) => from.select(TIME).from(bars).where(within).orderBy(asc(bars.tsMs)))
const ONE = select((from) => from.select(TIME).from(bars).where(atMinute(bars)))
const NEWEST = select((from) => from.select(FIELDS).from(bars).where(ofMarket).orderBy(desc(bars.tsMs)).limit(1))
const BEFORE = select((from) =>
  from
    .select(TIME)
    .from(bars)
    .where(and(ofMarket, lt(bars.tsMs, place('beforeMs'))))
    .orderBy(desc(bars.tsMs))
    .limit(1),
)
const NTH_NEWEST = select((from) =>
  from.select(TIME).from(bars).where(ofMarket).orderBy(desc(bars.tsMs)).limit(1).offset(place('newer')),
)
const SPAN = select((from) =>
  from
    .select({ rows: count(), firstMs: min(bars.tsMs), lastMs: max(bars.tsMs) })
    .from(bars)
    .where(ofMarket),
)

export function barRepo(db: Database): BarRepo {
  const { orm, raw } = db
  const check = rowCheck(bars)
  const insert = rowWriter(db, bars, 'fail')
  const between = BETWEEN(db)
  const observed = OBSERVED(db)
  const times = TIMES(db)
  const one = ONE(db)
  const newest = NEWEST(db)
  const before = BEFORE(db)
  const nthNewest = NTH_NEWEST(db)
  const span = SPAN(db)
  // Not by the span: that counts every bar there is.
  const first = raw.prepare<[string], { tsMs: UnixMs }>(
    'SELECT ts_ms AS tsMs FROM bars WHERE symbol = ? ORDER BY ts_ms LIMIT 1',
  )
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
