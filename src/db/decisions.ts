import { asc, like } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { KILL_KEY } from './facts.ts'
import type { ChallengerRow, ModelRow, SlotRow } from './models.ts'
import type { ApprovalRow } from './approvals.ts'
import type { CanaryRunRow } from './canary-runs.ts'
import type { PromotionRow } from './release.ts'
import type { ReportRow } from './reports.ts'
import type { TokenRow } from './access.ts'
import type { ActiveArmRow, SetNameRow, SetRow } from './sets.ts'
import { activeArms, modelSets, setNames } from './schema-sets.ts'
import { challengers } from './schema-trading.ts'
import { approvals, canaryRuns, meta, models, promotions, reports, slots, tokens } from './schema-record.ts'

/**
 * Everything that the tables say was decided, of every symbol, as it stands in the rows and unchecked: what the chain is
 * compared with, which names a row that is not as it was.
 */
export interface DecisionRows {
  readonly approvals: readonly ApprovalRow[]
  readonly promotions: readonly PromotionRow[]
  readonly runs: readonly CanaryRunRow[]
  readonly models: readonly ModelRow[]
  readonly slots: readonly SlotRow[]
  readonly reports: readonly ReportRow[]
  readonly tokens: readonly TokenRow[]
  readonly modelSets: readonly SetRow[]
  readonly setNames: readonly SetNameRow[]
  readonly activeArms: readonly ActiveArmRow[]
  readonly challengers: readonly ChallengerRow[]
  /** Of each market whose kill switch was ever touched: what its row says. */
  readonly kills: readonly (readonly [symbol: string, text: string])[]
}

export function decisionRows({ orm }: Database): DecisionRows {
  return {
    approvals: orm.select().from(approvals).orderBy(asc(approvals.tsMs), asc(approvals.id)).all(),
    promotions: orm.select().from(promotions).orderBy(asc(promotions.tsMs), asc(promotions.wallMs)).all(),
    runs: orm.select().from(canaryRuns).orderBy(asc(canaryRuns.tsMs), asc(canaryRuns.runId)).all(),
    models: orm.select().from(models).orderBy(asc(models.tsMs), asc(models.version)).all(),
    slots: orm.select().from(slots).all(),
    reports: orm.select().from(reports).all(),
    tokens: orm.select().from(tokens).all(),
    modelSets: orm.select().from(modelSets).all(),
    setNames: orm.select().from(setNames).all(),
    activeArms: orm.select().from(activeArms).all(),
    challengers: orm.select().from(challengers).all(),
    kills: killRows(orm),
  }
}

function killRows(orm: Database['orm']): DecisionRows['kills'] {
  const rows = orm
    .select()
    .from(meta)
    .where(like(meta.key, `${KILL_KEY}:%`))
    .all()
  return rows.map(({ key, value }) => [key.slice(KILL_KEY.length + 1), value])
}
