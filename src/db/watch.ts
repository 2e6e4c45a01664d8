import { and, asc, desc, eq, gte, isNotNull, lt, lte, type SQL } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { alertChanges, alerts, gateLog, heartbeats } from './schema-record.ts'
import { FiguresShape, GatesShape, type LoggedGate } from './shapes-room.ts'
import { select } from './select.ts'
import { deleteRows, inSpan, ofSymbol, rowWriter, selected } from './statements.ts'
import { jsonColumn, rowCheck } from './stored.ts'

type GateRow = typeof gateLog.$inferSelect

/** One evaluation of the six gates. */
type LoggedGates = Omit<GateRow, 'detail' | 'figures'> & {
  /** The gates with their reasons; null when all but the values are those of the evaluation before. */
  readonly detail: readonly LoggedGate[] | null
  readonly figures: readonly LoggedGate['value'][]
}

/** The gates with their reasons, as they were when these were last written down. */
interface WordedGates {
  readonly tsMs: UnixMs
  readonly gates: readonly LoggedGate[]
}

type AlertRow = typeof alerts.$inferSelect
export type AlertChangeRow = typeof alertChanges.$inferSelect

/**
 * What the rules and the gates said: the record that a later reader checks a decision against. Everything is written inside
 * the caller's transaction; reads throw an OperatorError where a row is not one.
 */
export interface WatchRepo {
  logGates(evaluation: LoggedGates): void
  newestGates(symbol: string): LoggedGates | null
  /** The newest of a span, `fromMs <= tsMs < untilMs`. */
  newestGatesIn(symbol: string, fromMs: UnixMs, untilMs: UnixMs): LoggedGates | null
  /** The reasons that were written down last before a moment. */
  wordsBefore(symbol: string, beforeMs: UnixMs): WordedGates | null
  /** The reasons that stand for these verdicts of a version at a moment. */
  wordsOf(symbol: string, version: string, verdicts: string, atMs: UnixMs): WordedGates | null
  /** The evaluations of a version in which a verdict changed, ascending, `fromMs <= tsMs < untilMs`. */
  verdictChanges(symbol: string, version: string, fromMs: UnixMs, untilMs: UnixMs): { tsMs: UnixMs; verdicts: string }[]
  /** The evaluations of a version, ascending, `fromMs <= tsMs < untilMs`; of two at the same moment the later one. */
  evaluationsOf(symbol: string, version: string, fromMs: UnixMs, untilMs: UnixMs): LoggedGates[]
  alerts(symbol: string): AlertRow[]
  putAlert(row: AlertRow): void
  clearAlert(symbol: string, rule: string): void
  logAlertChange(row: AlertChangeRow): void
  alertChanges(symbol: string, fromMs: UnixMs, untilMs: UnixMs): AlertChangeRow[]
  heartbeats(symbol: string, untilAfterMs: UnixMs): { fromMs: UnixMs; untilMs: UnixMs }[]
  putHeartbeat(symbol: string, fromMs: UnixMs, untilMs: UnixMs): void
}

const NEWEST_GATES = select((from) =>
  from.select().from(gateLog).where(ofSymbol(gateLog)).orderBy(desc(gateLog.tsMs), desc(gateLog.round)).limit(1),
)
const ALERTS = select((from) => from.select().from(alerts).where(ofSymbol(alerts)))
const CHANGES = select((from) => from.select().from(alertChanges).where(inSpan(alertChanges)))

