import * as z from 'zod'
import type { UnixMs } from '../engine/kernel/units.ts'
import { COMPARED_SOURCES, TIMED_SOURCES } from '../engine/shadow/source.ts'
import type { DecisionDetail } from '../evidence/decision-words.ts'
import { chainDetail } from './chain.ts'
import type { Database } from './connect.ts'
import { sqlList } from './sql-list.ts'

/** What one model did in one span of the market clock, of what history, the minute and callers asked. */
interface ComparedSpan {
  readonly fromMs: UnixMs
  readonly tried: number
  readonly errors: number
  readonly compared: number
  readonly matched: number
  readonly deltaSum: number
}

/** Something that was decided, with who decided it where the record names somebody. */
interface Decision {
  readonly atMs: UnixMs
  readonly kind: string
  readonly subject: string
  readonly detail: DecisionDetail
  readonly by: readonly string[]
  readonly reason: string | null
}

const Word = z.object({ by: z.string(), reason: z.string().optional() })
const Detail = z.object({
  model: z.string().optional(),
  step: z.string().optional(),
  action: z.string().optional(),
  subject: z.string().optional(),
  slot: z.string().nullable().optional(),
  profile: z.string().optional(),
  phase: z.number().optional(),
  split: z.number().optional(),
  status: z.string().optional(),
  decision: z.string().optional(),
  former: z.string().optional(),
  retired: z.string().optional(),
  replaced_by: z.string().optional(),
  comparisons: z.number().optional(),
  by: z.string().optional(),
  reason: z.string().nullable().optional(),
  why: z.string().nullable().optional(),
  given: z.array(Word).optional(),
  approval: z.string().optional(),
})

/** Kinds of the chain that decide nothing: reports have sections of their own for them. */
const NOT_DECISIONS = ['file', 'gate', 'alert', 'digest']

/** Sums of a model's roll-ups over spans of `stepMs`, ascending; spans without a row are left out. */
export function comparedBySpan(
  { raw }: Database,
  symbol: string,
  model: string,
  fromMs: UnixMs,
  untilMs: UnixMs,
  stepMs: number,
): ComparedSpan[] {
  return raw
    .prepare<[number, number, string, string, number, number], Omit<ComparedSpan, 'fromMs'> & { span: number }>(
      `SELECT (ts_ms - CAST(? AS INTEGER)) / CAST(? AS INTEGER) AS span, sum(tried) AS tried, sum(errors) AS errors,
              sum(compared) AS compared, sum(matched) AS matched, sum(delta_sum) AS deltaSum
       FROM rollups WHERE symbol = ? AND model = ? AND ts_ms >= ? AND ts_ms < ? AND source IN (${sqlList(COMPARED_SOURCES)})
       GROUP BY span ORDER BY span`,
    )
    .all(fromMs, stepMs, symbol, model, fromMs, untilMs)
    .map(({ span, ...sums }) => ({ fromMs: fromMs + span * stepMs, ...sums }))
}

/** Sums of every model that was compared with the one in charge in a span, by name. */
export function comparedByModel(
  { raw }: Database,
  symbol: string,
  fromMs: UnixMs,
  untilMs: UnixMs,
): { model: string; compared: number; matched: number; deltaSum: number }[] {
  return raw
    .prepare<[string, number, number], { model: string; compared: number; matched: number; deltaSum: number }>(
      `SELECT model, sum(compared) AS compared, sum(matched) AS matched, sum(delta_sum) AS deltaSum FROM rollups
       WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ? AND source IN (${sqlList(COMPARED_SOURCES)})
       GROUP BY model HAVING sum(compared) > 0 ORDER BY model`,
    )
    .all(symbol, fromMs, untilMs)
}

/** Latencies of answers that somebody waited for, one encoded histogram a row, ascending. */
export function answeredLatencies(
  { raw }: Database,
  symbol: string,
  fromMs: UnixMs,
  untilMs: UnixMs,
): { tsMs: UnixMs; histogram: Buffer }[] {
  return raw
    .prepare<[string, number, number], { tsMs: UnixMs; histogram: Buffer }>(
      `SELECT ts_ms AS tsMs, service_hist AS histogram FROM rollups
       WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ? AND source IN (${sqlList(TIMED_SOURCES)}) AND service_hist IS NOT NULL
       ORDER BY ts_ms`,
    )
    .all(symbol, fromMs, untilMs)
}

