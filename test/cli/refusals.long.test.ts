import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { plainJson, plainText } from '../../src/cli/errors.ts'
import { command, expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { BTC } from '../kit/samples.ts'
import { smallRoom, type SmallRoom } from '../kit/small-room.ts'

const fresh = freshDirectories()
let room: SmallRoom

beforeAll(async () => {
  room = await smallRoom(fresh())
})

describe('a command that cannot be understood', () => {
  const sample = [BTC, '--symbol', 'BTCUSDT']
  const elsewhere = (): string[] => ['--data-dir', fresh()]

  it.each<[string, readonly string[]]>([
    ['a command that is not there', ['launch']],
    ['an option that is not there', ['gates', '--nope']],
    ['an argument that is missing', ['replay']],
    ['an option without its value', ['models', '--symbol']],
    ['an option of another command', ['gates', '--html']],
    ['more arguments than it takes', ['gates', 'all']],
    ['a shell that has no completion', ['completion', 'tcsh']],
  ])('for %s ends with 3, without a stack', async (_, args) => {
    const ended = await command(args)
    expect(ended).toMatchObject({ code: 3, stdout: '' })
    expect(ended.stderr).toMatch(/^error: /)
    expect(ended.stderr).not.toMatch(/\bat .*\.[jt]s:\d+/)
  })

  const cases: readonly [what: string, args: () => readonly string[], ...named: string[]][] = [
    ['a time', () => ['replay', ...sample, '--until', 'tomorrow', ...elsewhere()], 'tomorrow'],
    ['a day that no month has', () => ['replay', ...sample, '--until', '2025-02-30', ...elsewhere()], '2025-02-30'],
    ['a symbol', () => ['replay', BTC, '--symbol', 'BTC USDT', ...elsewhere()], 'BTC USDT'],
    ['no symbol for a recording', () => ['replay', BTC, ...elsewhere()], 'symbol'],
    ['a port to look at', () => ['doctor', '--port', '0', ...elsewhere()], '--port', '65535'],
    ['nobody to ask', () => ['init', '--config', `${fresh()}.json`], 'not a terminal', '--yes'],
    ['a speed to start with', () => ['serve', '--speed', '7', ...elsewhere()], '7', '600'],
    ['a port', () => ['serve', '--port', '70000', ...elsewhere()], '70000', '65535'],
    ['a feed', () => ['serve', '--feed', 'pigeon', ...elsewhere()], 'pigeon', 'push'],
    ['a symbol without a recording', () => ['serve', '--symbol', 'XYZ', ...elsewhere()], 'XYZ', '--recording'],
    ['a recording without a symbol', () => ['serve', '--recording', BTC, ...elsewhere()], '--symbol'],
    ['a directory without a room', () => ['gates', ...elsewhere()], 'onay start'],
    ['a validation without a room', () => ['validate', ...elsewhere()], 'no database'],
    [
      'a directory in the place of a bundle',
      () => ['evidence', 'verify', '--bundle', import.meta.dirname],
      'not a bundle',
    ],
    ['an import of something else', () => ['import', 'orders', BTC, ...elsewhere()], 'ticks', 'onay import bars'],
    ['a file that is not there', () => ['import', 'bars', 'no.csv', '--symbol', 'X', ...elsewhere()], 'no.csv'],
  ]
  it.each(cases)('names %s, and what to do next', async (_, args, ...named) => {
    expectTrouble(await command(args()), ...named)
  })

  const inRoom: readonly [what: string, args: readonly string[], ...named: string[]][] = [
    ['a duration', ['retrain', '--window', 'long'], 'long', '14d'],
    ['a duration of nothing', ['retrain', '--window', '0d'], '0d'],
    ['a symbol that is not there', ['gates', '--symbol', 'NOPE'], 'NOPE', 'BTCUSDT'],
    ['a model that is not there', ['models', 'show', 'v0'], 'v0'],
    ['no model', ['models', 'show'], 'onay models'],
    ['what models cannot do', ['models', 'burn'], 'burn', 'it has list, show, add, retire, challenge and scoreboard'],
    ['a model without reference', ['psi', '--model', 'v0'], 'v0'],
    ['a feature set', ['retrain', '--features', 'v7'], 'v7'],
    ['a profile', ['retrain', '--profile', 'bold'], 'bold', 'improve'],
    ['a version that is there', ['retrain', '--version', 'v1.8.1'], 'v1.8.1'],
    ['a speed', ['speed', '7'], '7', '600'],
    ['a speed without a room', ['speed', '60'], 'onay start'],
    ['a record without a room', ['gates', '--save', 'now'], 'a running room keeps the record'],
    ['what features cannot do', ['features', 'guess'], 'it has status, analyse and add'],
    ['a report that is not there', ['report', 'yearly'], 'it has daily and weekly'],
    ['a page of a week', ['report', 'weekly', '--html'], '--html'],
    ['a day to report', ['report', 'daily', '--date', '2025-13-01'], '2025-13-01'],
    ['a day that has not ended', ['report', 'daily', '--date', '2025-05-07'], '2025-05-07'],
    ['a token that is not there', ['token', 'revoke', 'nobody'], 'nobody'],
    ['what notify cannot do', ['notify', 'all'], 'notify test'],
    ['a channel that is not configured', ['notify', 'test', '--channel', 'pigeon'], 'notify'],
    ['a mode of a canary', ['canary', 'start', '--mode', 'bold'], 'bold', 'observe and serve'],
    ['a plan of a canary', ['canary', 'start', '--plan', 'bold'], 'bold', 'mini'],
    ['a live canary without a room', ['canary', 'start', '--live'], 'onay serve'],
    ['an approval without a room', ['approve', 'ap-1', '--phrase', 'ONAY', '--reason', 'x'], 'onay serve'],
    ['a refusal without a room', ['reject', 'ap-1'], 'onay serve'],
    ['a promotion without a room', ['promote'], 'onay serve'],
    ['nothing to roll back to', ['rollback'], 'onay models'],
    ['nothing to abort', ['canary', 'abort'], 'onay canary status'],
    ['a wait without an end', ['speed', '600', '--wait'], '--until'],
    ['a canary to watch without a room', ['canary', 'status', '--watch'], 'onay serve'],
    ['a prediction without a room', ['predict'], 'onay serve'],
    ['events to follow without a room', ['events', '-f', '--last', '0'], 'onay serve'],
    ['half an event', ['events', '--last', '0.5'], '0.5'],
    ['a smoke without a room', ['smoke'], 'onay serve'],
    ['no requests', ['smoke', '--requests', '0'], '--requests'],
    ['half a request', ['smoke', '--requests', '1.5'], '1.5'],
    ['an address that leads nowhere', ['attach', 'http://127.0.0.1:1/state'], 'terminal'],
  ]
  it.each(inRoom)('names %s, in a directory with a room, and what to do next', async (_, args, ...named) => {
    expectTrouble(await room.run(args), ...named)
  })
})

describe('a configuration that does not fit', () => {
  it.each([
    ['of a wrong type', '{"gates": {"auc": "high"}}', 'gates.auc'],
    ['that is not there', '{"gates": {"acu": 0.6}}', 'acu'],
    ['that is not JSON', '{', 'onay.config.json'],
  ])('is told with its field: one %s', async (_, text, named) => {
    const cwd = fresh()
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'onay.config.json'), text)
    expectTrouble(await command(['config'], { cwd }), named)
  })
})

describe('what somebody sent, shown at a terminal', () => {
  it.each([
    ['a colour', '\u001b[31mred\u001b[0m', 'red'],
    ['a title', '\u001b]0;owned\u0007x', 'x'],
    ['a line that is written over', 'aborted\rall is well', 'aborted all is well'],
    ['text that runs backwards', 'a\u202eb', 'a b'],
    ['lines and tabs', 'one\n\ttwo', 'one\n\ttwo'],
  ])('%s is shown and not carried out', (_, sent, shown) => {
    expect(plainText(sent)).toBe(shown)
  })

  it('is the same in a document, without a control character', () => {
    const sent = { reason: 'a\u001b[31m\u0085\u009b\u2028\u202e\ud83d\ude00' }
    const text = plainJson(JSON.stringify(sent))
    expect(JSON.parse(text)).toEqual(sent)
    expect(text).toMatch(/^[^\p{Cc}\p{Zl}\u202e]+$/u)
  })
})
