import { and, asc, desc, eq, max } from 'drizzle-orm'
import * as z from 'zod'
import type { Catalogue } from '../engine/features/catalogue.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { parseSet, type SetWeights } from '../engine/models/tree-set.ts'
import type { SetReport } from '../engine/training/set-report.ts'
import { sha256Hex } from '../evidence/canonical.ts'
import type { Database } from './connect.ts'
import { activeArms, modelSets, retrainGateLog, retrainRuns, setNames, signals } from './schema-sets.ts'
import { SetReportShape } from './shapes-sets.ts'
import { select } from './select.ts'
import { ofSymbol, rowWriter } from './statements.ts'
import { damagedRow, jsonColumn, jsonOf, rowCheck } from './stored.ts'

export type SetRow = typeof modelSets.$inferSelect
export type SetNameRow = typeof setNames.$inferSelect
export type SetName = SetNameRow['name']
export type RetrainRunRow = typeof retrainRuns.$inferSelect
export type GateLogRow = typeof retrainGateLog.$inferSelect
export type ActiveArmRow = typeof activeArms.$inferSelect
export type SignalRow = typeof signals.$inferSelect

/** A set as it was registered, its models read. */
interface RegisteredSet {
  readonly version: string
  readonly sha256: string
  readonly weights: SetWeights
  readonly report: SetReport
  readonly tsMs: number
}

/** Sets of five, what names point at, and what was decided about them. Writers belong in the caller's transaction. */
export interface SetRepo {
  /** @throws when the version is there already: a set is never overwritten */
  register(row: SetRow): void
  /** @throws OperatorError also when its models are not those that were registered */
  get(symbol: string, version: string): RegisteredSet | null
  /** In the order in which they were registered. */
  versions(symbol: string): string[]
  names(symbol: string): SetNameRow[]
  point(row: SetNameRow): void
  /** @returns its number */
  addRun(row: Omit<RetrainRunRow, 'run'>): number
  /** Newest first. @throws OperatorError where a row is not one */
  newestRuns(symbol: string, limit: number): RetrainRunRow[]
  addCheck(rows: readonly Omit<GateLogRow, 'checkNo'>[]): void
  /** Null where no arm was ever swapped. */
  active(symbol: string): ActiveArmRow | null
  activate(row: ActiveArmRow): void
  addSignal(row: SignalRow): void
}

const NAMES = select((from) => from.select().from(setNames).where(ofSymbol(setNames)))
const ACTIVE = select((from) => from.select().from(activeArms).where(ofSymbol(activeArms)))

export function setRepo(db: Database, catalogueOf: (symbol: string) => Catalogue): SetRepo {
  const { orm } = db
  const check = rowCheck(modelSets)
  const names = NAMES(db)
  const active = ACTIVE(db)
  const checkRun = rowCheck(retrainRuns)
  const report = jsonColumn(modelSets, 'report', SetReportShape)
  const putRun = rowWriter(db, retrainRuns, 'fail')
  const putGate = rowWriter(db, retrainGateLog, 'fail')
  const runsOf = (symbol: string) => eq(retrainRuns.symbol, symbol)
  return {
    register: rowWriter(db, modelSets, 'fail'),
    get: (symbol, version) => {
      const row = orm
        .select()
        .from(modelSets)
        .where(and(eq(modelSets.symbol, symbol), eq(modelSets.version, version)))
        .get()
      if (row === undefined) return null
      const { sha256, tsMs } = check(row)
      return { version, sha256, weights: weightsOf(row, catalogueOf(symbol)), report: report.value(row), tsMs }
    },
    versions: (symbol) =>
      orm
        .select({ version: modelSets.version })
        .from(modelSets)
        .where(eq(modelSets.symbol, symbol))
        .orderBy(asc(modelSets.wallMs), asc(modelSets.version))
        .all()
        .map(({ version }) => version),
    names: (symbol) => names.all({ symbol }).map(rowCheck(setNames)),
    point: rowWriter(db, setNames, 'replace'),
    addRun: (row) => {
      const newest = orm
        .select({ run: max(retrainRuns.run) })
        .from(retrainRuns)
        .where(runsOf(row.symbol))
        .get()
      const run = (newest?.run ?? 0) + 1
      putRun({ ...row, run })
      return run
    },
    newestRuns: (symbol, limit) =>
      orm
        .select()
        .from(retrainRuns)
        .where(runsOf(symbol))
        .orderBy(desc(retrainRuns.run))
        .limit(limit)
        .all()
        .map(checkRun),
    addCheck: (rows) => {
      const [first] = rows
      if (first === undefined) return
      const newest = orm
        .select({ checkNo: max(retrainGateLog.checkNo) })
        .from(retrainGateLog)
        .where(eq(retrainGateLog.symbol, first.symbol))
        .get()
      const checkNo = (newest?.checkNo ?? 0) + 1
      for (const row of rows) putGate({ ...row, checkNo })
    },
    active: (symbol) => {
      const row = active.get({ symbol })
      return row === undefined ? null : rowCheck(activeArms)(row)
    },
    activate: rowWriter(db, activeArms, 'replace'),
    addSignal: rowWriter(db, signals, 'fail'),
  }
}

function weightsOf({ symbol, version, models, sha256 }: SetRow, catalogue: Catalogue): SetWeights {
  const refusal = (why: string): Error => damagedRow('model_sets', `${symbol}/${version}`, `its models ${why}`)
  if (sha256Hex(models) !== sha256) throw refusal('are not those that were registered')
  try {
    return parseSet(jsonOf(models, z.unknown(), refusal), catalogue)
  } catch (error) {
    throw error instanceof OperatorError ? error : refusal(`cannot be read: ${messageOf(error)}`)
  }
}
