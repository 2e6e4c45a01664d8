import type { ScoreboardDocument, ScoredModel } from '../../control/answers.ts'
import { seededRandom } from '../../engine/kernel/random.ts'
import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { heuristicScore } from '../../engine/models/heuristic.ts'
import { rowLogLoss } from '../../engine/stats/calibration.ts'
import {
  blockBootstrapAuc,
  blockBootstrapMean,
  type BootstrapOptions,
  type Interval,
} from '../../engine/stats/intervals.ts'
import type { Desk } from '../desk/desk.ts'

const SPAN_MS = 7 * DAY_MS
/** Of minutes: about as long as volatility clusters. */
const BLOCK_MINUTES = 60
/** Of trades: about a day of an arm that is often in the market. */
const BLOCK_TRADES = 20
/** Few: a dozen models are asked about at once, on the room's own event loop. */
const DRAWS = 100
const SEED = 1

interface Settled {
  readonly labels: readonly number[]
  readonly scores: readonly number[]
}

/**
 * Every model that has a role, and the fallback, on the minutes that have settled and the trades that were closed since it has that
 * role, of the last seven days at most.
 */
export function scoreboard(desk: Desk): ScoreboardDocument {
  const { symbol, lineUp, fallback, parts } = desk
  const untilMs = desk.nowMs() + 1
  const fromMs = untilMs - SPAN_MS
  const items = lineUp.standing.map((model): ScoredModel => {
    const since = Math.max(fromMs, model.sinceMs)
    const rows = parts.store.predictions.settled(symbol, model.version, since, untilMs)
    const settled = { labels: rows.map(({ label }) => label), scores: rows.map(({ score }) => score) }
    return scored(desk, model.version, lineUp.roleOf(model.version) ?? 'former', model.sinceMs, settled, since)
  })
  const first = lineUp.inCharge
  if (first === null) return { symbol, items }
  const since = Math.max(fromMs, first.sinceMs)
  return {
    symbol,
    items: [...items, scored(desk, fallback.version, 'fallback', since, fallbackOn(desk, since, untilMs), since)],
  }
}

/** What the fallback says of the minutes that the model in charge has scored. */
function fallbackOn({ symbol, lineUp, parts }: Desk, fromMs: UnixMs, untilMs: UnixMs): Settled {
  const { predictions, features } = parts.store
  const rows = predictions.settled(symbol, lineUp.inCharge?.version ?? '', fromMs, untilMs)
  const variance = features.column(symbol, 'ewma_var_1m', fromMs, untilMs)
  const said = rows.flatMap(({ tsMs, label }) => {
    const score = heuristicScore(variance.get(tsMs) ?? Number.NaN, parts.limits.label)
    return Number.isNaN(score) ? [] : [{ label, score }]
  })
  return { labels: said.map(({ label }) => label), scores: said.map(({ score }) => score) }
}

function scored(
  { symbol, parts }: Desk,
  version: string,
  role: ScoredModel['role'],
  sinceMs: UnixMs,
  { labels, scores }: Settled,
  fromMs: UnixMs,
): ScoredModel {
  const trades = parts.store.trading.closedBy(symbol, version, fromMs).filter(({ openedMs }) => openedMs >= fromMs)
  const losses = Float64Array.from(scores, (score, i) => rowLogLoss(labels[i] ?? Number.NaN, score))
  const results = Float64Array.from(trades, ({ pnl, notional }) => (1e4 * pnl) / notional)
  const ranked =
    labels.includes(1) && labels.includes(0) ? blockBootstrapAuc(labels, scores, drawn(BLOCK_MINUTES)) : null
  return {
    version,
    role,
    since: isoTime(sinceMs),
    n: labels.length,
    log_loss: meanOf(losses, BLOCK_MINUTES),
    auc: ranked === null || Number.isNaN(ranked.lo) ? null : ranked,
    trades: trades.length,
    expectancy_bp: meanOf(results, BLOCK_TRADES),
  }
}

/** Null without rows; where they make a single block there is no interval to be had, and it has no width. */
function meanOf(values: Float64Array, block: number): Interval | null {
  return values.length === 0 ? null : blockBootstrapMean(values, drawn(block))
}

function drawn(block: number): BootstrapOptions {
  return { block, draws: DRAWS, random: seededRandom(SEED) }
}
