/**
 * Whether arm B should take arm A's place: by the rule that such frameworks ask, and with certainty. All looks at one pair share an
 * error of one in twenty.
 */
import { type Random, randomInt } from '../kernel/random.ts'
import type { UnixMs } from '../kernel/units.ts'
import { quantileSorted, sortedFinite } from '../stats/quantile.ts'
import { studentAbove } from '../stats/student.ts'
import { armFigures, type ArmFigures, type ClosedTrade } from './arm-figures.ts'
import { ArmHours, BLOCK_HOURS, type HourFigures } from './arm-hours.ts'

export const AB_MODES = ['concurrent', 'sequential', 'labelled'] as const
/** Concurrent: both traded all the time, and are compared hour by hour. Otherwise the market may have differed too. */
export type AbMode = (typeof AB_MODES)[number]

/** Closed trades that either arm needs. */
export const MIN_AB_TRADES = 100
const DRAWS = 2_000
/** Of all looks together. */
const ERROR = 0.05

export interface AbArm {
  readonly label: string
  /** Ascending by `closedMs`. */
  readonly trades: readonly ClosedTrade[]
}

/** A figure with its 95 % interval; null where it has no value. */
interface Estimate {
  readonly value: number | null
  readonly lo: number | null
  readonly hi: number | null
}

export interface AbSide {
  readonly label: string
  readonly trades: number
  readonly days: number
  readonly sharpe: Estimate
  readonly expectancy: Estimate
  readonly winRate: Estimate
  readonly profitFactor: Estimate
  readonly maxDrawdown: Estimate
  readonly dailyReturnPerExposure: Estimate
}

export interface AbComparison {
  readonly a: AbSide
  readonly b: AbSide
  /** Closed trades that are missing before there is a verdict. */
  readonly missing: number
  /** Of the daily net return per unit of exposure, B less A. */
  readonly difference: Estimate
  /** Which look this is, from 1 on. */
  readonly look: number
  /** Of the intervals that `certain` rests on, at this look. */
  readonly level: number
  /** Lower ends of those intervals: of the difference, and of B's expectancy; null where days are too few to tell. */
  readonly certainAbove: { readonly difference: number | null; readonly expectancy: number | null }
  /** Sharpe of B at least that of A, and B earns. */
  readonly rule: boolean
  readonly certain: boolean
}

/** The level of the k-th look: the errors of all of them sum up to one in twenty. */
export function levelOf(look: number): number {
  return 1 - (ERROR * 6) / (Math.PI ** 2 * look ** 2)
}

export interface AbOptions {
  readonly mode: AbMode
  /** The period of both where they traded at the same time. */
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
  /** What results are measured against in the Sharpe ratio. */
  readonly capital: number
  readonly look: number
  readonly random: Random
  readonly draws?: number
}

/**
 * Intervals by a moving-block bootstrap (Künsch 1989) of 24 hours: the same hours of both arms where they are concurrent. Far out in
 * the tails, where no draw lies, by the bootstrap's standard error and Student's t with as many degrees of freedom as there are days
 * but one.
 */
