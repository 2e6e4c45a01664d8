import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../../db/store.ts'
import type { NewToken, TokenView } from '../../control/answers.ts'
import { conflict, invalid, notFound } from '../../engine/kernel/errors.ts'
import { OPERATOR } from '../record/token-audit.ts'

const TOKEN_BYTES = 24
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,39}$/

/** Who may change things: bearer tokens, stored hashed; the first start writes one of its own for the directory's owner. */
export class Access {
  constructor(
    private readonly store: Store,
    private readonly dataDir: string,
    private readonly wallNow: () => number,
  ) {}

  /** Makes sure that the directory has its own token, readable by its owner only. */
  ensureOwn(): void {
    const path = join(this.dataDir, 'token')
    const known = this.store.access.tokens().some((token) => token.name === OPERATOR)
    if (known && existsSync(path)) return
    const token = existsSync(path) ? readFileSync(path, 'utf8').trim() : randomBytes(TOKEN_BYTES).toString('base64url')
    if (!existsSync(path)) writeFileSync(path, `${token}\n`, { mode: 0o600 })
    // The file was lost and has been made again: so must what the database compares it with.
    if (known) this.store.db.raw.prepare('DELETE FROM tokens WHERE name = ?').run(OPERATOR)
    this.store.access.addToken({ name: OPERATOR, sha256: hashOf(token), wallMs: this.wallNow(), revokedWallMs: null })
  }

  /** Whose token this header carries; null when it carries none that is in force. */
  nameOf(authorization: string | undefined): string | null {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]
    if (token === undefined) return null
    const hash = Buffer.from(hashOf(token), 'hex')
    for (const row of this.store.access.tokens()) {
      if (row.revokedWallMs === null && timingSafeEqual(Buffer.from(row.sha256, 'hex'), hash)) return row.name
    }
    return null
  }

  /** Makes a token for a person or program; it is shown this once. @throws OperatorError for a name that is taken or not valid */
  add(name: string): NewToken {
    if (!NAME.test(name))
      throw invalid(
        `"${name}" is not a valid name`,
        'letters, digits, spaces, dots, dashes and @ only, at most 40',
        'choose another',
        'name',
      )
    if (this.store.access.tokens().some((token) => token.name === name)) {
      throw conflict(
        `there already is a token for ${name}`,
        'each name has one token, even after it was revoked',
        'choose another name',
        'name_taken',
      )
    }
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    this.store.access.addToken({ name, sha256: hashOf(token), wallMs: this.wallNow(), revokedWallMs: null })
    return { name, token }
  }

  /** @throws OperatorError when there is no such token */
  revoke(name: string): void {
    if (name === OPERATOR)
      throw conflict(
        "the directory's own token cannot be revoked",
        'the commands on this machine need it',
        'to replace it, delete the file token and restart the room',
        'own_token',
      )
    if (!this.store.access.revokeToken(name, this.wallNow())) {
      throw notFound(
        `there is no token for ${name}`,
        'no token under this name is in force',
        'see them with: onay token list',
        'unknown_token',
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