export function watchRepo(db: Database): WatchRepo {
  const { orm, raw } = db
  const checkGates = rowCheck(gateLog)
  const checkAlert = rowCheck(alerts)
  const checkChange = rowCheck(alertChanges)
  const checkBeat = rowCheck(heartbeats)
  const detail = jsonColumn(gateLog, 'detail', GatesShape)
  const figures = jsonColumn(gateLog, 'figures', FiguresShape)
  const gatesOf = (row: GateRow): LoggedGates => ({
    ...checkGates(row),
    detail: row.detail === null ? null : detail.value(row),
    figures: figures.value(row),
  })
  const newest = (where: SQL | undefined): GateRow | undefined =>
    orm.select().from(gateLog).where(where).orderBy(desc(gateLog.tsMs), desc(gateLog.round)).limit(1).get()
  const newestGates = (where: SQL | undefined): LoggedGates | null => {
    const row = newest(where)
    return row === undefined ? null : gatesOf(row)
  }
  const newestWords = (where: SQL | undefined): WordedGates | null => {
    const row = newest(and(where, isNotNull(gateLog.detail)))
    return row === undefined ? null : { tsMs: checkGates(row).tsMs, gates: detail.value(row) }
  }
  const newestOf = NEWEST_GATES(db)
  const firing = ALERTS(db)
  const changes = CHANGES(db)
  const logGates = rowWriter(db, gateLog, 'keep')
  const heartbeat = rowWriter(db, heartbeats, 'replace')
  // Asked for each minute of a room's first day, while its gates are judged.
  const heartbeatsAfter = raw.prepare<[string, UnixMs], { fromMs: UnixMs; untilMs: UnixMs }>(
    `SELECT ${selected(heartbeats, ['fromMs', 'untilMs'])} FROM heartbeats WHERE symbol = ? AND until_ms > ?`,
  )
  return {
    logGates: (evaluation) => {
      const words = evaluation.detail === null ? null : detail.text(evaluation.detail)
      logGates({ ...evaluation, detail: words, figures: figures.text(evaluation.figures) })
    },
    newestGates: (symbol) => {
      const row = newestOf.get({ symbol })
      return row === undefined ? null : gatesOf(row)
    },
    wordsBefore: (symbol, beforeMs) => newestWords(and(eq(gateLog.symbol, symbol), lt(gateLog.tsMs, beforeMs))),
    wordsOf: (symbol, version, verdicts, atMs) =>
      newestWords(
        and(
          eq(gateLog.symbol, symbol),
          eq(gateLog.model, version),
          eq(gateLog.verdicts, verdicts),
          lte(gateLog.tsMs, atMs),
        ),
      ),
    newestGatesIn: (symbol, from, until) =>
      newestGates(and(eq(gateLog.symbol, symbol), gte(gateLog.tsMs, from), lt(gateLog.tsMs, until))),
    verdictChanges: (symbol, version, from, until) =>
      orm
        .select()
        .from(gateLog)
        .where(
          and(
            eq(gateLog.symbol, symbol),
            eq(gateLog.model, version),
            gte(gateLog.tsMs, from),
            lt(gateLog.tsMs, until),
            isNotNull(gateLog.detail),
          ),
        )
        .orderBy(asc(gateLog.tsMs), asc(gateLog.round))
        .all()
        .map(checkGates),
    evaluationsOf: (symbol, version, from, until) =>
      orm
        .select()
        .from(gateLog)
        .where(
          and(eq(gateLog.symbol, symbol), eq(gateLog.model, version), gte(gateLog.tsMs, from), lt(gateLog.tsMs, until)),
        )
        .orderBy(asc(gateLog.tsMs), asc(gateLog.round))
        .all()
        .filter(({ tsMs }, i, rows) => rows[i + 1]?.tsMs !== tsMs)
        .map(gatesOf),
    alerts: (symbol) => firing.all({ symbol }).map(checkAlert),
    putAlert: rowWriter(db, alerts, 'replace'),
    clearAlert: (symbol, rule) => deleteRows(db, alerts, and(eq(alerts.symbol, symbol), eq(alerts.rule, rule))),
    logAlertChange: rowWriter(db, alertChanges, 'keep'),
    alertChanges: (symbol, from, until) => changes.all({ symbol, from, until }).map(checkChange),
    heartbeats: (symbol, after) => heartbeatsAfter.all(symbol, after).map(checkBeat),
    putHeartbeat: (symbol, fromMs, untilMs) => heartbeat({ symbol, fromMs, untilMs }),
  }
}
