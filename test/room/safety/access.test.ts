import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../../src/db/store.ts'
import { Access } from '../../../src/room/safety/access.ts'
import { freshDirectories } from '../../kit/directories.ts'

const fresh = freshDirectories()

describe("a directory's own token", () => {
  it('is readable by its owner alone, after a copy that let others read it as well, and stays the same', () => {
    const dir = fresh()
    const store = openStore(dir, 'write')
    const access = new Access(store, dir, () => 0)
    const path = join(dir, 'token')
    const mode = (): number => statSync(path).mode & 0o777
    access.ensureOwn()
    const token = readFileSync(path, 'utf8')
    expect(mode()).toBe(0o600)
    chmodSync(path, 0o644)
    access.ensureOwn()
    expect([mode(), readFileSync(path, 'utf8')]).toEqual([0o600, token])
    expect(access.callerOf(`Bearer ${token.trim()}`)).not.toBeNull()
    store.db.close()
  })
})
