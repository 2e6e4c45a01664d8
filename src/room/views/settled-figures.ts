import { DAY_MS, floorTo, HOUR_MS } from '../../engine/kernel/units.ts'
import { logLoss } from '../../engine/stats/calibration.ts'
import { auc } from '../../engine/stats/ranking.ts'
import type { OutcomeCourse, SettledView } from '../../control/view.ts'
import { outcomeCourse } from './outcome-course.ts'
import type { Desk } from '../desk/desk.ts'
import { settledScores } from '../watch/settled-scores.ts'

/** Looked back on at most: reading more at once would hold up whoever waits for an answer. */
const MAX_MS = 7 * DAY_MS
/** The figures move slowly: they are read anew this often, as the outcome's interval is. */
const EVERY_MS = 6 * HOUR_MS
/** Before so much has been settled, every hour counts. */
const YOUNG_MS = DAY_MS

interface Fared {
  /** By version. */
  readonly figures: ReadonlyMap<string, SettledView>
  readonly outcome: OutcomeCourse | null
}

interface Known extends Fared {
  readonly key: string
}

/** Before anything is known. */
export const NOTHING_SETTLED: Fared = { figures: new Map(), outcome: null }

/** How the models of each symbol fared on the same settled minutes, since the youngest of them has had its role. */
export class SettledFigures {
  private readonly known = new Map<string, Known>()

  of(desk: Desk): Fared {
    const nowMs = desk.nowMs()
    const { inCharge, candidate, contenders } = desk.lineUp
    if (inCharge === null) return NOTHING_SETTLED
    const models = [inCharge, ...contenders]
    const sinceMs = Math.max(nowMs - MAX_MS, ...models.map((model) => model.sinceMs))
    const every = nowMs - sinceMs < YOUNG_MS ? HOUR_MS : EVERY_MS
    const key = [floorTo(nowMs, every), ...models.map((model) => model.sha256)].join('/')
    const known = this.known.get(desk.symbol)
    if (known?.key === key) return known
    const versions = models.map((model) => model.version)
    const settled = settledScores(desk, versions, sinceMs, nowMs)
    const { labels, scores, fallback } = settled
    const figures = new Map<string, SettledView>()
    if (labels.length > 0) {
      for (const [i, version] of [...versions, desk.fallback.version].entries())
        figures.set(version, figuresOf(labels, scores[i] ?? fallback))
    }
    // The one in charge stands first, the one in the shadow beside it.
    const fared = { key, figures, outcome: candidate === null ? null : outcomeCourse(settled, scores[1], scores[0]) }
    this.known.set(desk.symbol, fared)
    return fared
  }
}

function figuresOf(labels: readonly number[], scores: readonly number[]): SettledView {
  const ranked = auc(labels, scores)
  return { auc: Number.isNaN(ranked) ? null : ranked, logLoss: logLoss(labels, scores), n: labels.length }
}
