/** What was compared with the chain, and what was not, for whoever reads that everything matches. */
import { isoDate, type UnixMs } from '../engine/kernel/units.ts'

/** What no entry of any chain covers. */
const NEVER = [
  'roll-ups by minute and hourly drift counts',
  'feed counters, jobs and notifications',
  'paper trades, positions, ticks, signals and the rows of A/B runs and of retrainings',
  "the machine's own times of rows",
]

export class Coverage {
  private readonly lacking = new Map<string, number>()
  private readonly covered: string[] = []
  private readonly open: string[] = []

  /** Something that could not be compared, since the chain does not say it. */
  lacks(what: string): void {
    this.lacking.set(what, (this.lacking.get(what) ?? 0) + 1)
  }

  /** Rows of a symbol were compared up to a moment; null where none of its days has a digest yet. */
  rowsUpTo(symbol: string, untilMs: UnixMs | null): void {
    if (untilMs !== null) this.covered.push(`${symbol} before ${isoDate(untilMs)}`)
    this.open.push(untilMs === null ? symbol : `${symbol} from ${isoDate(untilMs)} on`)
  }

  /** What was compared beside the chain and its files. */
  get covers(): readonly string[] {
    const rows = this.covered.length === 0 ? [] : [`rows of ${this.covered.join(', ')}`]
    return ['the chain', 'its files', 'decisions, slots, sets, arms, reports and tokens in the tables', ...rows]
  }

  /** What was not, each once, with how often it was met. */
  get gaps(): readonly string[] {
    const lacking = [...this.lacking].map(([what, count]) => (count === 1 ? what : `${what} (${count})`))
    const open = this.open.length === 0 ? [] : [`rows of ${this.open.join(', ')}, whose day has no digest yet`]
    return [...lacking, ...open, ...NEVER]
  }
}
