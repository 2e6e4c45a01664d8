import { MINUTE_MS } from '../../engine/kernel/units.ts'
import { rowLogLoss } from '../../engine/stats/calibration.ts'
import type { OutcomeCourse } from '../../control/view.ts'
import type { SettledScores } from '../watch/settled-scores.ts'

const MAX_POINTS = 96
/** Minutes next to each other share what happens to both; hours hardly do. */
const BLOCK = 60
const Z95 = 1.959964

/**
 * The sums of the differences of log loss, minute by minute, at as many points as a chart has columns.
 * @param candidate scores of the model in the shadow, one a settled minute
 * @param inCharge those of the model in charge
 * @returns null where nothing is settled yet
 */
export function outcomeCourse(
  { tsMs, labels, fallback }: Pick<SettledScores, 'tsMs' | 'labels' | 'fallback'>,
  candidate: readonly number[] = [],
  inCharge: readonly number[] = [],
): OutcomeCourse | null {
  const [fromMs, lastMs] = [tsMs[0], tsMs.at(-1)]
  if (fromMs === undefined || lastMs === undefined) return null
  const loss = (scores: readonly number[], i: number): number => rowLogLoss(labels[i] ?? 0, scores[i] ?? Number.NaN)
  const against = (other: readonly number[]): readonly number[] =>
    labels.map((_, i) => loss(candidate, i) - loss(other, i))
  const differences = against(inCharge)
  const sums = runningSums(differences)
  const plain = runningSums(against(fallback))
  const spread = blockSpread(differences)
  const count = Math.min(MAX_POINTS, labels.length)
  const places = Array.from({ length: count }, (_, k) => Math.ceil(((k + 1) * labels.length) / count) - 1)
  return {
    fromMs,
    untilMs: lastMs + MINUTE_MS,
    againstInCharge: places.map((at) => sums[at] ?? 0),
    againstFallback: places.map((at) => plain[at] ?? 0),
    band: places.map((at) => {
      const half = Z95 * spread * Math.sqrt((at + 1) / BLOCK)
      return { lo: (sums[at] ?? 0) - half, hi: (sums[at] ?? 0) + half }
    }),
  }
}

function runningSums(values: readonly number[]): readonly number[] {
  let sum = 0
  return values.map((value) => (sum += value))
}

/** Standard deviation of the sum over a block of minutes; 0 with fewer than two blocks. */
function blockSpread(values: readonly number[]): number {
  const blocks: number[] = []
  for (let from = 0; from + BLOCK <= values.length; from += BLOCK)
    blocks.push(values.slice(from, from + BLOCK).reduce((sum, value) => sum + value, 0))
  if (blocks.length < 2) return 0
  const mean = blocks.reduce((sum, value) => sum + value, 0) / blocks.length
  return Math.sqrt(blocks.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (blocks.length - 1))
}
