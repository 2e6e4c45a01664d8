/** Whether the weights of a mix are to move: fitted on a week, tried on the day after it, which took no part. */
import { signed } from '../kernel/figures.ts'
import type { Random } from '../kernel/random.ts'
import { type Regime, regimeOf, volatileFrom } from '../market/regime.ts'
import { eachRegime, type MixShares, type RegimeShares, sharesIn } from '../models/mix-shares.ts'
import { logLoss, rowLogLoss } from '../stats/calibration.ts'
import { blockBootstrapMean, type Interval } from '../stats/intervals.ts'
import { maxSharpeWeights, shrunk, stackWeights, stepTowards } from './ensemble-weights.ts'

/** Settled minutes that every member has scored. */
interface MixedMinutes {
  /** 0 or 1. */
  readonly labels: readonly number[]
  /** Of each member. */
  readonly scores: readonly (readonly number[])[]
}

/** The same with what the market was like, where that is asked: NaN or nothing is unknown. */
export interface MarketMinutes extends MixedMinutes {
  readonly rv60mLog: readonly number[]
  readonly efficiency: readonly number[]
}

/** Where the weights stand after a look. */
export interface Weighed {
  readonly weights: readonly number[]
  /** What the week alone says; null where it says nothing. */
  readonly target: readonly number[] | null
  /** Why they stay; null where they have moved. */
  readonly kept: string | null
}

const MIN_MINUTES = 1_440
const MIN_TRADES = 30

/** The mix that serves, by log loss. */
export function weighScores(now: readonly number[], week: MixedMinutes, day: MixedMinutes): Weighed {
  const n = week.labels.length
  if (n < MIN_MINUTES)
    return {
      weights: now,
      target: null,
      kept: `${MIN_MINUTES - n} more minutes are needed that every member has scored`,
    }
  const target = shrunk(stackWeights(week.scores, week.labels))
  const weights = stepTowards(now, target)
  if (day.labels.length === 0)
    return { weights: now, target, kept: 'the newest day has no settled minute to try them on' }
  const [before, after] = [mixedLoss(day, now), mixedLoss(day, weights)]
  return after > before
    ? {
        weights: now,
        target,
        kept: `on the newest day the new weights are worse: log loss ${after.toFixed(4)}, higher by ${(after - before).toPrecision(2)}`,
      }
    : { weights, target, kept: null }
}

/** Where the weights of each regime stand after a look. */
export interface WeighedRegimes {
  readonly shares: RegimeShares
  readonly of: Readonly<Record<Regime, { readonly minutes: number; readonly kept: string | null }>>
}

/**
 * Weights for each regime by the same rules as the common ones, on its own minutes alone.
 * @param now of the last look; a regime without weights of its own begins with the common ones
 * @param settle the last word on a step: what it may not be
 */
export function weighRegimes(
  now: MixShares,
  week: MarketMinutes,
  day: MarketMinutes,
  settle: (weighed: Weighed, from: readonly number[]) => Weighed,
): WeighedRegimes {
  const volatileAbove = volatileFrom(week.rv60mLog)
  const found = eachRegime((regime) => {
    const own = within(week, regime, volatileAbove)
    const from = sharesIn(now, regime)
    const weighed = settle(weighScores(from, own, within(day, regime, volatileAbove)), from)
    // Of too few minutes a regime has no weights of its own any more.
    return { minutes: own.labels.length, kept: weighed.kept, weights: weighed.target === null ? null : weighed.weights }
  })
  return { shares: { volatileAbove, of: eachRegime((regime) => found[regime].weights) }, of: found }
}

function within(minutes: MarketMinutes, regime: Regime, volatileAbove: number): MixedMinutes {
  const isIn = (_: unknown, i: number): boolean => regimeAt(minutes, i, volatileAbove) === regime
  return { labels: minutes.labels.filter(isIn), scores: minutes.scores.map((of) => of.filter(isIn)) }
}

function regimeAt({ rv60mLog, efficiency }: MarketMinutes, i: number, volatileAbove: number): Regime | null {
  return regimeOf(rv60mLog[i] ?? Number.NaN, efficiency[i] ?? Number.NaN, volatileAbove)
}

/** What members earned on paper, by the hour. */
export interface MixedReturns {
  /** Of each member: hours of the week, as shares of the capital. */
  readonly week: readonly (readonly number[])[]
  /** Of the day after it. */
  readonly day: readonly (readonly number[])[]
  /** Of each member in the week. */
  readonly trades: readonly number[]
}

/** The mix by money, which nothing serves. */
export function weighMoney(now: readonly number[], { week, day, trades }: MixedReturns): Weighed {
  const fewest = Math.min(...trades)
  if (fewest < MIN_TRADES)
    return { weights: now, target: null, kept: `a member has ${fewest} of ${MIN_TRADES} trades on paper` }
  const target = maxSharpeWeights(week)
  const weights = stepTowards(now, target)
  const [before, after] = [meanOf(day, now), meanOf(day, weights)]
  return after < before
    ? { weights: now, target, kept: 'on the newest day the new weights earn less' }
    : { weights, target, kept: null }
}

interface Worth {
  /** The member with the least log loss of the week. */
  readonly best: number
  /** Of the newest day: log loss of the mix less that member's, 95 % by moving blocks of an hour; null without a minute. */
  readonly difference: Interval | null
  readonly plain: string
}

/** Whether a mix beats the member that was best before, on minutes that neither was chosen by. */
export function worthOfMix(
  names: readonly string[],
  shares: MixShares,
  { week, day }: { readonly week: MixedMinutes; readonly day: MarketMinutes },
  random: Random,
): Worth | null {
  if (week.labels.length === 0) return null
  const losses = week.scores.map((of) => logLoss(week.labels, of))
  const best = losses.indexOf(Math.min(...losses))
  const name = names[best] ?? ''
  if (day.labels.length === 0)
    return { best, difference: null, plain: `it is not known yet whether the mix beats ${name}` }
  const alone = day.scores[best] ?? []
  const { volatileAbove = Number.NaN } = shares.regimes ?? {}
  const mixed = mixOf(day, (i) => sharesIn(shares, regimeAt(day, i, volatileAbove)))
  const difference = blockBootstrapMean(
    Float64Array.from(day.labels, (label, i) => rowLogLoss(label, mixed[i] ?? 0) - rowLogLoss(label, alone[i] ?? 0)),
    { block: 60, draws: 2_000, random },
  )
  const { value, lo, hi } = difference
  const figures = `log loss ${signed(value)} on the newest day (95 % ${signed(lo)} to ${signed(hi)})`
  const plain =
    hi < 0
      ? `the mix beats its best member ${name}: ${figures}`
      : lo > 0
        ? `the mix does not beat its best member ${name}: ${figures}`
        : `it is not certain that the mix beats its best member ${name}: ${figures}`
  return { best, difference, plain }
}

function mixedLoss(minutes: MixedMinutes, weights: readonly number[]): number {
  return logLoss(
    minutes.labels,
    mixOf(minutes, () => weights),
  )
}

function mixOf({ labels, scores }: MixedMinutes, weightsAt: (i: number) => readonly number[]): Float64Array {
  return Float64Array.from(labels, (_, i) => weightsAt(i).reduce((sum, w, j) => sum + w * (scores[j]?.[i] ?? 0), 0))
}

function meanOf(returns: readonly (readonly number[])[], weights: readonly number[]): number {
  return returns.reduce((sum, of, j) => sum + (weights[j] ?? 0) * of.reduce((total, x) => total + x, 0), 0)
}
