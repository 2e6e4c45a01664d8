/** Selects whose text is worked out once a process: for each database, that costs ten times what preparing it does. */
import { fillPlaceholders } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/sqlite-core'
import type { Database } from './connect.ts'

/** What drizzle has built: of one table, each field a column or an expression. */
interface Built<Row> {
  toSQL(): { readonly sql: string; readonly params: unknown[] }
  readonly _: { readonly result: readonly Row[]; readonly selectedFields: object }
}

/** A select on one database, prepared when it is first asked. Values are given by the names of the placeholders. */
interface Select<Row> {
  get(values?: Readonly<Record<string, unknown>>): Row | undefined
  all(values?: Readonly<Record<string, unknown>>): Row[]
}

/** @param build names its places by `sql.placeholder`; called once, when the first database is asked */
export function select<Row>(build: (from: QueryBuilder) => Built<Row>): (db: Pick<Database, 'raw'>) => Select<Row> {
  let worked: { readonly sql: string; readonly params: unknown[]; readonly fields: readonly string[] } | null = null
  const text = (): NonNullable<typeof worked> => {
    if (worked === null) {
      const built = build(new QueryBuilder())
      worked = { ...built.toSQL(), fields: Object.keys(built._.selectedFields) }
    }
    return worked
  }
  return ({ raw }) => {
    let statement: ReturnType<typeof raw.prepare<unknown[], unknown[]>> | null = null
    const prepared = (): NonNullable<typeof statement> =>
      (statement ??= raw.prepare<unknown[], unknown[]>(text().sql).raw(true))
    const bound = (values: Readonly<Record<string, unknown>> = {}): unknown[] => fillPlaceholders(text().params, values)
    const rowOf = (values: readonly unknown[]): Row => {
      const row: Record<string, unknown> = {}
      let place = 0
      for (const field of text().fields) row[field] = values[place++]
      return row as Row
    }
    return {
      get: (values) => {
        const found = prepared().get(...bound(values))
        return found === undefined ? undefined : rowOf(found)
      },
      all: (values) =>
        prepared()
          .all(...bound(values))
          .map(rowOf),
    }
  }
}
