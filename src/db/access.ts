import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { tokens } from './schema-record.ts'
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

export function accessRepo({ orm }: Database): AccessRepo {
  const check = rowCheck(tokens)
  // Read for each request that brings a token.
  const all = orm.select().from(tokens).orderBy(asc(tokens.wallMs)).prepare()
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
