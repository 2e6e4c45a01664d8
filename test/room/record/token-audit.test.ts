import { describe, expect, it } from 'vitest'
import { canonicalJson, sha256Hex } from '../../../src/evidence/canonical.ts'
import { tokenMark } from '../../../src/room/record/token-audit.ts'

const BEFORE = { name: 'risk', sha256: 'ab', wallMs: 1, revokedWallMs: null }

describe('what the chain keeps of a token', () => {
  it('is what an earlier version recorded of it, which knew no persons', () => {
    const recorded = sha256Hex(canonicalJson(BEFORE))
    expect(tokenMark({ ...BEFORE, person: 'risk' }).token_sha256).toBe(recorded)
  })

  it('is another once the token belongs to somebody else', () => {
    const [own, other] = ['risk', 'grace'].map((person) => tokenMark({ ...BEFORE, person }).token_sha256)
    expect(own).not.toBe(other)
  })
})
