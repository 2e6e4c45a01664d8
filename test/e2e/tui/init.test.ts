import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONFIG_FILE, loadConfig } from '../../../src/room/config/load-config.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { PROGRAM } from '../../kit/program.ts'
import { keptTerminals, PseudoTerminal } from '../../kit/pseudo-terminal.ts'

const fresh = freshDirectories()
const kept = keptTerminals()

function asked(): { cwd: string; terminal: PseudoTerminal } {
  const cwd = fresh()
  mkdirSync(cwd)
  return { cwd, terminal: kept(new PseudoTerminal(PROGRAM, ['init'], 100, 40, {}, cwd)) }
}

describe('onay init at a terminal', () => {
  it('asks one question after the other, each with the answer that Enter gives', async () => {
    const { cwd, terminal } = asked()
    for (const [question, keys] of [
      ['[sample] ', 'push\r'],
      ['[BTCUSDT] ', 'ETHUSDT\r'],
      ['[v1.8.1] ', '\r'],
      ['[move] ', 'up\r'],
      ['[5] ', '10\r'],
      ['[6] ', '\r'],
    ] as const) {
      await terminal.until(question, ({ text }) => text.trimEnd().endsWith(question.trimEnd()))
      terminal.press(keys)
    }
    expect((await terminal.ended).exitCode).toBe(0)
    await terminal.untilText('onay start --feed push --symbol ETHUSDT')
    expect(loadConfig(undefined, cwd).label).toEqual({
      kind: 'up',
      name: 'outcome',
      horizon_min: 10,
      threshold_bp: 6,
    })
  })

  it.each([
    ['Ctrl+D', '\x04'],
    ['Ctrl+C', '\x03'],
  ])('writes nothing when it is left by %s', async (_, key) => {
    const { cwd, terminal } = asked()
    await terminal.untilText('[sample]')
    terminal.press(key)
    expect((await terminal.ended).exitCode).not.toBe(0)
    expect(existsSync(join(cwd, CONFIG_FILE))).toBe(false)
  })
})
