import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defaultConfig } from '../../src/room/config/config.ts'
import { CONFIG_FILE, loadConfig, shownConfig } from '../../src/room/config/load-config.ts'
import { command, commandJson, expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()

function directory(): string {
  const cwd = fresh()
  mkdirSync(cwd)
  return cwd
}

/** Somebody who answers in turn, and says what they were asked. */
function somebody(...answers: readonly string[]): { asked: string[]; question: (text: string) => Promise<string> } {
  const asked: string[] = []
  return { asked, question: (text) => Promise.resolve(answers[asked.push(text) - 1] ?? '') }
}

describe('init --yes', () => {
  it('writes every field of the configuration with its default, and names three commands', async () => {
    const cwd = directory()
    const ended = await command(['init', '--yes'], { cwd })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const written: unknown = JSON.parse(readFileSync(join(cwd, CONFIG_FILE), 'utf8'))
    expect(written).toEqual(shownConfig(defaultConfig()))
    expect(shownConfig(loadConfig(undefined, cwd))).toEqual(shownConfig(defaultConfig()))
    expect(ended.stdout.split('\n').filter((line) => line.startsWith('onay '))).toEqual([
      'onay doctor',
      'onay start',
      'onay retrain --features v1.8.1',
    ])
  })

  it('is one document with --json, and says places to the next commands too', async () => {
    const cwd = directory()
    const args = ['init', '--yes', '--config', "o'brien.json", '--data-dir', 'live']
    expect(await commandJson(args, [0], { cwd })).toMatchObject({
      schema: 'init/1',
      written: join(cwd, "o'brien.json"),
      replaced: false,
      commands: expect.arrayContaining([`onay doctor --data-dir live --config 'o'\\''brien.json'`]),
    })
  })
})

describe('init', () => {
  it('leaves a file that is there as it is, unless --force says otherwise', async () => {
    const cwd = directory()
    const path = join(cwd, CONFIG_FILE)
    writeFileSync(path, '{"gates": {"auc": 0.7}}')
    expectTrouble(await command(['init', '--yes'], { cwd }), path, '--force')
    expect(readFileSync(path, 'utf8')).toBe('{"gates": {"auc": 0.7}}')
    const forced = await command(['init', '--yes', '--force'], { cwd })
    expect(forced.stdout).toContain('was written over')
    expect(loadConfig(undefined, cwd).gates.auc).toBe(0.62)
  })

  it('writes over a file that does not fit: that is what it is asked to mend', async () => {
    const cwd = directory()
    writeFileSync(join(cwd, CONFIG_FILE), '{')
    expect(await command(['init', '--yes', '--force'], { cwd })).toMatchObject({ code: 0 })
  })

  it('asks nobody where there is no terminal, and writes nothing', async () => {
    const cwd = directory()
    expectTrouble(await command(['init'], { cwd }), 'not a terminal', 'onay init --yes')
    expect(() => readFileSync(join(cwd, CONFIG_FILE))).toThrow('ENOENT')
  })

  const Commands = z.object({ commands: z.array(z.string()).length(3) })
  it.each([
    ['Enter seven times', [], 'onay start', 'v1.8.1', {}],
    [
      'an exchange',
      ['exchange', 'kraken', 'ETH/USDT', 'v1.9', 'up', '15', '12.5'],
      'onay start --feed exchange --exchange kraken --symbol ETH/USDT',
      'v1.9',
      { kind: 'up', horizon_min: 15, threshold_bp: 12.5 },
    ],
    [
      'outcomes that are brought',
      ['', '', 'pushed', '240', 'hit_target'],
      'onay start',
      'v1.8.1',
      { kind: 'pushed', horizon_min: 240, name: 'hit_target' },
    ],
    ['pushed bars', ['push', 'SOLUSDT'], 'onay start --feed push --symbol SOLUSDT', 'v1.8.1', {}],
    ['a file', ['my minutes.csv', ''], "onay start --recording 'my minutes.csv' --symbol BTCUSDT", 'v1.8.1', {}],
  ])('takes the answers for what they mean: %s', async (_, answers, start, features, label) => {
    const cwd = directory()
    writeFileSync(join(cwd, 'my minutes.csv'), '')
    const { question } = somebody(...answers)
    const { commands } = Commands.parse(await commandJson(['init'], [0], { cwd, question }))
    expect(commands.slice(1)).toEqual([start, `onay retrain --features ${features}`])
    expect(loadConfig(undefined, cwd).label).toEqual({ ...defaultConfig().label, ...label })
  })

  it('asks again for an answer that does not fit, with why, and gives up after the third', async () => {
    const cwd = directory()
    const patient = somebody('', '', '', 'soon', '-1', '30')
    const ended = await command(['init'], { cwd, question: patient.question })
    expect(ended.code).toBe(0)
    expect(ended.stderr.trimEnd().split('\n')).toEqual([
      expect.stringContaining('"NaN" is not a valid label.horizon_min'),
      expect.stringContaining('"-1" is not a valid label.horizon_min'),
    ])
    expect(loadConfig(undefined, cwd).label.horizon_min).toBe(30)
    expect(patient.asked.filter((text) => text.includes('minutes ahead'))).toHaveLength(3)

    const lost = await command(['init', '--force'], { cwd, question: () => Promise.resolve('nowhere') })
    expect(lost.code).toBe(3)
    expect(lost.stderr).toContain('"nowhere" is not a valid place of bars')
    expect(loadConfig(undefined, cwd).label.horizon_min).toBe(30)
  })
})
