import type { Command } from 'commander'
import type { PaperArm, PaperDocument, PaperTradeDocument } from '../control/paper-answers.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { readHere } from './ask-room.ts'
import {
  contextOf,
  noSuchCommand,
  parseCount,
  parseDuration,
  parseTime,
  withCommon,
  type CommonOptions,
  type Context,
} from './context.ts'
import type { Io } from './io.ts'
import { setText } from './paper-retrain.ts'

const LIMIT = 20
const MAX_LIMIT = 10_000

interface PaperOptions extends CommonOptions {
  readonly arm?: string
  readonly since: string
  readonly until?: string
  readonly limit: string
}

/** `onay paper`: what each arm would have earned; `onay paper trades`: its closed trades; `onay paper sets`: the sets of five. */
export function addPaper(program: Command, io: Io): void {
  withCommon(program.command('paper [what]'))
    .description(
      'what each arm would have earned on paper, after costs; trades: the newest closed trades; sets: the sets of five models',
    )
    .option('--arm <label>', 'this arm alone')
    .option('--since <when>', 'a span up to now, or a moment: 14d, 2025-05-19', '14d')
    .option('--until <time>', 'leave out what was closed later')
    .option('--limit <n>', 'of trades: how many', String(LIMIT))
    .action(async (what: string | undefined, options: PaperOptions) => {
      const context = contextOf(options, io)
      if (what !== undefined && what !== 'trades' && what !== 'sets')
        throw noSuchCommand('paper', what, 'trades, sets; without one it shows the arms', 'paper')
      if (what === 'trades') await printTrades(context, options)
      else if (what === 'sets') await printSets(context)
      else await printArms(context, options)
    })
}

async function printArms(context: Context, { arm, since, until }: PaperOptions): Promise<void> {
  const { symbol } = context
  const untilMs = until === undefined ? undefined : parseTime(until)
  const document = await readHere(context, 'paper', { symbol, arm, untilMs, ...sinceOf(since) })
  context.print(document, () => armsText(document))
}

async function printTrades(context: Context, { arm, limit }: PaperOptions): Promise<void> {
  const document = await readHere(context, 'paperTrades', {
    symbol: context.symbol,
    arm,
    limit: parseCount(limit, '--limit', [1, MAX_LIMIT]),
  })
  context.print(document, () => tradesText(document.items))
}

async function printSets(context: Context): Promise<void> {
  const document = await readHere(context, 'sets', { symbol: context.symbol })
  const { items } = document
  context.print(document, () =>
    items.length === 0 ? 'no set has been trained yet: onay paper-retrain' : items.map(setText).join('\n'),
  )
}

/** A span counts back from the market clock, which the room knows. */
function sinceOf(text: string): { readonly sinceMs: number } | { readonly spanMs: number } {
  return /^\d+(\.\d+)?[mhdw]$/.test(text) ? { spanMs: parseDuration(text) } : { sinceMs: parseTime(text) }
}

function armsText({ symbol, from, until, days, arms }: PaperDocument): string {
  if (arms.length === 0) return `${symbol}: no model is in charge yet, so that nothing trades`
  const width = Math.max(3, ...arms.map(({ arm }) => arm.length))
  const head = ['trades', 'win', 'profit f.', 'expect. bp', 'Sharpe', 'net', 'drawdown', 'break-even'].map(cell)
  return [
    `${symbol}  ${minuteText(from)} to ${minuteText(until)} UTC, ${days} ${days === 1 ? 'day' : 'days'}, on paper`,
    `  ${'arm'.padEnd(width)}${head.join('')}  now`,
    ...arms.map((arm) => armLine(arm, width)),
  ].join('\n')
}

function armLine(arm: PaperArm, width: number): string {
  const cells = [
    String(arm.trades),
    percent(arm.win_rate),
    fixed(arm.profit_factor, 2),
    fixed(arm.expectancy_bp, 1),
    fixed(arm.sharpe, 1),
    fixed(arm.net_pnl, 2),
    fixed(arm.max_drawdown, 2),
    fixed(arm.break_even_cost_bp, 2),
  ]
  return `  ${arm.arm.padEnd(width)}${cells.map(cell).join('')}  ${nowText(arm)}`
}

function nowText({ open, threshold, source, days }: PaperArm): string {
  if (source === 'own') return `your own, ${days} ${days === 1 ? 'day' : 'days'}`
  if (open !== null) {
    const { side, since, entry } = open
    return since === null ? `${side}, to be filled` : `${side} at ${entry.toFixed(2)} since ${minuteText(since)}`
  }
  return threshold === null ? 'opens no more trades' : `waits for a score of ${threshold.toFixed(3)}`
}

function tradesText(trades: readonly PaperTradeDocument[]): string {
  if (trades.length === 0) return 'no trade has been closed yet'
  const width = Math.max(3, ...trades.map(({ arm }) => arm.length))
  const head = ['entry', 'exit', 'slip bp', 'fees', 'net'].map(cell)
  return [
    `${'arm'.padEnd(width)}  ${'opened'.padEnd(16)}  ${'closed'.padEnd(16)}  ${'side'.padEnd(5)}${head.join('')}  out by`,
    ...trades.map((trade) => {
      const slip =
        trade.slip_entry_bp === null || trade.slip_exit_bp === null ? null : trade.slip_entry_bp + trade.slip_exit_bp
      const figures = [
        trade.filled_entry.toFixed(2),
        trade.filled_exit.toFixed(2),
        fixed(slip, 2),
        trade.fees.toFixed(2),
        trade.pnl.toFixed(2),
      ]
      const times = `${minuteText(trade.opened_at)}  ${minuteText(trade.closed_at)}`
      return `${trade.arm.padEnd(width)}  ${times}  ${trade.side.padEnd(5)}${figures.map(cell).join('')}  ${trade.exit}`
    }),
  ].join('\n')
}

const CELL = 11

function cell(text: string): string {
  return text.padStart(CELL)
}

function percent(value: number | null): string {
  return value === null ? '-' : `${(100 * value).toFixed(1)} %`
}

function fixed(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits)
}
