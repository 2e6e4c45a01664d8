import type { TradeRow } from '../../db/trading.ts'
import type { CostBucketDocument, ExecutionDocument, RetrainGatesDocument } from '../../control/paper-answers.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoTime, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import {
  costAdvice,
  executionCosts,
  MIN_CALIBRATED_TRADES,
  type CostBucket,
} from '../../engine/trading/execution-costs.ts'
import { allPass, regimeReach, RETRAIN_LIMITS, retrainGates, SMOKE_LIMITS } from '../../engine/trading/retrain-gates.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { NEWEST } from '../books/set-book.ts'
import { activeArm, requireArm } from './arms.ts'

/** What an arm did longer ago than this before its newest trade says nothing of its costs and its regimes now. */
const COUNTED_MS = 90 * DAY_MS

/** What the fills of an arm cost; of the active one where none is named. @throws OperatorError where there is no such arm */
export function executionNow(desk: Desk, named: string | undefined): ExecutionDocument {
  const { arm, trades } = tradesOf(desk, named)
  const { assumedSlippagePct: assumed } = desk.parts.limits.paper
  const filled = trades.flatMap(({ openedMs, closedMs, slipEntryBp, slipExitBp, rv60mLog, regime: course }) =>
    slipEntryBp === null || slipExitBp === null
      ? []
      : [{ openedMs, closedMs, slipEntryBp, slipExitBp, rv60mLog, course }],
  )
  const common = { symbol: desk.symbol, arm, trades: filled.length, assumed_slippage_per_side_pct: assumed }
  if (filled.length < MIN_CALIBRATED_TRADES)
    return {
      ...common,
      effective_trades: 0,
      ema_slippage_per_side_pct: assumed,
      avg_slippage_per_side_pct: assumed,
      mean_slippage_per_side_pct: assumed,
      position_size_multiplier: 1,
      volatile_above_rv_60m_log: null,
      time_of_day: {},
      regime_slippage: {},
      recommendations: [],
      placeholder: true,
    }
  const [firstMs, lastMs] = decidedSpan(trades)
  const costs = executionCosts(filled, marketRv(desk, firstMs, lastMs + 1), assumed)
  return {
    ...common,
    effective_trades: costs.effectiveTrades,
    ema_slippage_per_side_pct: costs.emaPct,
    avg_slippage_per_side_pct: costs.emaPct,
    mean_slippage_per_side_pct: costs.meanPct,
    position_size_multiplier: costs.multiplier,
    volatile_above_rv_60m_log: Number.isNaN(costs.volatileAbove) ? null : costs.volatileAbove,
    time_of_day: bucketDocuments(costs.byTimeOfDay),
    regime_slippage: bucketDocuments(costs.byRegime),
    recommendations: costAdvice(costs),
    placeholder: false,
  }
}

/** What the fills of the active arm cost, as evidence; inside the caller's transaction. */
export function writeCalibration(evidence: EvidenceWriter, desk: Desk, atMs: UnixMs): void {
  if (activeArm(desk) === null) return
  const subject = evidence.subject(desk.symbol, 'execution_calibration.json')
  evidence.writeDocument(subject, evidence.stamp('execution_calibration/1', atMs, executionNow(desk, undefined)), atMs)
}

/**
 * Whether a retraining on an arm's trades may begin; of the active one where none is named. Trades that were opened before a set was
 * last trained on such have had their say: the next one waits for as many new ones.
 */
