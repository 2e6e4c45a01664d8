import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { tokens } from './schema-record.ts'
import { select } from './select.ts'
import { rowCheck } from './stored.ts'

export type TokenRow = typeof tokens.$inferSelect

/** Who may change things: tokens by name, as hashes. */
export interface AccessRepo {
  /** Oldest first, revoked ones among them. @throws OperatorError where a row is not one */
  tokens(): TokenRow[]
  addToken(row: TokenRow): void
  /** @returns whether there was such a token that was not revoked yet */
  revokeToken(name: string, wallMs: number): boolean
}

// Read for each request that brings a token.
const ALL = select((from) => from.select().from(tokens).orderBy(asc(tokens.wallMs)))

export function accessRepo(db: Database): AccessRepo {
  const { orm } = db
  const check = rowCheck(tokens)
  const all = ALL(db)
  return {
    tokens: () => all.all().map(check),
    addToken: (row) => {
      orm.insert(tokens).values(row).run()
    },
    revokeToken: (name, wallMs) =>
      orm
        .update(tokens)
        .set({ revokedWallMs: wallMs })
        .where(and(eq(tokens.name, name), isNull(tokens.revokedWallMs)))
        .run().changes > 0,
  }
}
