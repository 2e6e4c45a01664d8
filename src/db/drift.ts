import { and, asc, desc, eq, gt, gte, lte, lt, sql } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { DriftDocument, PsiDocument } from '../evidence/documents/documents.ts'
import type { Database } from './connect.ts'
import { driftChecks, driftCounts, psiSnapshots } from './schema-market.ts'
import { DriftShape, PsiShape } from './shapes-reports.ts'
import { CountsShape } from './shapes-room.ts'
import { select } from './select.ts'
import { deleteRows, ofSymbol, rowWriter } from './statements.ts'
import { jsonColumn, rowCheck } from './stored.ts'

interface HourOfCounts {
  readonly hourMs: UnixMs
  readonly n: number
  readonly counts: Readonly<Record<string, readonly number[]>>
}

/** What drift of a model came to at a moment. */
interface Snapshot {
  readonly tsMs: UnixMs
  readonly document: PsiDocument
}

/** Drift by hour and model. Reads throw an OperatorError where a row is not one. */
export interface DriftRepo {
  /** Inside the caller's transaction. */
  putHour(symbol: string, model: string, hour: HourOfCounts): void
  hours(symbol: string, model: string, fromMs: UnixMs): HourOfCounts[]
  /** Inside the caller's transaction. */
  putSnapshot(snapshot: Snapshot, wallMs: number): void
  /** Ascending, `fromMs <= tsMs <= untilMs`. */
  snapshots(symbol: string, model: string, fromMs: UnixMs, untilMs: UnixMs): Snapshot[]
  /** The overall figure of one moment's snapshot; null without one, and while its window was not full. */
  overallAt(symbol: string, model: string, tsMs: UnixMs): { readonly overall: number | null } | null
  newestSnapshot(symbol: string, model: string): Snapshot | null
  countSnapshots(symbol: string): number
  /** Inside the caller's transaction. */
  putCheck(document: DriftDocument, wallMs: number): void
  /** So many of the newest of a model, ascending. */
  newestChecks(symbol: string, model: string, count: number): DriftDocument[]
  /** Of every model, `fromMs < tsMs <= untilMs`, ascending. */
  checks(symbol: string, fromMs: UnixMs, untilMs: UnixMs): DriftDocument[]
  /** How many of a model's checks found critical drift, `fromMs < tsMs <= untilMs`. */
  criticalChecks(symbol: string, model: string, fromMs: UnixMs, untilMs: UnixMs): number
  /** Removes checks before a moment. Inside the caller's transaction. @returns how many */
  pruneChecks(symbol: string, beforeMs: UnixMs): number
  /** Removes hours that no window can reach any more. Inside the caller's transaction. */
  dropHoursBefore(symbol: string, beforeMs: UnixMs): void
}

const place = sql.placeholder
const ofModel = and(ofSymbol(psiSnapshots), eq(psiSnapshots.model, place('model')))
const HOURS = select((from) =>
  from
    .select()
    .from(driftCounts)
    .where(and(ofSymbol(driftCounts), eq(driftCounts.model, place('model')), gte(driftCounts.hourMs, place('from'))))
    .orderBy(asc(driftCounts.hourMs)),
)
const SNAPSHOTS = select((from) =>
  from
    .select()
    .from(psiSnapshots)
    .where(and(ofModel, gte(psiSnapshots.tsMs, place('from')), lte(psiSnapshots.tsMs, place('until'))))
    .orderBy(asc(psiSnapshots.tsMs)),
)
const BETWEEN = select((from) =>
  from
    .select()
    .from(driftChecks)
    .where(and(ofSymbol(driftChecks), gt(driftChecks.tsMs, place('from')), lte(driftChecks.tsMs, place('until'))))
    .orderBy(asc(driftChecks.tsMs), asc(driftChecks.model)),
)
const CHECKS = select((from) =>
  from
    .select()
    .from(driftChecks)
    .where(and(ofSymbol(driftChecks), eq(driftChecks.model, place('model'))))
    .orderBy(desc(driftChecks.tsMs))
    .limit(place('count')),
)
const NEWEST = select((from) =>
  from.select().from(psiSnapshots).where(ofModel).orderBy(desc(psiSnapshots.tsMs)).limit(1),
)

