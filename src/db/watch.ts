import { and, count, desc, eq, gt, gte, inArray, lt, lte, notInArray, sql } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { alertChanges, alerts, gateLog, heartbeats } from './schema-record.ts'

export type GateLogRow = typeof gateLog.$inferSelect
export type AlertRow = typeof alerts.$inferSelect
export type AlertChangeRow = typeof alertChanges.$inferSelect

/** What the rules and the gates said: the record that a later reader checks a decision against. */
export interface WatchRepo {
  logGates(row: GateLogRow): void
  newestGates(symbol: string): GateLogRow | null
  gatesBetween(symbol: string, fromMs: UnixMs, untilMs: UnixMs): GateLogRow[]
  alerts(symbol: string): AlertRow[]
  putAlert(row: AlertRow): void
  clearAlert(symbol: string, rule: string): void
  logAlertChange(row: AlertChangeRow): void
  alertChanges(symbol: string, fromMs: UnixMs, untilMs: UnixMs): AlertChangeRow[]
  /** Fired changes with `fromMs < tsMs <= untilMs` of these severities, these rules apart. */
  countFired(
    symbol: string,
    fromMs: UnixMs,
    untilMs: UnixMs,
    severities: readonly string[],
    except: readonly string[],
  ): number
  heartbeats(symbol: string, untilAfterMs: UnixMs): { fromMs: UnixMs; untilMs: UnixMs }[]
  putHeartbeat(symbol: string, fromMs: UnixMs, untilMs: UnixMs): void
}

export function watchRepo(db: Database): WatchRepo {
  const { orm } = db
  const place = sql.placeholder
  const logGates = orm
    .insert(gateLog)
    .values({
      symbol: place('symbol'),
      tsMs: place('tsMs'),
      round: place('round'),
      model: place('model'),
      verdicts: place('verdicts'),
      detail: place('detail'),
      figures: place('figures'),
      outcome: place('outcome'),
      wallMs: place('wallMs'),
    })
    .onConflictDoNothing()
    .prepare()
  const heartbeat = orm
    .insert(heartbeats)
    .values({ symbol: place('symbol'), fromMs: place('fromMs'), untilMs: place('untilMs') })
    .onConflictDoUpdate({ target: [heartbeats.symbol, heartbeats.fromMs], set: { untilMs: sql`excluded.until_ms` } })
    .prepare()
  return {
    logGates: (row) => {
      logGates.run({ ...row })
    },
    newestGates: (symbol) =>
      orm
        .select()
        .from(gateLog)
        .where(eq(gateLog.symbol, symbol))
        .orderBy(desc(gateLog.tsMs), desc(gateLog.round))
        .limit(1)
        .get() ?? null,
    gatesBetween: (symbol, from, until) =>
      orm
        .select()
        .from(gateLog)
        .where(and(eq(gateLog.symbol, symbol), gte(gateLog.tsMs, from), lt(gateLog.tsMs, until)))
        .all(),
    alerts: (symbol) => orm.select().from(alerts).where(eq(alerts.symbol, symbol)).all(),
    putAlert: (row) => {
      orm
        .insert(alerts)
        .values(row)
        .onConflictDoUpdate({ target: [alerts.symbol, alerts.rule], set: row })
        .run()
    },
    clearAlert: (symbol, rule) => {
      orm
        .delete(alerts)
        .where(and(eq(alerts.symbol, symbol), eq(alerts.rule, rule)))
        .run()
    },
    logAlertChange: (row) => {
      orm.insert(alertChanges).values(row).onConflictDoNothing().run()
    },
    alertChanges: (symbol, from, until) =>
      orm
        .select()
        .from(alertChanges)
        .where(and(eq(alertChanges.symbol, symbol), gte(alertChanges.tsMs, from), lt(alertChanges.tsMs, until)))
        .all(),
    countFired: (symbol, from, until, severities, except) =>
      orm
        .select({ n: count() })
        .from(alertChanges)
        .where(
          and(
            eq(alertChanges.symbol, symbol),
            eq(alertChanges.change, 'fired'),
            gt(alertChanges.tsMs, from),
            lte(alertChanges.tsMs, until),
            inArray(alertChanges.severity, [...severities]),
            notInArray(alertChanges.rule, [...except]),
          ),
        )
        .get()?.n ?? 0,
    heartbeats: (symbol, after) =>
      orm
        .select({ fromMs: heartbeats.fromMs, untilMs: heartbeats.untilMs })
        .from(heartbeats)
        .where(and(eq(heartbeats.symbol, symbol), gt(heartbeats.untilMs, after)))
        .all(),
    putHeartbeat: (symbol, fromMs, untilMs) => {
      heartbeat.run({ symbol, fromMs, untilMs })
    },
  }
}
