/** Who may change things: the tokens of the table, against those that the chain says were made and revoked. */
import type { TokenRow } from '../../db/access.ts'
import type { Findings } from '../../evidence/audit.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'
import type { ChainEntry } from '../../evidence/chain.ts'
import type { Coverage } from '../../evidence/coverage.ts'
import { taken, TableFindings, type Told, toldBy } from './told.ts'

/** The kind of an entry about a token; its subject is the token's name. */
export const TOKEN = 'token'
/** Whose token a directory has of its own: it is compared with the file of that token. */
export const OPERATOR = 'operator'

/** What the chain keeps of a token: nothing that it could be told from. */
export function tokenMark({ name, person, ...row }: TokenRow): { readonly token_sha256: string } {
  // Entries of before have no person: whoever had a token then is known by its name.
  const whose = person === name ? {} : { person }
  return { token_sha256: sha256Hex(canonicalJson({ name, ...whose, ...row })) }
}

export class TokenAudit {
  private readonly told = new Map<string, Told>()
  private readonly table: TableFindings

  constructor(
    findings: Findings,
    private readonly coverage: Coverage,
  ) {
    this.table = new TableFindings(findings, 'tokens')
  }

  take(entry: ChainEntry): void {
    const told = entry.kind === TOKEN ? toldBy(entry) : null
    if (told !== null) this.told.set(entry.subject, told)
  }

  /**
   * @param own the directory's own token as its file has it; null where that cannot be read
   * @param sinceBeginning whether the chain has named tokens ever since it began
   */
  end(rows: readonly TokenRow[], own: string | null, sinceBeginning: boolean): void {
    for (const row of rows) {
      const told = taken(this.told, row.name)
      if (row.name === OPERATOR) this.checkOwn(row, own)
      else if (told !== null) {
        if (told.said.token_sha256 !== tokenMark(row).token_sha256)
          this.table.unlike(`token ${row.name}`, told, 'it is another, belongs to somebody else, or was revoked there')
      } else if (sinceBeginning) this.table.entryless(`token ${row.name}`)
      else this.coverage.lacks('a token that may have been made by an earlier version')
    }
    this.table.rowless(this.told.values())
  }

  private checkOwn(row: TokenRow, own: string | null): void {
    if (own === null) this.coverage.lacks("the directory's own token, whose file cannot be read")
    else if (row.sha256 !== sha256Hex(own) || row.revokedWallMs !== null || row.person !== OPERATOR)
      this.table.wrong(`token ${OPERATOR}`, "it is not the one in the directory's file token")
  }
}
