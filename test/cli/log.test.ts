import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Log, openLog } from '../../src/cli/log.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
const FULL = '/dev/full'

/** A log of a room without a screen, and what it said on stderr. */
async function opened(dataDir: string): Promise<{ log: Log; said: string[] }> {
  const said: string[] = []
  const log = await openLog(dataDir, true, {
    cwd: dataDir,
    env: {},
    program: ['onay'],
    isTerminal: { out: false, err: false },
    confirm: null,
    question: null,
    signals: { on: () => process, once: () => process },
    endHungUp: () => undefined,
    livesLong: () => undefined,
    out: () => undefined,
    err: (text) => said.push(text),
    exit: () => undefined,
  })
  return { log, said }
}

/** The lines of its only file. */
function linesOf(dataDir: string): unknown[] {
  const [name = ''] = readdirSync(join(dataDir, 'log'))
  return readFileSync(join(dataDir, 'log', name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('the log of a room', () => {
  it('has a line in its file before the call returns, and plain on stderr', async () => {
    const dir = fresh()
    const { log, said } = await opened(dir)
    log.info('the room is open')
    expect(linesOf(dir)).toMatchObject([{ level: 30, pid: process.pid, msg: 'the room is open' }])
    expect(said).toEqual(['the room is open\n'])
    log.close()
  })

  it('has the stack of an error, and goes on in the same file after a restart', async () => {
    const dir = fresh()
    const first = await opened(dir)
    first.log.error(new RangeError('nine is too many'))
    first.log.close()
    const second = await opened(dir)
    second.log.info('again')
    second.log.close()
    expect(linesOf(dir)).toMatchObject([
      {
        level: 50,
        msg: 'nine is too many',
        err: { type: 'RangeError', stack: expect.stringContaining('log.test.ts') },
      },
      { level: 30, msg: 'again' },
    ])
  })

  it.skipIf(!existsSync(FULL))('ends nothing where the disk is full', async () => {
    const dir = fresh()
    const { log } = await opened(dir)
    log.close()
    const [name = ''] = readdirSync(join(dir, 'log'))
    const full = fresh()
    mkdirSync(join(full, 'log'), { recursive: true })
    symlinkSync(FULL, join(full, 'log', name))
    const { log: onFull, said } = await opened(full)
    onFull.info('the first line')
    onFull.info('the second line')
    onFull.close()
    expect(said).toEqual(['the first line\n', 'the second line\n'])
  })
})
