/**
 * A canary of days: what came of both sides on the same minutes, and what is to become of it. Only minutes on which the candidate was
 * confident count, for both.
 */
import { signed } from '../kernel/figures.ts'
import type { Interval } from '../stats/intervals.ts'

/** What one side came to; null where a figure has no value yet. */
export interface LiveSide {
  readonly trades: number
  readonly sharpe: number | null
  /** The largest fall of the cumulative result, in quote units. */
  readonly maxDrawdown: number
  readonly netPnl: number
  /** Over the settled minutes. */
  readonly logLoss: number | null
  readonly ece: number | null
  /** Trades of callers' own bots that followed its answers, and their mean result in basis points of their value. */
  readonly ownTrades: number
  readonly ownMeanBp: number | null
}

export interface LiveFigures {
  /** Full days since it began, and as many as it takes at least. */
  readonly days: number
  readonly neededDays: number
  /** Settled minutes on which the candidate was confident. */
  readonly minutes: number
  readonly canary: LiveSide
  readonly inCharge: LiveSide
  /** Of their daily returns on paper, the canary's less the other's; null before there are two full days. */
  readonly difference: Interval | null
  /** Of their log losses on those minutes, the canary's less the other's; null while there are too few. */
  readonly logLossDifference: Interval | null
  /** Of the daily means of callers' own trades, in basis points, the canary's less the other's; null before two days on which both have some. */
  readonly ownDifferenceBp: Interval | null
  /** Checks of the candidate's drift that were critical meanwhile. */
  readonly criticalDrift: number
}

const LIMITS = {
  /** Sharpe ratio above the other's by this. */
  better: 0.2,
  /** Sharpe ratio below the other's by this: stopped. */
  worse: 0.3,
  /** Trades of the canary before it is stopped for what it earned. */
  minTrades: 30,
  /** Of the other's drawdown, at most. */
  drawdown: 0.9,
  ece: 0.05,
  /** Below them a calibration error is mostly noise. */
  eceMinutes: 1_000,
} as const

/** `stop`: certainly worse. `promote`: better in every respect. `extend`: neither, and this is missing. */
export type LiveVerdict =
  | { readonly kind: 'stop' | 'promote'; readonly reason: string }
  | { readonly kind: 'extend'; readonly reason: string; readonly missing: readonly string[] }

export function judgeLive(figures: LiveFigures): LiveVerdict {
  const { canary, inCharge, difference } = figures
  if (isWorse(figures))
    return {
      kind: 'stop',
      reason: `${sharpes(figures)} after ${canary.trades} trades, and the daily return is lower with certainty: ${intervalText(difference)}`,
    }
  if (isWorseForCallers(figures))
    return {
      kind: 'stop',
      reason: `callers' own trades: ${ownText(figures)}, lower with certainty`,
    }
  const missing = missingOf(figures)
  if (missing.length > 0) return { kind: 'extend', reason: missing.join('; '), missing }
  const falls = `drawdown ${canary.maxDrawdown.toFixed(2)} against ${inCharge.maxDrawdown.toFixed(2)}`
  return {
    kind: 'promote',
    reason: `after ${figures.days} days: ${sharpes(figures)}, daily return ${intervalText(difference)}, ${falls}`,
  }
}

function isWorse({ canary, inCharge, difference }: LiveFigures): boolean {
  if (canary.trades < LIMITS.minTrades || canary.sharpe === null || inCharge.sharpe === null) return false
  return canary.sharpe < inCharge.sharpe - LIMITS.worse && difference !== null && difference.hi < 0
}

/** Callers' own trades are of other moments on each side: they stop or hold back what is certainly worse, and promote nothing. */
function isWorseForCallers({ canary, ownDifferenceBp }: LiveFigures): boolean {
  return canary.ownTrades >= LIMITS.minTrades && ownDifferenceBp !== null && ownDifferenceBp.hi < 0
}

function ownText({ canary, inCharge, ownDifferenceBp: difference }: LiveFigures): string {
  const of = ({ ownMeanBp, ownTrades }: LiveSide): string =>
    `${ownMeanBp === null ? 'unknown' : signed(ownMeanBp, 1)} bp on ${ownTrades}`
  const by =
    difference === null
      ? ''
      : ` (95 % of the daily difference ${signed(difference.lo, 1)} to ${signed(difference.hi, 1)} bp)`
  return `${of(canary)} against ${of(inCharge)}${by}`
}

/** Everything that a promotion lacks, in words. What is unknown is lacking. */
function missingOf(figures: LiveFigures): string[] {
  const { days, neededDays, minutes, canary, inCharge, difference, ownDifferenceBp, criticalDrift } = figures
  const missing: string[] = []
  const { better, drawdown, ece, eceMinutes } = LIMITS
  if (days < neededDays) missing.push(`${days} of ${neededDays} days`)
  if (canary.sharpe === null || inCharge.sharpe === null) missing.push('a Sharpe ratio of each side')
  else if (canary.sharpe < inCharge.sharpe + better)
    missing.push(`a Sharpe ratio of ${(inCharge.sharpe + better).toFixed(2)}, it is ${canary.sharpe.toFixed(2)}`)
  if (difference === null || difference.lo <= 0)
    missing.push(`certainty of a higher daily return, it is ${intervalText(difference)}`)
  if (canary.maxDrawdown > drawdown * inCharge.maxDrawdown)
    missing.push(
      `a drawdown of at most ${(drawdown * inCharge.maxDrawdown).toFixed(2)}, it is ${canary.maxDrawdown.toFixed(2)}`,
    )
  if (minutes < eceMinutes || canary.ece === null)
    missing.push(`${Math.max(1, eceMinutes - minutes)} more settled minutes for the calibration error`)
  else if (canary.ece > ece) missing.push(`a calibration error of at most ${ece}, it is ${canary.ece.toFixed(3)}`)
  if (ownDifferenceBp !== null && ownDifferenceBp.hi < 0)
    missing.push(`own trades of callers that are not certainly worse: ${ownText(figures)}`)
  if (criticalDrift > 0)
    missing.push(
      `days without critical drift, there ${criticalDrift === 1 ? 'was 1 such check' : `were ${criticalDrift} such checks`}`,
    )
  return missing
}

function sharpes({ canary, inCharge }: LiveFigures): string {
  return `Sharpe ratio ${canary.sharpe?.toFixed(2) ?? 'unknown'} against ${inCharge.sharpe?.toFixed(2) ?? 'unknown'}`
}

function intervalText(difference: Interval | null): string {
  if (difference === null) return 'unknown'
  const { value, lo, hi } = difference
  return `${signedPercent(value)} (95 % ${signedPercent(lo)} to ${signedPercent(hi)})`
}

function signedPercent(share: number): string {
  return `${signed(share * 100, 3)} %`
}
