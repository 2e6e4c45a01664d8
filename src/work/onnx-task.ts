import { openStore } from '../db/store.ts'
import { monotonicMs } from '../engine/kernel/clock.ts'
import type { OnProgress } from '../engine/kernel/progress.ts'
import { HOUR_MS, isoDate, isoTime } from '../engine/kernel/units.ts'
import { onnxRuntime, openOnnx, type OnnxSession } from './onnx-session.ts'
import type { OnnxScores, OnnxTask } from './onnx-words.ts'

/** Timed after a few that warm it up. */
const [WARM_UP, TIMED] = [3, 21]

/**
 * Opens an ONNX model, asks it about two rows, times it and scores the rows of a window. The library that reads it is another's, in C++:
 * what crashes, hangs or takes all memory there ends a process that nobody misses, and however long it takes, no prediction waits.
 * @throws RangeError with what the model lacks
 */
export async function tryOnnx(task: OnnxTask, onProgress: OnProgress): Promise<OnnxScores | null> {
  const { file, width, budgetMs, scored } = task
  const session = await openOnnx(onnxRuntime(), Buffer.from(file, 'base64'), width)
  for (const value of [0, 1])
    refuseUnlessProbable(
      await session.score(new Float64Array(width).fill(value)),
      `a row of ${value === 0 ? 'zeros' : 'ones'}`,
    )
  const tookMs = await usualMs(session, width)
  if (tookMs > budgetMs)
    throw new RangeError(
      `it takes ${tookMs.toFixed(0)} ms for a row, and serving.shadow_budget_ms allows ${budgetMs}: serve it by a model server`,
    )
  return scored === null ? null : await scoresOf(session, task.symbol, scored, onProgress)
}

async function usualMs(session: OnnxSession, width: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < WARM_UP + TIMED; i++) {
    const began = monotonicMs()
    await session.score(new Float64Array(width).fill(i / TIMED))
    if (i >= WARM_UP) times.push(monotonicMs() - began)
  }
  return times.sort((a, b) => a - b)[TIMED >> 1] ?? 0
}

/** Of the rows that have every feature. */
async function scoresOf(
  session: OnnxSession,
  symbol: string,
  { dataDir, window, features }: NonNullable<OnnxTask['scored']>,
  onProgress: OnProgress,
): Promise<OnnxScores> {
  const store = openStore(dataDir, 'read')
  try {
    const places = store.features.catalogueOf(symbol).places(features)
    const tsMs: number[] = []
    const scores: number[] = []
    for (const row of store.features.each(symbol, window.fromMs, window.untilMs, features)) {
      if (row.tsMs % HOUR_MS === 0)
        onProgress((row.tsMs - window.fromMs) / (window.untilMs - window.fromMs), `scoring ${isoDate(row.tsMs)}`)
      const values = Float64Array.from(places, (place) => row.values[place] ?? Number.NaN)
      if (values.some(Number.isNaN)) continue
      const score = await session.score(values)
      refuseUnlessProbable(score, `the row of ${isoTime(row.tsMs)}`)
      tsMs.push(row.tsMs)
      scores.push(score)
    }
    return { tsMs, scores }
  } finally {
    store.db.close()
  }
}

function refuseUnlessProbable(score: number, row: string): void {
  // NaN is none either.
  if (!(score >= 0 && score <= 1))
    throw new RangeError(
      `for ${row} it gives ${score}, which is not a probability: let it end with a sigmoid or a softmax`,
    )
}
