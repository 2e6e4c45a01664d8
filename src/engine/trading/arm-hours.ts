/** An arm's closed trades by the hour in which they were closed, so that whole days of them can be drawn again at no cost. */
import { DAY_MS, HOUR_MS, type UnixMs } from '../kernel/units.ts'
import type { ClosedTrade } from './arm-figures.ts'

/** Hours that are drawn together: results of one day hang together, those of two hardly do. */
export const BLOCK_HOURS = 24

const SUMS = ['n', 'pnl', 'squares', 'wins', 'won', 'lost', 'exposure'] as const
type Sum = (typeof SUMS)[number]

/** The net result of some trades one after the other: its sum, its lowest and highest point from 0, its largest fall. */
interface Path {
  sum: number
  low: number
  high: number
  fall: number
}

/** What some hours come to. */
export interface HourFigures {
  readonly trades: number
  readonly expectancy: number
  readonly winRate: number
  readonly profitFactor: number
  readonly sharpe: number
  readonly maxDrawdown: number
  readonly dailyReturnPerExposure: number
}

export class ArmHours {
  readonly hours: number
  /** Of every run of `BLOCK_HOURS` hours, by its first. */
  private readonly blocks: Readonly<Record<Sum, Float64Array>>
  private readonly paths: readonly Path[]

  /**
   * @param trades ascending by `closedMs`, closed in the period
   * @param fromMs @param untilMs whole days of the period; a shorter one counts as a day
   */
  constructor(trades: readonly ClosedTrade[], fromMs: UnixMs, untilMs: UnixMs) {
    this.hours = Math.max(BLOCK_HOURS, Math.ceil((untilMs - fromMs) / HOUR_MS))
    const before = Object.fromEntries(SUMS.map((name) => [name, new Float64Array(this.hours + 1)]))
    const hourPaths = Array.from({ length: this.hours }, flatPath)
    for (const { pnl, notional, openedMs, closedMs } of trades) {
      const hour = Math.min(this.hours - 1, Math.max(0, Math.floor((closedMs - fromMs) / HOUR_MS)))
      const add = (name: Sum, value: number): void => {
        const sums = before[name]
        if (sums !== undefined) sums[hour + 1] = (sums[hour + 1] ?? 0) + value
      }
      add('n', 1)
      add('pnl', pnl)
      add('squares', pnl * pnl)
      add('wins', pnl > 0 ? 1 : 0)
      add('won', Math.max(0, pnl))
      add('lost', Math.max(0, -pnl))
      add('exposure', (notional * (closedMs - openedMs)) / DAY_MS)
      const path = hourPaths[hour]
      if (path !== undefined)
        append(path, { sum: pnl, low: Math.min(0, pnl), high: Math.max(0, pnl), fall: Math.max(0, -pnl) })
    }
    const starts = this.hours - BLOCK_HOURS + 1
    this.blocks = {
      n: runs(before['n'], starts),
      pnl: runs(before['pnl'], starts),
      squares: runs(before['squares'], starts),
      wins: runs(before['wins'], starts),
      won: runs(before['won'], starts),
      lost: runs(before['lost'], starts),
      exposure: runs(before['exposure'], starts),
    }
    this.paths = Array.from({ length: starts }, (_, from) => {
      const path = flatPath()
      for (let hour = from; hour < from + BLOCK_HOURS; hour++) append(path, hourPaths[hour] ?? flatPath())
      return path
    })
  }

  /** Blocks that it takes to draw as many hours as there are. */
  get drawn(): number {
    return Math.round(this.hours / BLOCK_HOURS)
  }

  /** What the blocks that begin at these hours come to, one after the other. NaN where a figure has no value. */
  figures(starts: Uint32Array): HourFigures {
    const { n, pnl, squares, wins, won, lost, exposure } = this.blocks
    const sums = { n: 0, pnl: 0, squares: 0, wins: 0, won: 0, lost: 0, exposure: 0 }
    const path = flatPath()
    for (const from of starts) {
      sums.n += n[from] ?? 0
      sums.pnl += pnl[from] ?? 0
      sums.squares += squares[from] ?? 0
      sums.wins += wins[from] ?? 0
      sums.won += won[from] ?? 0
      sums.lost += lost[from] ?? 0
      sums.exposure += exposure[from] ?? 0
      append(path, this.paths[from] ?? path)
    }
    const mean = sums.pnl / sums.n
    const deviation = Math.sqrt(Math.max(0, sums.squares / sums.n - mean * mean))
    return {
      trades: sums.n,
      expectancy: mean,
      winRate: sums.wins / sums.n,
      profitFactor: sums.lost === 0 ? Number.NaN : sums.won / sums.lost,
      sharpe: deviation === 0 ? Number.NaN : (sums.pnl / starts.length / deviation) * Math.sqrt(365),
      maxDrawdown: path.fall,
      dailyReturnPerExposure: sums.pnl / sums.exposure,
    }
  }
}

function flatPath(): Path {
  return { sum: 0, low: 0, high: 0, fall: 0 }
}

/** Another path behind one: the fall may lead from a high of the first to a low of the second. */
function append(path: Path, next: Readonly<Path>): void {
  path.fall = Math.max(path.fall, next.fall, path.high - (path.sum + next.low))
  path.low = Math.min(path.low, path.sum + next.low)
  path.high = Math.max(path.high, path.sum + next.high)
  path.sum += next.sum
}

/** Sums of `BLOCK_HOURS` neighbours. @param hours of each hour, behind a 0 */
function runs(hours: Float64Array | undefined, starts: number): Float64Array {
  const until = Float64Array.from(hours ?? [])
  for (let i = 1; i < until.length; i++) until[i] = (until[i - 1] ?? 0) + (until[i] ?? 0)
  return Float64Array.from({ length: starts }, (_, from) => (until[from + BLOCK_HOURS] ?? 0) - (until[from] ?? 0))
}
