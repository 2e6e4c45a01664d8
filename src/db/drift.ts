import { and, asc, desc, eq, gte, lte, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { driftCounts, psiSnapshots } from './schema-market.ts'

const Counts = z.record(z.string(), z.array(z.number()))

export interface HourOfCounts {
  readonly hourMs: UnixMs
  readonly n: number
  readonly counts: Record<string, number[]>
}

export interface SnapshotRow {
  readonly tsMs: UnixMs
  readonly overall: number | null
  readonly verdict: string
  readonly document: string
}

export interface DriftRepo {
  putHour(
    symbol: string,
    model: string,
    hour: { hourMs: UnixMs; n: number; counts: Readonly<Record<string, readonly number[]>> },
  ): void
  hours(symbol: string, model: string, fromMs: UnixMs): HourOfCounts[]
  putSnapshot(row: typeof psiSnapshots.$inferInsert): void
  /** Ascending, `fromMs <= tsMs <= untilMs`. */
  snapshots(symbol: string, model: string, fromMs: UnixMs, untilMs: UnixMs): SnapshotRow[]
  newestSnapshot(symbol: string, model: string): SnapshotRow | null
  countSnapshots(symbol: string): number
}

export function driftRepo(db: Database): DriftRepo {
  const { orm, raw } = db
  const place = sql.placeholder
  const putHour = orm
    .insert(driftCounts)
    .values({
      symbol: place('symbol'),
      model: place('model'),
      hourMs: place('hourMs'),
      n: place('n'),
      counts: place('counts'),
    })
    .onConflictDoUpdate({
      target: [driftCounts.symbol, driftCounts.model, driftCounts.hourMs],
      set: { n: sql`excluded.n`, counts: sql`excluded.counts` },
    })
    .prepare()
  const hours = orm
    .select({ hourMs: driftCounts.hourMs, n: driftCounts.n, counts: driftCounts.counts })
    .from(driftCounts)
    .where(
      and(
        eq(driftCounts.symbol, place('symbol')),
        eq(driftCounts.model, place('model')),
        gte(driftCounts.hourMs, place('from')),
      ),
    )
    .orderBy(asc(driftCounts.hourMs))
    .prepare()
  const fields = {
    tsMs: psiSnapshots.tsMs,
    overall: psiSnapshots.overall,
    verdict: psiSnapshots.verdict,
    document: psiSnapshots.document,
  }
  const ofModel = and(eq(psiSnapshots.symbol, place('symbol')), eq(psiSnapshots.model, place('model')))
  const snapshots = orm
    .select(fields)
    .from(psiSnapshots)
    .where(and(ofModel, gte(psiSnapshots.tsMs, place('from')), lte(psiSnapshots.tsMs, place('until'))))
    .orderBy(asc(psiSnapshots.tsMs))
    .prepare()
  const newest = orm
    .select(fields)
    .from(psiSnapshots)
    .where(ofModel)
    .orderBy(desc(psiSnapshots.tsMs))
    .limit(1)
    .prepare()
  const count = raw.prepare<[string], { n: number }>('SELECT count(*) AS n FROM psi_snapshots WHERE symbol = ?')
  return {
    putHour: (symbol, model, hour) => {
      putHour.run({ symbol, model, hourMs: hour.hourMs, n: hour.n, counts: JSON.stringify(hour.counts) })
    },
    hours: (symbol, model, from) =>
      hours.all({ symbol, model, from }).map((row) => ({ ...row, counts: Counts.parse(JSON.parse(row.counts)) })),
    putSnapshot: (row) => {
      orm
        .insert(psiSnapshots)
        .values(row)
        .onConflictDoUpdate({ target: [psiSnapshots.symbol, psiSnapshots.model, psiSnapshots.tsMs], set: row })
        .run()
    },
    snapshots: (symbol, model, from, until) => snapshots.all({ symbol, model, from, until }),
    newestSnapshot: (symbol, model) => newest.get({ symbol, model }) ?? null,
    countSnapshots: (symbol) => count.get(symbol)?.n ?? 0,
  }
}

/** Hours that no window can reach any more. */
export function dropHoursBefore(db: Database, symbol: string, beforeMs: UnixMs): void {
  db.orm
    .delete(driftCounts)
    .where(and(eq(driftCounts.symbol, symbol), lt(driftCounts.hourMs, beforeMs)))
    .run()
}
