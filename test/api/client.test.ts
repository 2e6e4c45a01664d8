import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askRoom, patienceMs } from '../../src/api/client.ts'
import type { Command } from '../../src/control/commands.ts'
import { lockDirectory } from '../../src/db/lock.ts'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
const symbol = undefined
const KILL_ON: Command = { kind: 'switchKill', symbol, reason: null, enabled: true, by: 'ada' }
const KILL_OFF: Command = { ...KILL_ON, enabled: false }
const ABORT: Command = { kind: 'abortCanary', symbol, reason: 'r', by: 'ada' }
const ROLLBACK: Command = { kind: 'rollback', symbol, reason: 'r', by: 'ada' }
const answer = (decision: 'approve' | 'reject'): Command => ({
  kind: 'answerApproval',
  id: 'canary-1',
  decision,
  phrase: 'ONAY',
  reason: 'r',
  by: 'ada',
})

describe('a command to a room that does not answer', () => {
  it.each([
    ['kill on', KILL_ON, true],
    ['canary abort', ABORT, true],
    ['rollback', ROLLBACK, true],
    ['reject', answer('reject'), true],
    ['kill off', KILL_OFF, false],
    ['approve', answer('approve'), false],
  ] as const)('is waited for 5 s at most where it lowers risk: %s', (_, command, isUrgent) => {
    if (isUrgent) expect(patienceMs(command)).toBe(5_000)
    else expect(patienceMs(command)).toBeGreaterThan(60_000)
  })
})

describe('a room that takes a command and says nothing', () => {
  let server: Server
  let url = ''
  beforeAll(async () => {
    server = createServer((socket) => socket.once('data', () => socket.destroy()))
    await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens))
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  })
  afterAll(() => server.close())

  it.each([
    ['what lowers risk', KILL_ON, `to stop every answer now, end the room: kill -9 ${process.pid}`],
    ['anything else', KILL_OFF, `look at process ${process.pid}`],
  ] as const)('is left with words on what to do: %s', async (_, command, next) => {
    const dir = fresh()
    const lock = lockDirectory(dir, 'start')
    lock.announce(url)
    const failed = await askRoom(dir, command).catch((error: unknown) => error)
    if (!(failed instanceof OperatorError)) throw new Error(`no words but ${String(failed)}`)
    expect(failed.code).toBe('no_answer')
    expect(failed.next).toContain(next)
    lock.release()
  })
})
