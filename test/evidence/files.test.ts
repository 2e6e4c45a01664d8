import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'
import { fileSha256, removeStaleTemporaries, writeAtomic, writeFault } from '../../src/evidence/files.ts'
import { syncedBy } from '../kit/file-calls.ts'
import { asSomebody } from '../kit/somebody.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'onay-files-'))
})

afterEach(() => {
  chmodSync(dir, 0o755)
  rmSync(dir, { recursive: true })
})

describe('an evidence file', () => {
  it('is written whole, over the one before it, with the directories above it, and leaves nothing else', () => {
    const path = join(dir, 'a/b/report.json')
    writeAtomic(path, 'first')
    writeAtomic(path, Buffer.from('second ✓'))
    expect(readFileSync(path, 'utf8')).toBe('second ✓')
    expect(readdirSync(join(dir, 'a/b'))).toEqual(['report.json'])
  })

  it('is durable with all that it holds before it has its name, and so is its name', () => {
    const path = join(dir, 'report.json')
    const synced = syncedBy(() => writeAtomic(path, 'twelve bytes'))
    expect(synced).toEqual([
      { inode: statSync(path).ino, bytes: 12 },
      { inode: statSync(dir).ino, bytes: expect.any(Number) as number },
    ])
  })

  it('says that a part of its path is a file, and that a directory has its name', () => {
    writeFileSync(join(dir, 'file'), '')
    mkdirSync(join(dir, 'taken/full'), { recursive: true })
    for (const path of ['file/report.json', 'file/below/report.json']) {
      expect(() => writeAtomic(join(dir, path), 'x')).toThrow(/a part of its path is a file/)
    }
    expect(() => writeAtomic(join(dir, 'taken'), 'x')).toThrow(OperatorError)
    expect(readdirSync(dir).sort()).toEqual(['file', 'taken'])
  })

  it('says that writing there is not allowed', async () => {
    const closed = join(dir, 'closed')
    mkdirSync(closed, { mode: 0o555 })
    await asSomebody(dir, () => expect(() => writeAtomic(join(closed, 'report.json'), 'x')).toThrow(/not allowed/))
  })

  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EACCES', 'writing there is not allowed'],
    ['EROFS', 'the file system is read-only'],
  ])('turns %s into an error for people', (code, why) => {
    const fault = writeFault('evidence/report.json', Object.assign(new Error(code), { code }))
    expect(fault).toBeInstanceOf(OperatorError)
    expect(fault).toMatchObject({ what: 'evidence/report.json could not be written', why })
  })

  it('keeps the stack of anything else', () => {
    const bug = new TypeError('a bug')
    expect(writeFault('report.json', bug)).toBe(bug)
  })

  it('has the hash of its bytes, and none when it is missing', () => {
    const path = join(dir, 'report.json')
    expect(fileSha256(path)).toBeNull()
    const content = 'x'.repeat(3_000_000)
    writeFileSync(path, content)
    expect(fileSha256(path)).toBe(sha256Hex(content))
  })
})

describe('temporary files', () => {
  it('are removed when their writer is gone, and left while it runs', () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid
    const stale = [`.tmp-${gone}-a`, `.tmp-${process.pid}-b`, '.tmp-c']
    const kept = [`.tmp-${process.ppid}-d`, 'report.json', 'x.tmp-1-e']
    for (const name of [...stale, ...kept]) writeFileSync(join(dir, name), '')
    expect([...removeStaleTemporaries(dir)].sort()).toEqual([...stale].sort())
    expect(readdirSync(dir).sort()).toEqual([...kept].sort())
  })

  it('are none in a directory that is not there', () => {
    expect(removeStaleTemporaries(join(dir, 'nothing'))).toEqual([])
  })
})
