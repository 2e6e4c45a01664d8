import { and, asc, desc, eq, gte, isNull, lt, sql, type SQL } from 'drizzle-orm'
import type { CanaryEvent } from '../engine/canary/event.ts'
import type { JudgeCounts } from '../engine/canary/readings.ts'
import type { CanaryRun } from '../engine/canary/run.ts'
import { HOUR_MS, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { COMPARED_SOURCES } from '../engine/shadow/source.ts'
import { approvalOfRow, rowOfApproval, type StoredApproval } from './approvals.ts'
import { type CanaryRunRow, rowOfRun, runOfRow } from './canary-runs.ts'
import type { Database } from './connect.ts'
import { approvals, canaryEvents, canaryRuns, promotions } from './schema-record.ts'
import { sqlList } from './sql-list.ts'
import { select } from './select.ts'
import { ofSymbol, rowWriter } from './statements.ts'
import { rowCheck } from './stored.ts'

export type PromotionRow = typeof promotions.$inferSelect

interface HourOfRun {
  readonly hourMs: UnixMs
  readonly counts: JudgeCounts & {
    readonly above80Ms: number /** With a comparison, 0 to 60. */
    readonly minutes: number
  }
}

/**
 * What takes a model live: canary runs, prompts, promotions. Readers throw an OperatorError for a row that is not as this program
 * writes rows; writers belong in a transaction, with the entry of the chain that goes with them.
 */
export interface ReleaseRepo {
  /** The newest run of a symbol, ended or not. */
  newestRun(symbol: string): CanaryRun | null
  /** The newest that has begun: neither waiting for ONAY, nor refused, withdrawn or expired. */
  newestBegun(symbol: string): CanaryRun | null
  putRun(run: CanaryRun): void
  addEvent(run: CanaryRun, event: CanaryEvent, wallMs: UnixMs): void
  approval(id: string): StoredApproval | null
  putApproval(stored: StoredApproval): void
  /** Those that wait, first asked for first. */
  waiting(): StoredApproval[]
  approvals(): StoredApproval[]
  /** A model's counts by hour from `fromMs` on, of what history, the minute and callers asked. */
  hourly(symbol: string, model: string, fromMs: UnixMs, untilMs: UnixMs): HourOfRun[]
  addPromotion(row: PromotionRow): void
  /** Ascending. */
  promotionsIn(symbol: string, fromMs: UnixMs, untilMs: UnixMs): PromotionRow[]
  newestPromotion(symbol: string): PromotionRow | null
}

// Asked for before every moment of a recording.
const WAITING = select((from) =>
  from.select().from(approvals).where(eq(approvals.state, 'waiting')).orderBy(asc(approvals.wallMs)),
)
// Asked for by whoever looks at the bake, the screen among them.
const NEWEST_PROMOTION = select((from) =>
  from
    .select()
    .from(promotions)
    .where(ofSymbol(promotions))
    .orderBy(desc(promotions.tsMs), desc(promotions.wallMs))
    .limit(1),
)

const newestRun = (where: SQL) =>
  select((from) =>
    from
      .select()
      .from(canaryRuns)
      .where(and(ofSymbol(canaryRuns), where))
      // One at a time: a run that has not ended is the newest, also where a wall clock was set back since the one before it.
      .orderBy(desc(isNull(canaryRuns.endedMs)), desc(canaryRuns.tsMs), desc(canaryRuns.wallMs))
      .limit(1),
  )
const ANY_RUN = newestRun(sql`true`)
const BEGUN_RUN = newestRun(sql`json_extract(${canaryRuns.state}, '$.kind') NOT IN ('idle', 'awaitingOnay')`)

export function releaseRepo(db: Database): ReleaseRepo {
  const { orm, raw } = db
  const waiting = WAITING(db)
  const newestPromotion = NEWEST_PROMOTION(db)
  const hourly = raw.prepare<[number, string, string, number, number], { hour: number } & HourOfRun['counts']>(
    `SELECT (ts_ms - CAST(? AS INTEGER)) / ${HOUR_MS} AS hour, sum(compared) AS comparisons, sum(matched) AS matched, sum(tried) AS tried,
            sum(errors) AS errors, sum(model_timed) AS timed, sum(model_above_80) AS above80Ms,
            sum(model_above_120) AS above120Ms, count(DISTINCT CASE WHEN compared > 0 THEN ts_ms / ${MINUTE_MS} END) AS minutes
     FROM rollups WHERE symbol = ? AND model = ? AND ts_ms >= ? AND ts_ms < ? AND source IN (${sqlList(COMPARED_SOURCES)})
     GROUP BY hour ORDER BY hour`,
  )
  const anyRun = ANY_RUN(db)
  const begunRun = BEGUN_RUN(db)
  const runOf = (row: CanaryRunRow | undefined): CanaryRun | null => (row === undefined ? null : runOfRow(row))
  const promotion = rowCheck(promotions)
  const putRun = rowWriter(db, canaryRuns, 'replace')
  const putApproval = rowWriter(db, approvals, 'replace')
  return {
    newestRun: (symbol) => runOf(anyRun.get({ symbol })),
    newestBegun: (symbol) => runOf(begunRun.get({ symbol })),
    putRun: (run) => putRun(rowOfRun(run)),
    addEvent: ({ symbol, runId }, event, wallMs) => {
      db.assertTransaction()
      const last = orm
        .select({ seq: canaryEvents.seq })
        .from(canaryEvents)
        .where(and(eq(canaryEvents.symbol, symbol), eq(canaryEvents.runId, runId)))
        .orderBy(desc(canaryEvents.seq))
        .limit(1)
        .get()
      orm
        .insert(canaryEvents)
        .values({ symbol, runId, seq: (last?.seq ?? 0) + 1, event: JSON.stringify(event), tsMs: event.atMs, wallMs })
        .run()
    },
    approval: (id) => {
      const row = orm.select().from(approvals).where(eq(approvals.id, id)).get()
      return row === undefined ? null : approvalOfRow(row)
    },
    putApproval: (stored) => putApproval(rowOfApproval(stored)),
    waiting: () => waiting.all().map(approvalOfRow),
    approvals: () => orm.select().from(approvals).orderBy(asc(approvals.wallMs)).all().map(approvalOfRow),
    hourly: (symbol, model, fromMs, untilMs) =>
      hourly
        .all(fromMs, symbol, model, fromMs, untilMs)
        .map(({ hour, ...counts }) => ({ hourMs: fromMs + hour * HOUR_MS, counts })),
    addPromotion: rowWriter(db, promotions, 'fail'),
    promotionsIn: (symbol, fromMs, untilMs) =>
      orm
        .select()
        .from(promotions)
        .where(and(eq(promotions.symbol, symbol), gte(promotions.tsMs, fromMs), lt(promotions.tsMs, untilMs)))
        .orderBy(asc(promotions.tsMs), asc(promotions.wallMs))
        .all()
        .map(promotion),
    newestPromotion: (symbol) => {
      const row = newestPromotion.get({ symbol })
      return row === undefined ? null : promotion(row)
    },
  }
}
