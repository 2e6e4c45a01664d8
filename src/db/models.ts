import { and, asc, eq, sql } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { models, slots } from './schema-record.ts'

export type ModelRow = typeof models.$inferSelect
export type SlotRow = typeof slots.$inferSelect
export type SlotName = SlotRow['slot']
export type Profile = SlotRow['profile']

export interface ModelRepo {
  /** @throws when the version is there already: the registry never overwrites. */
  register(row: ModelRow): void
  get(symbol: string, version: string): ModelRow | null
  list(symbol: string): ModelRow[]
  slots(symbol: string): SlotRow[]
  putSlot(row: SlotRow): void
  clearSlot(symbol: string, slot: SlotName): void
}

export function modelRepo(db: Database): ModelRepo {
  const { orm } = db
  const one = orm
    .select()
    .from(models)
    .where(and(eq(models.symbol, sql.placeholder('symbol')), eq(models.version, sql.placeholder('version'))))
    .prepare()
  return {
    register: (row) => {
      orm.insert(models).values(row).run()
    },
    get: (symbol, version) => one.get({ symbol, version }) ?? null,
    list: (symbol) =>
      orm.select().from(models).where(eq(models.symbol, symbol)).orderBy(asc(models.wallMs), asc(models.version)).all(),
    slots: (symbol) => orm.select().from(slots).where(eq(slots.symbol, symbol)).all(),
    clearSlot: (symbol, slot) => {
      orm
        .delete(slots)
        .where(and(eq(slots.symbol, symbol), eq(slots.slot, slot)))
        .run()
    },
    putSlot: (row) => {
      orm
        .insert(slots)
        .values(row)
        .onConflictDoUpdate({ target: [slots.symbol, slots.slot], set: row })
        .run()
    },
  }
}