export function retrainGatesNow(desk: Desk, named: string | undefined, smokeTest: boolean): RetrainGatesDocument {
  const { arm, trades: all } = tradesOf(desk, named)
  const sinceMs = desk.sets.of(NEWEST)?.sinceMs ?? Number.NEGATIVE_INFINITY
  const trades = all.filter(({ openedMs }) => openedMs >= sinceMs)
  const limits = smokeTest ? SMOKE_LIMITS : RETRAIN_LIMITS
  const nowMs = desk.nowMs()
  const market = trades.length === 0 ? [] : marketRv(desk, decidedSpan(trades)[0], nowMs)
  const gates = retrainGates(trades, market, nowMs, limits)
  const reach = regimeReach(trades, market, limits)
  return {
    symbol: desk.symbol,
    arm,
    smoke_test: smokeTest,
    passed: allPass(gates),
    closed_trades: trades.length,
    vol_percentile_lo: reach?.lowQuantile ?? null,
    vol_percentile_hi: reach?.highQuantile ?? null,
    gates: gates.map(({ name, verdict, value, threshold, reason, readyAtMs }) => ({
      gate_name: name,
      verdict,
      passed: verdict === 'PASS',
      value,
      threshold,
      reason,
      ready_at: readyAtMs === null ? null : isoTime(readyAtMs),
    })),
  }
}

function tradesOf(desk: Desk, named: string | undefined): { arm: string; trades: readonly TradeRow[] } {
  const arm = named ?? activeArm(desk)
  if (arm === null)
    throw conflict(
      'there is no arm yet',
      'no model is in charge, so that nothing trades',
      'wait for the first model',
      'no_arm',
    )
  requireArm(desk, arm)
  const { trading } = desk.parts.store
  const newestMs = trading.newestTrades(desk.symbol, arm, 1)[0]?.closedMs ?? 0
  return { arm, trades: trading.closedBy(desk.symbol, arm, newestMs - COUNTED_MS) }
}

/** A bot's own trades have no deciding row: the minute before they were opened stands for it. */
function decidedMs({ rowMs, openedMs }: TradeRow): UnixMs {
  return rowMs ?? openedMs - MINUTE_MS
}

/** When the first and the last of some trades were decided: not in the order of their closing. */
function decidedSpan(trades: readonly TradeRow[]): readonly [UnixMs, UnixMs] {
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const trade of trades) {
    firstMs = Math.min(firstMs, decidedMs(trade))
    lastMs = Math.max(lastMs, decidedMs(trade))
  }
  return [firstMs, lastMs]
}

/** `rv_60m_log` of a market's minutes, from one of them on, as far as it has been read. */
interface ReadMarket {
  readonly fromMs: UnixMs
  /** Gaps that had been filled when it was begun: their rows are not in it. */
  readonly filled: number
  readonly tsMs: UnixMs[]
  readonly values: number[]
}

/** Of each desk: the page that is open and the daily jobs ask again and again, and a year has half a million minutes. */
const READ = new WeakMap<Desk, ReadMarket>()

function marketRv(desk: Desk, fromMs: UnixMs, untilMs: UnixMs): readonly number[] {
  const { symbol, parts, tape } = desk
  const known = READ.get(desk)
  const reaches = known !== undefined && known.fromMs <= fromMs && known.filled === tape.filled
  const read: ReadMarket = reaches ? known : { fromMs, filled: tape.filled, tsMs: [], values: [] }
  READ.set(desk, read)
  const lastMs = read.tsMs.at(-1)
  const onMs = lastMs === undefined ? fromMs : lastMs + 1
  for (const [tsMs, value] of parts.store.features.column(symbol, 'rv_60m_log', onMs, untilMs)) {
    read.tsMs.push(tsMs)
    read.values.push(value)
  }
  const from = read.tsMs.findIndex((tsMs) => tsMs >= fromMs)
  const until = read.tsMs.findLastIndex((tsMs) => tsMs < untilMs) + 1
  if (from < 0) return []
  return from === 0 && until === read.values.length ? read.values : read.values.slice(from, until)
}

function bucketDocuments(
  buckets: Readonly<Partial<Record<string, CostBucket>>>,
): Readonly<Record<string, CostBucketDocument>> {
  return Object.fromEntries(
    Object.entries(buckets).flatMap(([name, bucket]) =>
      bucket === undefined
        ? []
        : [
            [
              name,
              {
                trades: bucket.trades,
                avg_slippage_per_side_pct: bucket.slippagePct,
                position_size_multiplier: bucket.multiplier,
              },
            ],
          ],
    ),
  )
}
