/** Whether a database has every table that this program reads. */
import type Sqlite from 'better-sqlite3'
import { getTableName, is } from 'drizzle-orm'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { damaged } from './faults.ts'
import * as market from './schema-market.ts'
import * as own from './schema-own.ts'
import * as record from './schema-record.ts'
import * as sets from './schema-sets.ts'
import * as ticks from './schema-ticks.ts'
import * as trading from './schema-trading.ts'

const NAMES: readonly string[] = [market, own, record, trading, sets, ticks].flatMap((schema) =>
  Object.values(schema).flatMap((value) => (is(value, SQLiteTable) ? [getTableName(value)] : [])),
)

/** @throws OperatorError naming the first table that a database of this version lacks */
export function checkTables(path: string, raw: Sqlite.Database): void {
  const there = new Set(raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all())
  const lacking = NAMES.find((name) => !there.has(name))
  if (lacking !== undefined) throw damaged(path, `it has no table ${lacking}`)
}
