import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TokenRow } from '../../db/access.ts'
import type { Store } from '../../db/store.ts'
import type { NewToken, TokenView } from '../../control/answers.ts'
import type { Caller } from '../../control/commands.ts'
import { isSamePerson } from '../../engine/approval/prompt.ts'
import { conflict, invalid, notFound } from '../../engine/kernel/errors.ts'
import { OPERATOR } from '../record/token-audit.ts'
import { loginName } from './login.ts'

const TOKEN_BYTES = 24
const OWNER_ONLY = 0o600
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,39}$/

/** Who may change things: bearer tokens, stored hashed; the first start writes one of its own for the directory's owner. */
export class Access {
  constructor(
    private readonly store: Store,
    private readonly dataDir: string,
    private readonly wallNow: () => number,
    /** The person behind the directory's own token, the terminal and the command line. */
    readonly login: string = loginName(),
  ) {}

  /** Makes sure that the directory has its own token, readable by its owner only. */
  ensureOwn(): void {
    const path = join(this.dataDir, 'token')
    const known = this.store.access.tokens().some((token) => token.name === OPERATOR)
    // Whatever copied it here may have let others read it.
    if (existsSync(path)) chmodSync(path, OWNER_ONLY)
    if (known && existsSync(path)) return
    const token = existsSync(path) ? readFileSync(path, 'utf8').trim() : randomBytes(TOKEN_BYTES).toString('base64url')
    if (!existsSync(path)) writeFileSync(path, `${token}\n`, { mode: OWNER_ONLY })
    // The file was lost and has been made again: so must what the database compares it with.
    if (known) this.store.db.raw.prepare('DELETE FROM tokens WHERE name = ?').run(OPERATOR)
    this.store.access.addToken({
      name: OPERATOR,
      person: OPERATOR,
      sha256: hashOf(token),
      wallMs: this.wallNow(),
      revokedWallMs: null,
    })
  }

  /** Whose token this header carries; null when it carries none that is in force. */
  callerOf(authorization: string | undefined): Caller | null {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]
    if (token === undefined) return null
    const hash = Buffer.from(hashOf(token), 'hex')
    for (const row of this.store.access.tokens()) {
      if (row.revokedWallMs === null && timingSafeEqual(Buffer.from(row.sha256, 'hex'), hash))
        return { by: row.name, byPerson: this.personOf(row) }
    }
    return null
  }

  /**
   * Makes a token, shown this once. @param person whose it is: a person may have several, and counts once
   * @throws OperatorError for a name that is taken, or one that is not valid
   */
  add(name: string, person: string): NewToken {
    for (const word of [name, person]) requireName(word)
    if (this.store.access.tokens().some((token) => token.name === name)) {
      throw conflict(
        `there already is a token for ${name}`,
        'each name has one token, even after it was revoked',
        'choose another name',
        'name_taken',
      )
    }
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    this.store.access.addToken({ name, person, sha256: hashOf(token), wallMs: this.wallNow(), revokedWallMs: null })
    return { name, person, token }
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
    return this.store.access.tokens().map((row) => ({
      name: row.name,
      person: this.personOf(row),
      created_wall_ms: row.wallMs,
      revoked: row.revokedWallMs !== null,
    }))
  }

  /** Who reads the file of the directory's own token is who may start its room: that login, whatever the table says. */
  private personOf({ name, person }: TokenRow): string {
    return name === OPERATOR || isSamePerson(person, OPERATOR) ? this.login : person
  }
}

function requireName(name: string): void {
  if (NAME.test(name)) return
  const why = 'letters, digits, spaces, dots, dashes, underscores and @ only, at most 40, the first a letter or digit'
  throw invalid(`"${name}" is not a valid name`, why, 'choose another', 'name')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