export function compareArms(a: AbArm, b: AbArm, options: AbOptions): AbComparison {
  const { mode, look, random, draws = DRAWS, capital } = options
  const [spanA, spanB] =
    mode === 'concurrent' ? [periodOf(options), periodOf(options)] : [ownSpan(a, options), ownSpan(b, options)]
  const [hoursA, hoursB] = [new ArmHours(a.trades, ...spanA), new ArmHours(b.trades, ...spanB)]
  const drawnA: HourFigures[] = []
  const drawnB: HourFigures[] = []
  const differences = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    const starts = startsOf(hoursA, random)
    const ofA = hoursA.figures(starts)
    const ofB = hoursB.figures(mode === 'concurrent' ? starts : startsOf(hoursB, random))
    drawnA.push(ofA)
    drawnB.push(ofB)
    differences[draw] = ofB.dailyReturnPerExposure - ofA.dailyReturnPerExposure
  }
  const [figuresA, figuresB] = [
    armFigures(a.trades, capital, hoursA.drawn),
    armFigures(b.trades, capital, hoursB.drawn),
  ]
  const missing = Math.max(0, MIN_AB_TRADES - a.trades.length) + Math.max(0, MIN_AB_TRADES - b.trades.length)
  const value =
    figuresA.dailyReturnPerExposure === null || figuresB.dailyReturnPerExposure === null
      ? null
      : figuresB.dailyReturnPerExposure - figuresA.dailyReturnPerExposure
  const level = levelOf(look)
  const days = Math.min(hoursA.hours, hoursB.hours) / BLOCK_HOURS
  const above = (of: number | null, drawn: Float64Array): number | null => {
    const reach = lowerReach(drawn, level, days)
    return of === null || reach === null ? null : of - reach
  }
  const expectancies = Float64Array.from(drawnB, ({ expectancy }) => expectancy)
  const certainAbove = { difference: above(value, differences), expectancy: above(figuresB.expectancy, expectancies) }
  const isFull = missing === 0
  return {
    a: sideOf(a.label, figuresA, drawnA, hoursA.drawn),
    b: sideOf(b.label, figuresB, drawnB, hoursB.drawn),
    missing,
    difference: { value, ...interval(differences) },
    look,
    level,
    certainAbove,
    rule:
      isFull &&
      figuresA.sharpe !== null &&
      figuresB.sharpe !== null &&
      figuresB.sharpe >= figuresA.sharpe &&
      (figuresB.expectancy ?? 0) > 0,
    certain: isFull && (certainAbove.difference ?? 0) > 0 && (certainAbove.expectancy ?? 0) > 0,
  }
}

/** How far below an estimate its interval of that level reaches; null where days are too few to tell. */
function lowerReach(drawn: Float64Array, level: number, days: number): number | null {
  const known = sortedFinite(drawn)
  if (days < 2 || known.length < 2) return null
  const mean = known.reduce((sum, x) => sum + x, 0) / known.length
  const variance = known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (known.length - 1)
  return studentAbove((1 - level) / 2, days - 1) * Math.sqrt(variance)
}

function periodOf({ fromMs, untilMs }: AbOptions): readonly [UnixMs, UnixMs] {
  return [fromMs, untilMs]
}

function ownSpan({ trades }: AbArm, options: AbOptions): readonly [UnixMs, UnixMs] {
  const last = trades.at(-1)
  if (last === undefined) return periodOf(options)
  return [trades.reduce((least, { openedMs }) => Math.min(least, openedMs), last.openedMs), last.closedMs]
}

function startsOf(hours: ArmHours, random: Random): Uint32Array {
  const starts = hours.hours - BLOCK_HOURS + 1
  return Uint32Array.from({ length: hours.drawn }, () => randomInt(random, starts))
}

function sideOf(label: string, figures: ArmFigures, drawn: readonly HourFigures[], days: number): AbSide {
  const estimate = (value: number | null, of: (one: HourFigures) => number): Estimate => ({
    value,
    ...interval(Float64Array.from(drawn, of)),
  })
  return {
    label,
    trades: figures.trades,
    days,
    sharpe: estimate(figures.sharpe, ({ sharpe }) => sharpe),
    expectancy: estimate(figures.expectancy, ({ expectancy }) => expectancy),
    winRate: estimate(figures.winRate, ({ winRate }) => winRate),
    profitFactor: estimate(figures.profitFactor, ({ profitFactor }) => profitFactor),
    maxDrawdown: estimate(figures.maxDrawdown, ({ maxDrawdown }) => maxDrawdown),
    dailyReturnPerExposure: estimate(figures.dailyReturnPerExposure, (one) => one.dailyReturnPerExposure),
  }
}

/** The middle 95 % of the draws that have a value. */
function interval(drawn: Float64Array): { readonly lo: number | null; readonly hi: number | null } {
  const known = sortedFinite(drawn)
  if (known.length === 0) return { lo: null, hi: null }
  return { lo: quantileSorted(known, 0.025), hi: quantileSorted(known, 0.975) }
}
