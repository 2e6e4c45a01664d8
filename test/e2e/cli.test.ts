import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectTrouble } from '../kit/command.ts'
import { PseudoTerminal } from '../kit/pseudo-terminal.ts'
import { prepare } from '../kit/prepared.ts'
import { PROGRAM, stage } from '../kit/program.ts'
import { BTC } from '../kit/samples.ts'
import { until } from '../kit/until.ts'

const shell = stage()
let prepared = ''

beforeAll(async () => {
  prepared = await prepare(shell, 'candidate')
})

// What each command says is tried in test/cli, without a process; here one of each kind is, with the program as it is built.
describe('a process of the program', () => {
  it('ends with 3 and one line on stderr for what cannot be done', async () => {
    expectTrouble(await shell.process(['gates', '--symbol', 'NOPE', '--data-dir', prepared]), 'NOPE', 'BTCUSDT')
  })

  it('ends with 3 and a hint for what is no command line', async () => {
    const ended = await shell.process(['gates', '--nope'])
    expect(ended).toMatchObject({ code: 3, stdout: '' })
    expect(ended.stderr).toMatch(/^error: unknown option '--nope'\n\(see: onay gates --help\)\n$/)
  })

  it('ends with 1 where the verdict is no, and prints one document alone', async () => {
    const ended = await shell.process(['gates', '--json', '--data-dir', prepared])
    expect(ended).toMatchObject({ code: 1, stderr: '' })
    expect(JSON.parse(ended.stdout)).toMatchObject({
      symbol: 'BTCUSDT',
      model: 'v1.8.1',
      verdict: 'BLOCKED',
      passed: 2,
    })
  })

  it('ends with 0 and a text for people', async () => {
    const ended = await shell.process(['models', '--data-dir', prepared])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(/^v1\.8-b0 +baseline .*\nv1\.8\.1 +candidate .*\n$/)
  })

  it('ends without a word when whoever reads its output has seen enough', async () => {
    const piped = promisify(execFile)('sh', ['-c', `"${process.execPath}" "${PROGRAM}" replay --help | head -n 1`])
    expect(await piped).toMatchObject({ stdout: 'Usage: onay replay [options] <file>\n', stderr: '' })
  })

  it('says its help and its version', async () => {
    expect((await shell.process(['--help'])).stdout).toContain('Usage: onay ')
    expect(await shell.process(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })
})

describe('starting', () => {
  it('on a port that is taken names the port', async () => {
    const other = createServer()
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    const address = other.address()
    const port = String(typeof address === 'object' ? address?.port : '')
    const ended = await shell.process(['serve', '--port', port, '--data-dir', shell.copy(prepared)])
    other.close()
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(new RegExp(`onay: port ${port} is taken: .*; .*--port`))
    expect(ended.stderr).not.toMatch(/\bat .*\.js:\d+/)
  })

  it('a second room on the same directory names the process that has it, and leaves that one alone', async () => {
    const room = await shell.serve(shell.copy(prepared))
    for (const args of [
      ['serve', '--port', '0'],
      ['replay', BTC, '--symbol', 'BTCUSDT'],
    ])
      expectTrouble(await shell.process([...args, '--data-dir', room.dataDir]), String(room.process.child.pid))
    expect((await room.health()).ok).toBe(true)
  })

  it('without a terminal prints log lines, serves, and ends with 0 on SIGTERM', async () => {
    const room = await shell.listening(shell.copy(prepared), [], {}, 'start')
    await until('the room to open', async () => (await room.get('/healthz')).status === 200)
    expect(room.process.stderr + room.process.stdout).toContain(room.url)
    expect(room.process.stdout + room.process.stderr).not.toContain('\u001b[')
    expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
  })

  it('in a terminal of 20x5 says that it is too small, and does nothing', async () => {
    const dataDir = shell.fresh()
    const terminal = new PseudoTerminal(PROGRAM, ['start', '--port', '0', '--data-dir', dataDir], 20, 5, {})
    expect((await terminal.ended).exitCode).toBe(3)
    expect(terminal.raw.replaceAll(/\s+/g, ' ')).toContain('20x5')
    expect(terminal.raw).not.toContain('\u001b[?1049h')
  })
})
