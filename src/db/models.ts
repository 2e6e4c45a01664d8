import { and, asc, eq, min, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { DriftReference } from '../engine/drift/reference.ts'
import type { Catalogue } from '../engine/features/catalogue.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { parseWeights } from '../engine/models/artifact.ts'
import type { ModelWeights } from '../engine/models/contract.ts'
import type { OfflineReport } from '../evidence/documents/documents.ts'
import { sha256Hex } from '../evidence/canonical.ts'
import type { Database } from './connect.ts'
import { models, slots } from './schema-record.ts'
import { challengers } from './schema-trading.ts'
import { OfflineShape } from './shapes-reports.ts'
import { ReferenceShape } from './shapes-room.ts'
import { select } from './select.ts'
import { deleteRows, ofSymbol, rowWriter } from './statements.ts'
import { damagedRow, jsonColumn, jsonOf, rowCheck } from './stored.ts'

/** A row of the registry as it stands: the artifacts as texts, of which their hashes are. */
export type ModelRow = typeof models.$inferSelect
export type ChallengerRow = typeof challengers.$inferSelect
export type SlotRow = typeof slots.$inferSelect
export type SlotName = SlotRow['slot']
export type Profile = SlotRow['profile']

/** A version as it was registered, its artifacts read. */
export type RegisteredModel = Omit<ModelRow, 'weights' | 'reference' | 'scaler' | 'manifest' | 'offline'> & {
  readonly weights: ModelWeights
  readonly reference: DriftReference
  readonly offline: OfflineReport
}

/** The registry, and which version stands where. Reads throw an OperatorError where a row is not one. */
export interface ModelRepo {
  /** Inside the caller's transaction. @throws when the version is there already: the registry never overwrites. */
  register(row: ModelRow): void
  /** @throws OperatorError also when the weights are not those that were registered */
  get(symbol: string, version: string): RegisteredModel | null
  list(symbol: string): RegisteredModel[]
  /** The names alone, in the order in which they were registered. */
  versions(symbol: string): string[]
  /** When the first was registered, on the market clock; null before. */
  firstMs(symbol: string): number | null
  slots(symbol: string): SlotRow[]
  /** In the order in which they came. @throws OperatorError where a row is not one */
  challengers(symbol: string): ChallengerRow[]
  /** Inside the caller's transaction. */
  putChallenger(row: ChallengerRow): void
  /** Inside the caller's transaction. */
  dropChallenger(symbol: string, version: string): void
  /** Inside the caller's transaction. */
  putSlot(row: SlotRow): void
  /** Inside the caller's transaction. */
  clearSlot(symbol: string, slot: SlotName): void
}

const ONE = select((from) =>
  from
    .select()
    .from(models)
    .where(and(ofSymbol(models), eq(models.version, sql.placeholder('version')))),
)
const SLOTS = select((from) => from.select().from(slots).where(ofSymbol(slots)))
const CHALLENGERS = select((from) =>
  from
    .select()
    .from(challengers)
    .where(ofSymbol(challengers))
    .orderBy(asc(challengers.sinceMs), asc(challengers.version)),
)

export function modelRepo(db: Database, catalogueOf: (symbol: string) => Catalogue): ModelRepo {
  const { orm } = db
  const check = rowCheck(models)
  const reference = jsonColumn(models, 'reference', ReferenceShape)
  const offline = jsonColumn(models, 'offline', OfflineShape)
  const registeredOf = (row: ModelRow): RegisteredModel => {
    const { scaler: _scaler, manifest: _manifest, ...rest } = check(row)
    const weights = weightsOf(row, catalogueOf(row.symbol))
    return { ...rest, weights, reference: reference.value(row), offline: offline.value(row) }
  }
  const checkSlot = rowCheck(slots)
  const one = ONE(db)
  const inSlots = SLOTS(db)
  const challenging = CHALLENGERS(db)
  return {
    register: rowWriter(db, models, 'fail'),
    get: (symbol, version) => {
      const row = one.get({ symbol, version })
      return row === undefined ? null : registeredOf(row)
    },
    list: (symbol) =>
      orm
        .select()
        .from(models)
        .where(eq(models.symbol, symbol))
        .orderBy(asc(models.wallMs), asc(models.version))
        .all()
        .map(registeredOf),
    versions: (symbol) =>
      orm
        .select({ version: models.version })
        .from(models)
        .where(eq(models.symbol, symbol))
        .orderBy(asc(models.wallMs), asc(models.version))
        .all()
        .map(({ version }) => version),
    firstMs: (symbol) => {
      const row = orm
        .select({ tsMs: min(models.tsMs) })
        .from(models)
        .where(eq(models.symbol, symbol))
        .get()
      return row?.tsMs ?? null
    },
    slots: (symbol) => inSlots.all({ symbol }).map(checkSlot),
    clearSlot: (symbol, slot) => deleteRows(db, slots, and(eq(slots.symbol, symbol), eq(slots.slot, slot))),
    challengers: (symbol) => challenging.all({ symbol }).map(rowCheck(challengers)),
    putChallenger: rowWriter(db, challengers, 'fail'),
    dropChallenger: (symbol, version) =>
      deleteRows(db, challengers, and(eq(challengers.symbol, symbol), eq(challengers.version, version))),
    putSlot: rowWriter(db, slots, 'replace'),
  }
}

function weightsOf({ symbol, version, weights, sha256 }: ModelRow, catalogue: Catalogue): ModelWeights {
  const refusal = (why: string): Error => damagedRow('models', `${symbol}/${version}`, `its weights ${why}`)
  if (sha256Hex(weights) !== sha256) throw refusal('are not those that were registered')
  try {
    return parseWeights(jsonOf(weights, z.unknown(), refusal), catalogue)
  } catch (error) {
    throw error instanceof OperatorError ? error : refusal(`cannot be read: ${messageOf(error)}`)
  }
}