export function driftRepo(db: Database): DriftRepo {
  const { raw } = db
  const checkHour = rowCheck(driftCounts)
  const counts = jsonColumn(driftCounts, 'counts', CountsShape)
  const check = rowCheck(psiSnapshots)
  const document = jsonColumn(psiSnapshots, 'document', PsiShape)
  const putHour = rowWriter(db, driftCounts, 'replace')
  const putSnapshot = rowWriter(db, psiSnapshots, 'replace')
  const hours = HOURS(db)
  const snapshots = SNAPSHOTS(db)
  const putCheck = rowWriter(db, driftChecks, 'replace')
  const checkCheck = rowCheck(driftChecks)
  const checked = jsonColumn(driftChecks, 'document', DriftShape)
  const between = BETWEEN(db)
  const checks = CHECKS(db)
  const documentOf = (row: typeof driftChecks.$inferSelect): DriftDocument => {
    checkCheck(row)
    return checked.value(row)
  }
  const newest = NEWEST(db)
  // Asked for with every snapshot, a day later: its document need not be read for it.
  const overallAt = raw.prepare<[string, string, UnixMs], { verdict: string; overall: number | null }>(
    'SELECT verdict, overall FROM psi_snapshots WHERE symbol = ? AND model = ? AND ts_ms = ?',
  )
  const count = raw.prepare<[string], { n: number }>('SELECT count(*) AS n FROM psi_snapshots WHERE symbol = ?')
  const critical = raw.prepare<[string, string, UnixMs, UnixMs], { n: number }>(
    "SELECT count(*) AS n FROM drift_checks WHERE symbol = ? AND model = ? AND ts_ms > ? AND ts_ms <= ? AND verdict = 'critical'",
  )
  const snapshotOf = (row: typeof psiSnapshots.$inferSelect): Snapshot => ({
    tsMs: check(row).tsMs,
    document: document.value(row),
  })
  return {
    putHour: (symbol, model, { hourMs, n, counts: rows }) =>
      putHour({ symbol, model, hourMs, n, counts: counts.text(rows) }),
    hours: (symbol, model, from) =>
      hours.all({ symbol, model, from }).map((row) => {
        const { hourMs, n } = checkHour(row)
        return { hourMs, n, counts: counts.value(row) }
      }),
    putSnapshot: ({ tsMs, document: psi }, wallMs) => {
      const { symbol, model, overall_psi: overall, verdict, level } = psi
      putSnapshot({ symbol, model, tsMs, overall, verdict, level, document: document.text(psi), wallMs })
    },
    snapshots: (symbol, model, from, until) => snapshots.all({ symbol, model, from, until }).map(snapshotOf),
    overallAt: (symbol, model, tsMs) => {
      const row = overallAt.get(symbol, model, tsMs)
      return row === undefined || check(row).verdict === 'WAIT' ? null : { overall: row.overall }
    },
    newestSnapshot: (symbol, model) => {
      const row = newest.get({ symbol, model })
      return row === undefined ? null : snapshotOf(row)
    },
    putCheck: (drift, wallMs) => {
      const { symbol, model, verdict } = drift
      putCheck({ symbol, model, tsMs: Date.parse(drift.at), verdict, document: checked.text(drift), wallMs })
    },
    checks: (symbol, from, until) => between.all({ symbol, from, until }).map(documentOf),
    newestChecks: (symbol, model, count) => checks.all({ symbol, model, count }).reverse().map(documentOf),
    criticalChecks: (symbol, model, from, until) => critical.get(symbol, model, from, until)?.n ?? 0,
    pruneChecks: (symbol, beforeMs) =>
      deleteRows(db, driftChecks, and(eq(driftChecks.symbol, symbol), lt(driftChecks.tsMs, beforeMs))),
    countSnapshots: (symbol) => count.get(symbol)?.n ?? 0,
    dropHoursBefore: (symbol, beforeMs) =>
      deleteRows(db, driftCounts, and(eq(driftCounts.symbol, symbol), lt(driftCounts.hourMs, beforeMs))),
  }
}
