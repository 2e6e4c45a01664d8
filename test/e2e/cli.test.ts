import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { PseudoTerminal } from '../kit/pseudo-terminal.ts'
import { fileDigests } from '../kit/contents.ts'
import { Gates, Psi } from '../kit/documents.ts'
import { prepare } from '../kit/prepared.ts'
import { BTC, PROGRAM, stage, until, type Ended } from '../kit/program.ts'

const shell = stage()
let prepared = ''

beforeAll(async () => {
  prepared = await prepare(shell, 'candidate')
})

/** One line for people: what, why and what next, and no stack. */
function expectTrouble(ended: Ended, ...named: readonly string[]): void {
  expect(ended.code, ended.stderr).toBe(3)
  expect(ended.stdout).toBe('')
  expect(ended.stderr).toMatch(/^onay: [^\n]+: [^\n]+; [^\n]+\n$/)
  for (const name of named) expect(ended.stderr).toContain(name)
}

describe('what cannot be understood', () => {
  const at = (): string[] => ['--data-dir', prepared]
  const sample = [BTC, '--symbol', 'BTCUSDT']

  it('an unknown command or option ends with 3, without a stack', async () => {
    for (const args of [['launch'], ['gates', '--nope'], ['replay'], ['models', '--symbol']]) {
      const ended = await shell.run(args)
      expect(ended.code, args.join(' ')).toBe(3)
      expect(ended.stdout).toBe('')
      expect(ended.stderr).toMatch(/^error: /)
      expect(ended.stderr).not.toMatch(/\bat .*\.js:\d+/)
    }
  })

  it.each<[string, () => string[], string]>([
    ['a time', () => ['replay', ...sample, '--until', 'tomorrow', '--data-dir', shell.fresh()], 'tomorrow'],
    ['a duration', () => ['retrain', '--window', 'long', ...at()], 'long'],
    ['a duration of nothing', () => ['retrain', '--window', '0d', ...at()], '0d'],
    ['a symbol', () => ['replay', BTC, '--symbol', 'BTC USDT', '--data-dir', shell.fresh()], 'BTC USDT'],
    ['no symbol for a recording', () => ['replay', BTC, '--data-dir', shell.fresh()], 'symbol'],
    ['a symbol that is not there', () => ['gates', '--symbol', 'NOPE', ...at()], 'NOPE'],
    ['a model that is not there', () => ['models', 'show', 'v0', ...at()], 'v0'],
    ['a model without reference', () => ['psi', '--model', 'v0', ...at()], 'v0'],
    ['a feature set', () => ['retrain', '--features', 'v7', ...at()], 'v7'],
    ['a profile', () => ['retrain', '--profile', 'bold', ...at()], 'bold'],
    ['a speed', () => ['speed', '7', ...at()], '7'],
    ['a speed to start with', () => ['serve', '--speed', '7', '--data-dir', shell.fresh()], '7'],
    ['a port', () => ['serve', '--port', '70000', '--data-dir', shell.fresh()], '70000'],
    ['a feed', () => ['serve', '--feed', 'pigeon', '--data-dir', shell.fresh()], 'pigeon'],
    ['a day to report', () => ['report', 'daily', '--date', '2025-13-01', ...at()], '2025-13-01'],
    ['a day that has not ended', () => ['report', 'daily', '--date', '2025-05-26', ...at()], '2025-05-26'],
    ['a directory without a room', () => ['gates', '--data-dir', shell.fresh()], 'onay start'],
    ['a speed without a room', () => ['speed', '60', ...at()], 'onay start'],
  ])('%s is told in one line, with what to do next', async (_, args, named) => {
    expectTrouble(await shell.run(args()), named)
  })

  // It is taken for 2 March.
  it('a day that no month has is told, like a time that is none', async () => {
    const args = ['replay', ...sample, '--until', '2025-02-30', '--data-dir', shell.fresh()]
    expectTrouble(await shell.run(args), '2025-02-30')
  })

  it('a configuration that does not fit is told with its field', async () => {
    const dir = shell.fresh()
    mkdirSync(dir)
    const path = join(dir, 'onay.config.json')
    writeFileSync(path, '{"gates": {"auc": "high"}}')
    expectTrouble(await shell.run(['config'], { cwd: dir }), 'auc')
    writeFileSync(path, '{"gates": {"acu": 0.6}}')
    expectTrouble(await shell.run(['config'], { cwd: dir }), 'acu')
    writeFileSync(path, '{')
    expectTrouble(await shell.run(['config'], { cwd: dir }), 'onay.config.json')
  })
})

