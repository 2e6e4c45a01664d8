import { DAY_MS, floorTo, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { faultOf, knownAt, type Bar } from '../engine/market/bar.ts'
import type { Gap } from '../engine/market/gaps.ts'
import type { ExchangeFaultKind } from './exchange.ts'

const FIRST_PAUSE_MS = 1_000
/** The longest pause between two tries: what is over is noticed within a minute. */
export const LAST_PAUSE_MS = MINUTE_MS
const FIRST_RATE_PAUSE_MS = 30_000
const LAST_RATE_PAUSE_MS = 15 * MINUTE_MS
const NEAR = 5

/** The room's name for a market: `BTCUSDT` for `BTC/USDT`, `BTCUSDT:USDT` for the perpetual `BTC/USDT:USDT`. */
export function roomSymbol(market: string): string {
  return market.replaceAll('/', '')
}

/**
 * From where history is fetched at a first start, so that a model can be trained at the last UTC midnight: the window, and
 * before it the day that the 24 h figures of its first row look back on. With one minute more, the model would be trained a
 * midnight earlier, on rows that have not warmed up.
 */
export function historyFromMs(nowMs: UnixMs, windowDays: number): UnixMs {
  return floorTo(floorTo(nowMs, DAY_MS) - windowDays * DAY_MS, MINUTE_MS) - DAY_MS + MINUTE_MS
}

/**
 * How long to wait before the next try: doubled each time up to a minute; after a rate limit longer, and at least as long as
 * the exchange asked for.
 * @param tries how many have failed in a row, from 1 on
 */
export function pauseMs(kind: ExchangeFaultKind, tries: number, retryAfterMs: number | null): number {
  const [first, last] =
    kind === 'rate_limit' ? [FIRST_RATE_PAUSE_MS, LAST_RATE_PAUSE_MS] : [FIRST_PAUSE_MS, LAST_PAUSE_MS]
  const grown = Math.min(last, first * 2 ** Math.min(tries - 1, 16))
  return retryAfterMs === null ? grown : Math.min(Math.max(retryAfterMs, FIRST_PAUSE_MS), DAY_MS)
}

/** What `Retry-After` asks for: seconds, or a date held against the answer's own `Date`; null when it says nothing. */
export function retryAfterMs(header: string | null, dateHeader: string | null): number | null {
  if (header === null) return null
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000
  const ms = Date.parse(header) - Date.parse(dateHeader ?? '')
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}

/**
 * The candles of an answer that are bars: from `fromMs` on and closed by `nowMs`, ascending, each minute once. Unsound ones
 * stay among them to be counted and named.
 */
export function closedBars(candles: readonly Bar[], fromMs: UnixMs, nowMs: UnixMs): Bar[] {
  const closed = candles.filter((bar) => bar.tsMs >= fromMs && knownAt(bar) <= nowMs)
  const byTime = new Map(closed.map((bar) => [bar.tsMs, bar]))
  return [...byTime.values()].sort((a, b) => a.tsMs - b.tsMs)
}

/**
 * Of closed bars those that are taken in as live: known no longer than a prediction may look back, and where all are older
 * the newest. The minutes of an outage before them fill the gap afterwards.
 */
export function liveBars(closed: readonly Bar[], nowMs: UnixMs, freshMs: number): Bar[] {
  const newestMs = Math.max(...closed.filter((bar) => faultOf(bar) === null).map((bar) => bar.tsMs))
  return closed.filter((bar) => knownAt(bar) >= nowMs - freshMs || bar.tsMs === newestMs)
}

/** A request for a stretch of minutes. */
interface Page {
  readonly fromMs: UnixMs
  readonly minutes: number
}

/** What to ask for to learn what has closed since `cursorMs`: after a long outage the newest page, the rest is a gap. */
export function newestPage(cursorMs: UnixMs, nowMs: UnixMs, limit: number): Page {
  const openMs = floorTo(nowMs, MINUTE_MS)
  const fromMs = Math.min(Math.max(cursorMs, openMs - (limit - 1) * MINUTE_MS), openMs)
  return { fromMs, minutes: Math.min(limit, (openMs - fromMs) / MINUTE_MS + 1) }
}

/** The fewest requests over the minutes of all gaps: neighbouring gaps share one. @param gaps ascending */
export function pagesOver(gaps: readonly Pick<Gap, 'fromMs' | 'untilMs'>[], limit: number): Page[] {
  const pages: Page[] = []
  let coveredMs = Number.NEGATIVE_INFINITY
  for (const gap of gaps) {
    for (let fromMs = Math.max(gap.fromMs, coveredMs); fromMs < gap.untilMs; fromMs = coveredMs) {
      coveredMs = fromMs + limit * MINUTE_MS
      pages.push({ fromMs, minutes: limit })
    }
  }
  return pages
}

/** Names that a person may have meant, nearest first: the same letters, then few letters apart. */
export function nearNames(asked: string, known: readonly string[]): string[] {
  const wanted = plain(asked)
  return known
    .map((name) => ({ name, apart: distance(wanted, plain(name)) }))
    .filter(({ name, apart }) => apart <= 2 || (wanted.length >= 3 && plain(name).startsWith(wanted)))
    .sort((a, b) => a.apart - b.apart || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, NEAR)
    .map(({ name }) => name)
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** Letters to add, take away or change. Source: Levenshtein 1966. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
