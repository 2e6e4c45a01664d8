/** A row of a bot's own record, by the names that bots give their columns. */
import type { WrittenTrade } from '../engine/trading/own-trade.ts'
import { timeOf } from './written-time.ts'

/** A row with its names, as a file or a database has them. */
export type NamedRow = Readonly<Record<string, unknown>>

/** What a trade is made of, and the columns it is looked for in, the first that is there and has a value. */
const NAMES = {
  id: ['id', 'trade_id'],
  market: ['pair', 'symbol', 'market'],
  side: ['side', 'direction'],
  short: ['is_short'],
  open: ['is_open'],
  opened: ['opened_ms', 'open_timestamp', 'open_ts_ms', 'opened_at', 'open_date', 'entry_time', 'open_time'],
  closed: ['closed_ms', 'close_timestamp', 'close_ts_ms', 'closed_at', 'close_date', 'exit_time', 'close_time'],
  qty: ['qty', 'amount', 'quantity', 'size'],
  entry: ['filled_entry', 'open_rate', 'entry_price', 'open_price'],
  exit: ['filled_exit', 'close_rate', 'exit_price', 'close_price'],
  expectedEntry: ['expected_entry', 'open_rate_requested'],
  expectedExit: ['expected_exit', 'close_rate_requested'],
  notional: ['notional', 'stake_amount'],
  leverage: ['leverage'],
  fees: ['fees', 'fee', 'commission'],
  entryFee: ['fee_open'],
  exitFee: ['fee_close'],
  pnl: ['pnl', 'profit_abs', 'close_profit_abs'],
  reason: ['exit_reason', 'sell_reason', 'exit', 'reason'],
  prediction: ['prediction_id'],
  key: ['prediction_key'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** No id and no key of a request is longer. */
const MAX_LINK = 200

type TradeField = keyof typeof NAMES
export const TRADE_FIELDS: readonly string[] = Object.keys(NAMES)

/** Columns that a user names for fields, before those that are known. */
export type ColumnNames = Readonly<Partial<Record<string, string>>>

type ReadTrade =
  | { readonly kind: 'closed'; readonly market: string | null; readonly trade: WrittenTrade }
  | { readonly kind: 'open' }
  | { readonly kind: 'faulty'; readonly why: string }

/** What a row says, by the columns that are known and those that the user names. */
export function readTrade(row: NamedRow, columns: ColumnNames): ReadTrade {
  const of = (field: TradeField): unknown => {
    const named = columns[field]
    const names: readonly string[] = named === undefined ? NAMES[field] : [named]
    return names.map((name) => row[name]).find((value) => value !== undefined && value !== null && value !== '')
  }
  const number = (field: TradeField): number | null => {
    const value = of(field)
    return value === undefined ? null : numberOf(value)
  }
  if (isTrue(of('open'))) return { kind: 'open' }
  const openedMs = timeOf(of('opened'))
  const closedMs = timeOf(of('closed'))
  if (openedMs === null || closedMs === null)
    return {
      kind: 'faulty',
      why: `when it was ${openedMs === null ? 'opened' : 'closed'} is missing, or is not a time`,
    }
  const side = sideOf(of('side'), of('short'))
  if (side === null) return { kind: 'faulty', why: `its side ${textOf(of('side'))} is neither long nor short` }
  const market = of('market')
  const qty = number('qty') ?? Number.NaN
  const filledEntry = number('entry') ?? Number.NaN
  const filledExit = number('exit') ?? Number.NaN
  const stake = number('notional')
  const id = of('id')
  return {
    kind: 'closed',
    market: market === undefined ? null : textOf(market),
    trade: {
      // A backtest gives no ids: a market has one trade at a time.
      id: id === undefined ? `${openedMs}${market === undefined ? '' : `-${textOf(market)}`}` : textOf(id),
      side,
      openedMs,
      closedMs,
      qty,
      filledEntry,
      filledExit,
      expectedEntry: number('expectedEntry'),
      expectedExit: number('expectedExit'),
      notional: stake === null ? null : stake * (number('leverage') ?? 1),
      fees: number('fees') ?? feesByRate(number('entryFee'), number('exitFee'), qty * filledEntry, qty * filledExit),
      pnl: number('pnl'),
      exit: reasonOf(of('reason')),
      predictionId: linkOf(of('prediction')),
      key: linkOf(of('key')),
    },
  }
}

/** A rate a side is of the value that was filled. */
function feesByRate(entry: number | null, exit: number | null, entryValue: number, exitValue: number): number | null {
  return entry === null && exit === null ? null : (entry ?? 0) * entryValue + (exit ?? 0) * exitValue
}

function reasonOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 80) : null
}

function linkOf(value: unknown): string | null {
  const text = textOf(value)
  return text === '' ? null : text.slice(0, MAX_LINK)
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
}

/** Long unless something says short. */
function sideOf(side: unknown, short: unknown): 1 | -1 | null {
  if (side === undefined) return isTrue(short) ? -1 : 1
  const word = textOf(side).trim().toLowerCase()
  if (['long', 'buy', '1'].includes(word)) return 1
  return ['short', 'sell', '-1'].includes(word) ? -1 : null
}

/** Nothing of what is more than one value. */
function textOf(value: unknown): string {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ? `${value as string | number}` : ''
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 1n || ['true', '1', 'yes'].includes(textOf(value).toLowerCase())
}
