import type { OnProgress } from '../kernel/progress.ts'
import { isoTime, minuteText, type UnixMs } from '../kernel/units.ts'
import type { Column } from '../features/catalogue.ts'
import { atTop } from '../stats/ranking.ts'
import { trainingSet } from './dataset.ts'
import { offlineReport, type ReportInput } from './offline-report.ts'
import type { OfflineReportFigures } from './report.ts'
import { baseRate, hasBothClasses, scoresOf } from './scores.ts'

/** A model that is not trained here, and what it said of the rows of the window. */
interface HoldOutInput extends ReportInput {
  readonly features: readonly Column[]
  /** Its probabilities by the row's time. */
  readonly scores: ReadonlyMap<UnixMs, number>
  /** Of its features those that a row may lack. */
  readonly mayLack: readonly Column[]
  /** What is known of whether it has seen these rows: nothing, or that no member of a mix has, or what its maker says. */
  readonly seen: 'unknown' | 'never' | { readonly trainedUntilMs: UnixMs }
}

interface HoldOutResult {
  /** The score that cuts off its top 20 %. */
  readonly threshold: number
  readonly report: OfflineReportFigures
}

/**
 * The offline report of a model that is not trained here: its scores on the rows of one window, without folds. The report's plain
 * line says what is known of whether it was trained on them.
 * @throws RangeError when a row of the window has no score, or the rows lack a class
 */
export function holdOut(input: HoldOutInput, onProgress: OnProgress): HoldOutResult {
  const set = trainingSet(input.table, input.features, input.label, input.window, input.mayLack)
  const scores = set.tsMs.map((tsMs) => input.scores.get(tsMs) ?? Number.NaN)
  const without = scores.findIndex((score) => Number.isNaN(score))
  if (without >= 0) throw new RangeError(`it gave no score for the row of ${isoTime(set.tsMs[without] ?? 0)}`)
  if (!hasBothClasses(set.y)) throw new RangeError(`the ${set.rows} rows of the window hold one outcome only`)
  const { rows, ...figures } = scoresOf(set.y, scores)
  const fold = {
    test_from: input.window.fromMs,
    test_to: input.window.untilMs,
    train_rows: 0,
    test_rows: rows,
    base_rate: baseRate(set.y),
    ...figures,
  }
  const report = offlineReport(input, { set, folds: [fold], scores, forward: null }, onProgress)
  const plain = `${report.plain} ${saySeen(input.seen, rows)}`
  return { threshold: atTop(set.y, scores).threshold, report: { ...report, plain } }
}

function saySeen(seen: HoldOutInput['seen'], rows: number): string {
  if (seen === 'never') return `None of its members was trained on these ${rows} rows.`
  if (seen === 'unknown')
    return `It was trained elsewhere: only its maker knows whether it has seen these ${rows} rows.`
  const until = minuteText(seen.trainedUntilMs)
  return `It was trained elsewhere, up to ${until} UTC as its maker says: these ${rows} rows came later.`
}