describe('exit codes and documents', () => {
  const reads: readonly [name: string, args: readonly string[], code: number][] = [
    ['gates', ['gates'], 1],
    ['psi', ['psi'], 1],
    ['psi of a model', ['psi', '--model', 'v1.8-b0'], 1],
    ['psi --quick', ['psi', '--quick'], 1],
    ['psi --trend', ['psi', '--trend', '7d', '--model', 'v1.8-b0'], 0],
    ['features', ['features'], 0],
    ['models', ['models'], 0],
    ['models list', ['models', 'list'], 0],
    ['models show', ['models', 'show', 'v1.8.1'], 0],
    ['config', ['config'], 0],
  ]

  it.each(reads)('%s prints one JSON document alone, for people a text, and writes nothing', async (_, args, code) => {
    const kept = (path: string): boolean => !/-(shm|wal)$/.test(path)
    const before = fileDigests(prepared, kept)
    const json = await shell.run([...args, '--json', '--data-dir', prepared])
    expect(json).toMatchObject({ code, stderr: '' })
    expect(JSON.parse(json.stdout)).toBeTypeOf('object')
    const text = await shell.run([...args, '--data-dir', prepared])
    expect(text).toMatchObject({ code, stderr: '' })
    expect(text.stdout.trim().length).toBeGreaterThan(0)
    expect(fileDigests(prepared, kept)).toEqual(before)
  })

  it('commands that change something print one JSON document alone too', async () => {
    const at = ['--data-dir', shell.copy(prepared)]
    for (const args of [
      ['report', 'daily'],
      ['evidence', 'export'],
      ['token', 'add', 'x'],
      ['token', 'list'],
      ['token', 'revoke', 'x'],
    ]) {
      const ended = await shell.run([...args, '--json', ...at])
      expect(ended, args.join(' ')).toMatchObject({ code: 0, stderr: '' })
      expect(JSON.parse(ended.stdout)).toBeTypeOf('object')
    }
  })

  it('psi and gates say no with 1, in figures that agree', async () => {
    const at = ['--data-dir', prepared]
    const psi = Psi.parse(await shell.json(['psi', '--model', 'v1.8-b0', ...at], [1]))
    expect(psi.slo_check.pass).toBe(false)
    expect(Gates.parse(await shell.json(['gates', ...at], [1])).verdict).toBe('BLOCKED')
  })

  it('a version that is registered is not trained over', async () => {
    expectTrouble(await shell.run(['retrain', '--version', 'v1.8.1', '--data-dir', prepared]), 'v1.8.1')
  })

  it('help and version go to stdout with 0', async () => {
    for (const args of [['--help'], ['--version'], ['gates', '--help']]) {
      const ended = await shell.run(args)
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(ended.stdout.length).toBeGreaterThan(3)
    }
  })
})

describe('starting', () => {
  it('on a port that is taken names the port', async () => {
    const other = createServer()
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    const address = other.address()
    const port = String(typeof address === 'object' ? address?.port : '')
    const ended = await shell.run(['serve', '--port', port, '--data-dir', shell.copy(prepared)])
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
      expectTrouble(await shell.run([...args, '--data-dir', room.dataDir]), String(room.process.child.pid))
    expect((await room.health()).ok).toBe(true)
  })

  it('without a terminal prints log lines, serves, and ends with 0 on SIGTERM', async () => {
    const room = await shell.listening(shell.copy(prepared), [], 'start')
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