/** A settled minute that two models scored, with the one feature that the fallback scores by. */
interface PairedMinute {
  readonly label: number
  readonly candidate: number
  readonly baseline: number
  readonly variance: number
}

/** Ascending by time; read in one join, ten thousand objects fewer than a read of each model. */
export function pairedMinutes(
  { raw }: Database,
  symbol: string,
  models: { readonly candidate: string; readonly baseline: string },
  fromMs: UnixMs,
  untilMs: UnixMs,
): PairedMinute[] {
  return raw
    .prepare<[string, string, string, number, number], PairedMinute>(
      `SELECT o.label AS label, c.score AS candidate, b.score AS baseline, f.ewma_var_1m AS variance
       FROM scores c
       JOIN outcomes o ON o.symbol = c.symbol AND o.ts_ms = c.ts_ms
       JOIN scores b ON b.symbol = c.symbol AND b.ts_ms = c.ts_ms AND b.model = ?
       JOIN feature_rows f ON f.symbol = c.symbol AND f.ts_ms = c.ts_ms
       WHERE c.symbol = ? AND c.model = ? AND c.ts_ms >= ? AND c.ts_ms < ? AND f.ewma_var_1m IS NOT NULL
       ORDER BY c.ts_ms`,
    )
    .all(models.baseline, symbol, models.candidate, fromMs, untilMs)
}

const GateFact = z.object({ model: z.string(), from: z.string().nullable(), to: z.string(), reason: z.string() })

/** Changes of gates as the chain has them, ascending. */
export function gateChanges(
  db: Database,
  symbol: string,
  fromMs: UnixMs,
  untilMs: UnixMs,
): { atMs: UnixMs; gate: string; model: string; from: string | null; to: string; reason: string }[] {
  return (
    facts(db, symbol, fromMs, untilMs)
      .filter((row) => row.kind === 'gate')
      .map((row) => ({
        atMs: row.tsMs,
        gate: row.subject.slice(symbol.length + 1),
        ...chainDetail(row, GateFact),
      }))
      // The first verdict on a model changes nothing.
      .filter(({ from }) => from !== null)
  )
}

/** What was decided of a symbol, ascending: registrations, approvals, steps of a canary, promotions and what else the chain has. */
export function decisions(db: Database, symbol: string, fromMs: UnixMs, untilMs: UnixMs): Decision[] {
  const given = new Map<string, readonly string[]>()
  return facts(db, symbol, fromMs, untilMs)
    .filter((row) => !NOT_DECISIONS.includes(row.kind))
    .map((row) => {
      const detail = chainDetail(row, Detail)
      const words = detail.given ?? []
      const subject = row.subject.slice(symbol.length + 1)
      const reasons = words.flatMap(({ reason }) => (reason === undefined || reason === '' ? [] : [reason]))
      const by = [...new Set([...(detail.by === undefined ? [] : [detail.by]), ...words.map((word) => word.by)])]
      if (row.kind === 'approval') given.set(subject, by)
      return {
        atMs: row.tsMs,
        kind: row.kind,
        subject,
        detail,
        // What rests on an approval was done by those who gave it.
        by: by.length === 0 ? (given.get(detail.approval ?? '') ?? []) : by,
        reason: detail.reason ?? (reasons.length > 0 ? reasons.join('; ') : (detail.why ?? null)),
      }
    })
}

interface FactRow {
  readonly seq: number
  readonly tsMs: UnixMs
  readonly kind: string
  readonly subject: string
  readonly detail: string
}

function facts({ raw }: Database, symbol: string, fromMs: UnixMs, untilMs: UnixMs): FactRow[] {
  const prefix = `${symbol}/`
  return raw
    .prepare<[string, string, number, number], FactRow>(
      `SELECT seq, ts_ms AS tsMs, kind, subject, detail FROM chain
       WHERE subject >= ? AND subject < ? AND ts_ms >= ? AND ts_ms < ? ORDER BY seq`,
    )
    .all(prefix, `${prefix}\uffff`, fromMs, untilMs)
}
