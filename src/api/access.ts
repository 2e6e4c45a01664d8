import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../db/store.ts'
import { OperatorError } from '../engine/kernel/errors.ts'

const TOKEN_BYTES = 24
const OPERATOR = 'operator'
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,39}$/

export interface TokenView {
  readonly name: string
  readonly created_wall_ms: number
  readonly revoked: boolean
}

/** Who may change things: bearer tokens, stored hashed; the first start writes one of its own for the directory's owner. */
export class Access {
  constructor(
    private readonly store: Store,
    private readonly dataDir: string,
    private readonly wallNow: () => number,
  ) {}

  /** Makes sure that the directory's own token is there, readable by its owner only. */
  ensureOwn(): void {
    const path = join(this.dataDir, 'token')
    const known = this.store.access.tokens().some((token) => token.name === OPERATOR)
    if (known && existsSync(path)) return
    const token = existsSync(path) ? readFileSync(path, 'utf8').trim() : randomBytes(TOKEN_BYTES).toString('base64url')
    if (!existsSync(path)) writeFileSync(path, `${token}\n`, { mode: 0o600 })
    // A file that was lost is made anew, and with it what the database compares against.
    if (known) this.store.db.raw.prepare('DELETE FROM tokens WHERE name = ?').run(OPERATOR)
    this.store.access.addToken({ name: OPERATOR, sha256: hashOf(token), wallMs: this.wallNow(), revokedWallMs: null })
  }

  /** Who the bearer of this header is; null when nobody. */
  nameOf(authorization: string | undefined): string | null {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]
    if (token === undefined) return null
    const hash = Buffer.from(hashOf(token), 'hex')
    for (const row of this.store.access.tokens()) {
      if (row.revokedWallMs === null && timingSafeEqual(Buffer.from(row.sha256, 'hex'), hash)) return row.name
    }
    return null
  }

  /** Makes a token for a person or program; it is shown this once. @throws OperatorError for a name that is taken or none */
  add(name: string): string {
    if (!NAME.test(name))
      throw new OperatorError(
        `${name} is no name`,
        'letters, digits, spaces, dots, dashes and @ only, at most 40',
        'choose another',
        'name',
        422,
      )
    if (this.store.access.tokens().some((token) => token.name === name)) {
      throw new OperatorError(
        `there is a token for ${name}`,
        'a name has one, also when it is revoked',
        'choose another name',
        'name_taken',
        409,
      )
    }
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    this.store.access.addToken({ name, sha256: hashOf(token), wallMs: this.wallNow(), revokedWallMs: null })
    return token
  }

  /** @throws OperatorError when there is no such token */
  revoke(name: string): void {
    if (name === OPERATOR)
      throw new OperatorError(
        'the directory has one token of its own',
        'commands need it',
        'delete the file token and start anew to change it',
        'own_token',
        409,
      )
    if (!this.store.access.revokeToken(name, this.wallNow())) {
      throw new OperatorError(
        `there is no token for ${name}`,
        'none is in force under this name',
        'see them with: onay token list',
        'unknown_token',
        404,
      )
    }
  }

  list(): TokenView[] {
    return this.store.access
      .tokens()
      .map((token) => ({ name: token.name, created_wall_ms: token.wallMs, revoked: token.revokedWallMs !== null }))
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
