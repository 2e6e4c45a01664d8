import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { holderOf, lockDirectory } from '../../src/db/lock.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'

const fresh = freshDirectories()
/** Somebody's process, whose lock file was deleted. */
const HOLDER = { pid: 1_234_567, url: 'http://127.0.0.1:4010', what: 'serve' }

afterEach(() => vi.restoreAllMocks())

function withNote(): string {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'room.json'), JSON.stringify(HOLDER))
  return dir
}

const killSays = (code: string): void =>
  void vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error(`kill ${code}`), { code })
  })

describe('a data directory whose lock file is gone', () => {
  it('is taken while its holder lives, also where that process is another user’s and may not be signalled', () => {
    const dir = withNote()
    killSays('EPERM')
    expect(holderOf(dir)).toEqual(HOLDER)
    expect(refusal(() => lockDirectory(dir, 'start'))).toMatchObject({ code: 'in_use', status: 409 })
  })

  it('is free once there is no such process', () => {
    const dir = withNote()
    killSays('ESRCH')
    expect(holderOf(dir)).toBeNull()
    lockDirectory(dir, 'start').release()
  })
})
