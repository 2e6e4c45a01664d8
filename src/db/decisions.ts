import { asc } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { RecordedGate } from '../evidence/record-page.ts'
import type { Database } from './connect.ts'
import type { ModelRow, SlotRow } from './models.ts'
import type { ApprovalRow } from './approvals.ts'
import type { CanaryRunRow } from './canary-runs.ts'
import type { PromotionRow } from './release.ts'
import { approvals, canaryRuns, models, promotions, slots } from './schema-record.ts'

/** Everything that the tables say was decided, of every symbol: what the chain is compared with. */
export interface DecisionRows {
  readonly approvals: readonly ApprovalRow[]
  readonly promotions: readonly PromotionRow[]
  readonly runs: readonly CanaryRunRow[]
  readonly models: readonly ModelRow[]
  readonly slots: readonly SlotRow[]
}

export function decisionRows({ orm }: Database): DecisionRows {
  return {
    approvals: orm.select().from(approvals).orderBy(asc(approvals.tsMs), asc(approvals.id)).all(),
    promotions: orm.select().from(promotions).orderBy(asc(promotions.tsMs), asc(promotions.wallMs)).all(),
    runs: orm.select().from(canaryRuns).orderBy(asc(canaryRuns.tsMs), asc(canaryRuns.runId)).all(),
    models: orm.select().from(models).orderBy(asc(models.tsMs), asc(models.version)).all(),
    slots: orm.select().from(slots).all(),
  }
}

export interface GatesThen {
  readonly tsMs: UnixMs
  readonly outcome: string
  readonly gates: readonly RecordedGate[]
}

interface LogRow {
  readonly tsMs: number
  readonly verdicts: string
  readonly figures: string
  readonly outcome: string
}

/**
 * The six gates as they were last judged for a version at or before a moment; null when they never were. Reasons are those
 * of the evaluation in which a verdict last changed, values are the moment's own.
 */
export function gatesAt({ raw }: Database, symbol: string, version: string, atMs: UnixMs): GatesThen | null {
  const row = raw
    .prepare<[string, string, number], LogRow>(
      `SELECT ts_ms AS tsMs, verdicts, figures, outcome FROM gate_log
       WHERE symbol = ? AND model = ? AND ts_ms <= ? ORDER BY ts_ms DESC, round DESC LIMIT 1`,
    )
    .get(symbol, version, atMs)
  if (row === undefined) return null
  const detail = raw
    .prepare<[string, string, number, string], string>(
      `SELECT detail FROM gate_log WHERE symbol = ? AND model = ? AND ts_ms <= ? AND verdicts = ? AND detail IS NOT NULL
       ORDER BY ts_ms DESC, round DESC LIMIT 1`,
    )
    .pluck()
    .get(symbol, version, row.tsMs, row.verdicts)
  const values = JSON.parse(row.figures) as unknown[]
  const gates = detail === undefined ? [] : (JSON.parse(detail) as RecordedGate[])
  return {
    tsMs: row.tsMs,
    outcome: row.outcome,
    gates: gates.map((gate, i) => ({ ...gate, value: values[i] ?? null })),
  }
}
