import { and, asc, desc, eq, isNull } from 'drizzle-orm'
import { HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'
import { COMPARED_SOURCES } from '../engine/shadow/source.ts'
import type { Database } from './connect.ts'
import { approvals, canaryEvents, canaryRuns, promotions } from './schema-record.ts'
import { sqlList } from './sql-list.ts'

export type CanaryRunRow = typeof canaryRuns.$inferSelect
export type ApprovalRow = typeof approvals.$inferSelect
export type PromotionRow = typeof promotions.$inferSelect

export interface HourOfRun {
  readonly hourMs: UnixMs
  readonly counts: {
    readonly comparisons: number
    readonly matched: number
    readonly tried: number
    readonly errors: number
    readonly timed: number
    readonly above120Ms: number
  }
}

/** What takes a model live: canary runs, prompts, promotions. */
export interface ReleaseRepo {
  /** The newest run of a symbol, ended or not. */
  newestRun(symbol: string): CanaryRunRow | null
  putRun(row: CanaryRunRow): void
  addEvent(symbol: string, runId: string, event: string, tsMs: UnixMs, wallMs: number): void
  events(symbol: string, runId: string): { seq: number; event: string; tsMs: UnixMs }[]
  openRuns(): CanaryRunRow[]
  approval(id: string): ApprovalRow | null
  putApproval(row: ApprovalRow): void
  /** Waiting ones first asked for first. */
  waiting(): ApprovalRow[]
  approvals(): ApprovalRow[]
  /** A model's counts by hour from `fromMs` on, of what history, the minute and callers asked. */
  hourly(symbol: string, model: string, fromMs: UnixMs, untilMs: UnixMs): HourOfRun[]
  addPromotion(row: PromotionRow): void
  newestPromotion(symbol: string): PromotionRow | null
}

export function releaseRepo(db: Database): ReleaseRepo {
  const { orm, raw } = db
  // Asked for before every moment of a recording.
  const waiting = orm
    .select()
    .from(approvals)
    .where(eq(approvals.state, 'waiting'))
    .orderBy(asc(approvals.wallMs))
    .prepare()
  const hourly = raw.prepare<[number, string, string, number, number], { hour: number } & HourOfRun['counts']>(
    `SELECT (ts_ms - CAST(? AS INTEGER)) / ${HOUR_MS} AS hour, sum(compared) AS comparisons, sum(matched) AS matched, sum(tried) AS tried,
            sum(errors) AS errors, sum(model_timed) AS timed, sum(model_above_120) AS above120Ms
     FROM rollups WHERE symbol = ? AND model = ? AND ts_ms >= ? AND ts_ms < ? AND source IN (${sqlList(COMPARED_SOURCES)})
     GROUP BY hour ORDER BY hour`,
  )
  return {
    newestRun: (symbol) =>
      orm
        .select()
        .from(canaryRuns)
        .where(eq(canaryRuns.symbol, symbol))
        .orderBy(desc(canaryRuns.tsMs), desc(canaryRuns.wallMs))
        .limit(1)
        .get() ?? null,
    putRun: (row) => {
      orm
        .insert(canaryRuns)
        .values(row)
        .onConflictDoUpdate({ target: [canaryRuns.symbol, canaryRuns.runId], set: row })
        .run()
    },
    addEvent: (symbol, runId, event, tsMs, wallMs) => {
      const last = orm
        .select({ seq: canaryEvents.seq })
        .from(canaryEvents)
        .where(and(eq(canaryEvents.symbol, symbol), eq(canaryEvents.runId, runId)))
        .orderBy(desc(canaryEvents.seq))
        .limit(1)
        .get()
      orm
        .insert(canaryEvents)
        .values({ symbol, runId, seq: (last?.seq ?? 0) + 1, event, tsMs, wallMs })
        .run()
    },
    events: (symbol, runId) =>
      orm
        .select({ seq: canaryEvents.seq, event: canaryEvents.event, tsMs: canaryEvents.tsMs })
        .from(canaryEvents)
        .where(and(eq(canaryEvents.symbol, symbol), eq(canaryEvents.runId, runId)))
        .orderBy(asc(canaryEvents.seq))
        .all(),
    openRuns: () => orm.select().from(canaryRuns).where(isNull(canaryRuns.endedMs)).all(),
    approval: (id) => orm.select().from(approvals).where(eq(approvals.id, id)).get() ?? null,
    putApproval: (row) => {
      orm
        .insert(approvals)
        .values(row)
        .onConflictDoUpdate({ target: [approvals.symbol, approvals.id], set: row })
        .run()
    },
    waiting: () => waiting.all(),
    approvals: () => orm.select().from(approvals).orderBy(asc(approvals.wallMs)).all(),
    hourly: (symbol, model, fromMs, untilMs) =>
      hourly
        .all(fromMs, symbol, model, fromMs, untilMs)
        .map(({ hour, ...counts }) => ({ hourMs: fromMs + hour * HOUR_MS, counts })),
    addPromotion: (row) => {
      orm.insert(promotions).values(row).run()
    },
    newestPromotion: (symbol) =>
      orm
        .select()
        .from(promotions)
        .where(eq(promotions.symbol, symbol))
        .orderBy(desc(promotions.tsMs), desc(promotions.wallMs))
        .limit(1)
        .get() ?? null,
  }
}
