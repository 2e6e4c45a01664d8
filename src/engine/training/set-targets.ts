import { MINUTE_MS } from '../kernel/units.ts'
import type { Bar } from '../market/bar.ts'
import { ofEach, type SetTarget } from '../models/tree-set.ts'

/**
 * What came of each bar in the `horizonMin` bars after it, as a set predicts it; NaN where it cannot be known: direction and price need
 * the bar at the horizon's end, momentum the one as long before as well, risk and volatility every bar between. A gap is never bridged.
 * @param bars strictly ascending
 */
export function setTargets(bars: readonly Bar[], horizonMin: number): Readonly<Record<SetTarget, Float64Array>> {
  const targets = ofEach(() => new Float64Array(bars.length).fill(Number.NaN))
  const logs = Float64Array.from(bars, ({ close }) => Math.log(close))
  const places = new Map(bars.map(({ tsMs }, i) => [tsMs, i]))
  const log = (i: number | undefined): number => (i === undefined ? Number.NaN : (logs[i] ?? Number.NaN))
  const spanMs = horizonMin * MINUTE_MS
  for (const [i, { tsMs }] of bars.entries()) {
    const later = places.get(tsMs + spanMs)
    if (later === undefined) continue
    const ahead = 1e4 * (log(later) - log(i))
    const past = log(i) - log(places.get(tsMs - spanMs))
    targets.price[i] = ahead
    targets.direction[i] = Number(ahead > 0)
    if (!Number.isNaN(past)) targets.momentum[i] = Number(Math.sign(ahead) === Math.sign(past))
    // As many bars as minutes: none is missing between.
    if (later - i !== horizonMin) continue
    targets.risk[i] = excursionBp(bars, i, later)
    targets.volatility[i] = volatilityLog(logs, i, later)
  }
  return targets
}

function excursionBp(bars: readonly Bar[], from: number, until: number): number {
  const close = bars[from]?.close ?? Number.NaN
  let [high, low] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let i = from + 1; i <= until; i++) {
    high = Math.max(high, bars[i]?.high ?? Number.NaN)
    low = Math.min(low, bars[i]?.low ?? Number.NaN)
  }
  return 1e4 * Math.max(Math.log(high / close), -Math.log(low / close))
}

/** The floor keeps minutes without a move finite. */
function volatilityLog(logs: Float64Array, from: number, until: number): number {
  let squares = 0
  for (let i = from + 1; i <= until; i++) squares += ((logs[i] ?? Number.NaN) - (logs[i - 1] ?? Number.NaN)) ** 2
  return Math.log(Math.sqrt(squares / (until - from)) + 1e-7)
}
