import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { rollups } from './schema-market.ts'
import { rowWriter, selected } from './statements.ts'
import { rowCheck } from './stored.ts'

export type RollupRow = typeof rollups.$inferSelect

const COUNTS = ['model', 'source', 'requests', 'tried', 'errors', 'compared', 'matched', 'deltaSum'] as const

export type RollupCounts = Pick<RollupRow, (typeof COUNTS)[number]>

/** What a model was seen to do in a minute: on the room's own row, or for callers. */
export interface ComparedRow {
  readonly tsMs: UnixMs
  readonly isOwn: boolean
  readonly tried: number
  readonly errors: number
  readonly compared: number
  readonly matched: number
  readonly timed: number
  readonly above80: number
  readonly above120: number
}

/** Sums by minute, model, source and canary phase. */
export interface RollupRepo {
  /** Writes the minute's row, over what stood there. Inside the caller's transaction. */
  put(row: RollupRow): void
  /** @throws OperatorError where a row is not one */
  between(symbol: string, fromMs: UnixMs, untilMs: UnixMs): RollupRow[]
  /** Of one phase of a canary. @throws OperatorError where a row is not one */
  ofPhase(symbol: string, phase: string, fromMs: UnixMs, untilMs: UnixMs): RollupRow[]
  /** Of the same rows what a report sums up: a day has thousands, and whole ones cost five times as much. */
  countsBetween(symbol: string, fromMs: UnixMs, untilMs: UnixMs): RollupCounts[]
  /** How a model did beside the one in charge, ascending, probes left out; a minute has a row for each of the two, where it was tried. */
  compared(symbol: string, model: string, fromMs: UnixMs, untilMs: UnixMs): ComparedRow[]
  /** How the room itself scored each minute, by model and minute: `minute` or `history`. */
  ownMinutes(symbol: string, fromMs: UnixMs, untilMs: UnixMs): Map<string, Map<UnixMs, string>>
}

export function rollupRepo(db: Database): RollupRepo {
  const check = rowCheck(rollups)
  // Read without drizzle, which costs more a row than SQLite does.
  const span = 'FROM rollups WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms'
  const between = db.raw.prepare<[string, UnixMs, UnixMs], RollupRow>(`SELECT ${selected(rollups)} ${span}`)
  const ofPhase = db.raw.prepare<[string, string, UnixMs, UnixMs], RollupRow>(
    `SELECT ${selected(rollups)} FROM rollups WHERE symbol = ? AND phase = ? AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms`,
  )
  const counts = db.raw.prepare<[string, UnixMs, UnixMs], RollupCounts>(`SELECT ${selected(rollups, COUNTS)} ${span}`)
  const own = db.raw
    .prepare<[string, UnixMs, UnixMs], readonly [string, UnixMs, string]>(
      `SELECT model, ts_ms, source FROM rollups
       WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ? AND source IN ('minute', 'history')`,
    )
    .raw(true)
  const compared = db.raw
    .prepare<
      [string, UnixMs, UnixMs, string],
      readonly [number, number, number, number, number, number, number, number, number]
    >(
      `SELECT ts_ms, source <> 'caller' AS own, sum(tried), sum(errors), sum(compared), sum(matched),
              sum(model_timed), sum(model_above_80), sum(model_above_120)
       FROM rollups WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ? AND model = ? AND source IN ('history', 'minute', 'caller')
       GROUP BY ts_ms, own HAVING sum(tried) > 0 ORDER BY ts_ms, own`,
    )
    .raw(true)
  return {
    put: rowWriter(db, rollups, 'replace'),
    compared: (symbol, model, from, until) =>
      compared
        .all(symbol, from, until, model)
        .map(([tsMs, own, tried, errors, matchable, matched, timed, above80, above120]) => ({
          tsMs,
          isOwn: own === 1,
          tried,
          errors,
          compared: matchable,
          matched,
          timed,
          above80,
          above120,
        })),
    between: (symbol, from, until) => between.all(symbol, from, until).map(check),
    ofPhase: (symbol, phase, from, until) => ofPhase.all(symbol, phase, from, until).map(check),
    countsBetween: (symbol, from, until) => counts.all(symbol, from, until).map(check),
    ownMinutes: (symbol, from, until) => {
      const byModel = new Map<string, Map<UnixMs, string>>()
      for (const [model, tsMs, source] of own.all(symbol, from, until)) {
        const minutes = byModel.get(model) ?? new Map<UnixMs, string>()
        byModel.set(model, minutes.set(tsMs, source))
      }
      return byModel
    },
  }
}
