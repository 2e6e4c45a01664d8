import type { UnixMs } from '../../engine/kernel/units.ts'
import { heuristicScore } from '../../engine/models/heuristic.ts'
import type { Desk } from '../desk/desk.ts'

/** What each of several models said of the same minutes, and what came of them, oldest first. */
export interface SettledScores {
  readonly tsMs: readonly UnixMs[]
  /** 1 where what is predicted happened. */
  readonly labels: readonly number[]
  /** By version, as asked. */
  readonly scores: readonly (readonly number[])[]
  readonly fallback: readonly number[]
}

/**
 * Settled minutes of `fromMs <= tsMs < untilMs` that every one of these models and the fallback have scored.
 * @param versions at least one
 */
export function settledScores(desk: Desk, versions: readonly string[], fromMs: UnixMs, untilMs: UnixMs): SettledScores {
  const { predictions, features } = desk.parts.store
  const [first = [], ...others] = versions.map((version) => predictions.settled(desk.symbol, version, fromMs, untilMs))
  const byMinute = others.map((rows) => new Map(rows.map((row) => [row.tsMs, row.score])))
  const variance = features.column(desk.symbol, 'ewma_var_1m', fromMs, untilMs)
  const rows = first.flatMap(({ tsMs, label, score }) => {
    const scores = [score, ...byMinute.map((of) => of.get(tsMs) ?? Number.NaN)]
    const fallback = heuristicScore(variance.get(tsMs) ?? Number.NaN, desk.parts.limits.label)
    return [...scores, fallback].some(Number.isNaN) ? [] : [{ tsMs, label, scores, fallback }]
  })
  return {
    tsMs: rows.map((row) => row.tsMs),
    labels: rows.map((row) => row.label),
    scores: versions.map((_, i) => rows.map((row) => row.scores[i] ?? Number.NaN)),
    fallback: rows.map((row) => row.fallback),
  }
}
