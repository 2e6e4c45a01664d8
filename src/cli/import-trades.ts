/** `onay import trades FILE`: closed trades of the user's own bot, as arms beside those that trade on paper. */
import { basename } from 'node:path'
import { botTrades, isSqlite } from '../db/bot-database.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { ownTrade, type WrittenTrade } from '../engine/trading/own-trade.ts'
import { readTrade, TRADE_FIELDS, type ColumnNames } from '../feeds/trade-fields.ts'
import { tradeLines, type TradeLine } from '../feeds/trades-file.ts'
import { stopSignal } from './as-writer.ts'
import { ask } from './ask-room.ts'
import { contextOf, parseSymbol, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

const FAULTS_SHOWN = 10
/** Trades that are sent at a time: some 30 ms of a room's time, in which each is given the regime of its minute. */
const PIECE = 200

export interface TradesOptions extends CommonOptions {
  readonly arm?: string
  readonly armBy?: string
  readonly columns?: string
  readonly allMarkets?: boolean
}

interface Fault {
  readonly line: number
  readonly why: string
}

/** Those of one arm, with their lines. */
type Lines = { readonly line: number; readonly trade: WrittenTrade }[]

export async function importTrades(path: string, options: TradesOptions, io: Io): Promise<void> {
  const context = contextOf(options, io)
  const symbol = parseSymbol(options.symbol ?? '')
  const read = await readTrades(path, symbol, options, stopSignal(io))
  const arms: { arm: string; added: number; followed: number; known: number }[] = []
  const faults = [...read.faults]
  for (const [arm, lines] of read.arms) {
    const sum = { arm, added: 0, followed: 0, known: 0 }
    for (let from = 0; from < lines.length; from += PIECE) {
      const piece = lines.slice(from, from + PIECE)
      const trades = piece.map(({ trade }) => trade)
      const answer = await ask(context, 'import trades', 'addTrades', { symbol, arm, trades })
      sum.added += answer.added
      sum.followed += answer.followed
      sum.known += answer.known
      faults.push(...answer.rejected.map(({ index, reason }) => ({ line: piece[index]?.line ?? 0, why: reason })))
    }
    arms.push(sum)
  }
  faults.sort((a, b) => a.line - b.line)
  const document = {
    symbol,
    arms,
    open: read.open,
    elsewhere: read.elsewhere,
    bad_rows: faults.length,
    dropped: faults,
  }
  context.print(document, () => importText(document), 'import_trades/1')
}

interface ReadTrades {
  readonly arms: ReadonlyMap<string, Lines>
  readonly faults: readonly Fault[]
  /** Trades that are not closed yet. */
  readonly open: number
  /** Of other markets. */
  readonly elsewhere: Readonly<Record<string, number>>
}

/** @throws OperatorError where no trade of the file can be taken */
async function readTrades(
  path: string,
  symbol: string,
  options: TradesOptions,
  signal: AbortSignal,
): Promise<ReadTrades> {
  const columns = columnsOf(options.columns)
  const arms = new Map<string, Lines>()
  const faults: Fault[] = []
  const elsewhere: Record<string, number> = {}
  let [open, closed] = [0, 0]
  for await (const one of linesOf(path, signal)) {
    const read = readTrade(one.row, columns)
    if (read.kind === 'open') open++
    else if (read.kind === 'faulty') faults.push({ line: one.line, why: read.why })
    else if (read.market !== null && options.allMarkets !== true && !isOf(read.market, symbol)) {
      closed++
      elsewhere[read.market] = (elsewhere[read.market] ?? 0) + 1
    } else {
      closed++
      const arm = armOf(one, options)
      const lines = arms.get(arm) ?? []
      // What is no trade is named here, by its line: a room that runs refuses a request with a figure that is none.
      const known = ownTrade(read.trade)
      if (typeof known === 'string') faults.push({ line: one.line, why: known })
      else lines.push({ line: one.line, trade: read.trade })
      arms.set(arm, lines)
    }
  }
  if (arms.size > 0) return { arms, faults, open, elsewhere }
  throw new OperatorError(
    `${basename(path)} has no closed trade of ${symbol}`,
    nothingText({ faults, open, closed, elsewhere }),
    closed > 0 ? 'name its market with --symbol, or take all of them with --all-markets' : COLUMNS_NEXT,
    'no_trades',
  )
}

const COLUMNS_NEXT = `name its columns, for example: --columns opened=entry_time,closed=exit_time; fields are ${TRADE_FIELDS.join(', ')}`

function nothingText({
  faults,
  open,
  closed,
  elsewhere,
}: {
  readonly faults: readonly Fault[]
  readonly open: number
  readonly closed: number
  readonly elsewhere: Readonly<Record<string, number>>
}): string {
  if (closed > 0) return `its ${closed} trades are of ${Object.keys(elsewhere).slice(0, FAULTS_SHOWN).join(', ')}`
  const [first] = faults
  if (first !== undefined) return `${faults.length} rows cannot be read: line ${first.line}: ${first.why}`
  return open > 0 ? `its ${open} trades are still open` : 'it is empty'
}

async function* linesOf(path: string, signal: AbortSignal): AsyncGenerator<TradeLine, void, undefined> {
  if (isSqlite(path))
    for (const [i, row] of botTrades(path).entries()) yield { line: i + 1, row, strategy: named(row['strategy']) }
  else yield* tradeLines(path, signal)
}

function named(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** @throws OperatorError where neither the caller nor the file says */
function armOf({ row, line, strategy }: TradeLine, { arm, armBy }: TradesOptions): string {
  const label = arm ?? (armBy === undefined ? strategy : named(row[armBy]))
  if (label !== null) return label
  throw new OperatorError(
    `the trade on line ${line} belongs to no arm`,
    armBy === undefined ? 'the file names no strategy' : `it has no ${armBy}`,
    'name one for all of them, for example: --arm mybot; or the column that has it: --arm-by COLUMN',
    'arm',
  )
}

/** `BTC/USDT`, `BTC/USDT:USDT`, `btc-usdt` and `BTCUSDT` are one market. */
function isOf(market: string, symbol: string): boolean {
  const bare = (text: string): string => (text.split(':')[0] ?? '').replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase()
  return bare(market) === bare(symbol)
}

/** `opened=entry_time,closed=exit_time` @throws OperatorError for a field that there is not */
function columnsOf(text: string | undefined): ColumnNames {
  const pairs = (text ?? '').split(',').filter((pair) => pair !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [field = '', column = ''] = pair.split('=').map((part) => part.trim())
      if (TRADE_FIELDS.includes(field) && column !== '') return [field, column]
      throw new OperatorError(
        `"${pair}" names no column`,
        `the fields are ${TRADE_FIELDS.join(', ')}`,
        'write it like --columns opened=entry_time,closed=exit_time',
        'usage',
      )
    }),
  )
}

function importText({
  symbol,
  arms,
  open,
  elsewhere,
  dropped,
}: {
  readonly symbol: string
  readonly arms: readonly {
    readonly arm: string
    readonly added: number
    readonly followed: number
    readonly known: number
  }[]
  readonly open: number
  readonly elsewhere: Readonly<Record<string, number>>
  readonly dropped: readonly Fault[]
}): string {
  const others = Object.entries(elsewhere)
  const left = others.reduce((sum, [, count]) => sum + count, 0)
  return [
    ...arms.map(
      ({ arm, added, followed, known }) =>
        `${symbol} ${arm}: ${added} trades brought in${followed === 0 ? '' : `, ${followed} of which followed an answer`}, ${known} were there`,
    ),
    ...(open === 0 ? [] : [`  ${open} are not closed yet`]),
    ...(left === 0 ? [] : [`  ${left} of ${others.length} other markets were left out; --all-markets takes them`]),
    ...dropped.slice(0, FAULTS_SHOWN).map(({ line, why }) => `  line ${line}: ${why}`),
    ...(dropped.length > FAULTS_SHOWN ? [`  and ${dropped.length - FAULTS_SHOWN} more, see --json`] : []),
  ].join('\n')
}
