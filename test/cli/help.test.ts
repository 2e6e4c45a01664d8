import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { command, expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()

/** The help of every command that does something, by its words. */
const helps = new Map<string, string>()

async function gather(path: readonly string[]): Promise<void> {
  const { stdout } = await command([...path, '--help'])
  const [, list] = stdout.split('\nCommands:\n')
  if (list === undefined) helps.set(path.join(' '), stdout)
  for (const [, name = ''] of list?.matchAll(/^ {2}([a-z]+)/gm) ?? [])
    if (name !== 'help') await gather([...path, name])
}

beforeAll(() => gather([]))

describe('the help of each command', () => {
  it('ends with examples of it, and with what it ends with', () => {
    expect(helps.size).toBeGreaterThan(25)
    for (const [path, help] of helps) {
      const [, examples = '', codes = ''] =
        /\nExamples:\n((?: {2}\$ .*\n)+)\nExit codes:\n((?: {2}\d {2}.*\n)+)$/.exec(help) ?? []
      expect(examples, path).toMatch(new RegExp(`^ {2}\\$ onay ${path}\\b`))
      expect(codes, path).toMatch(/^ {2}0 {2}\S/)
      expect(codes, path).toMatch(/^ {2}3 {2}something went wrong$/m)
    }
  })

  it('shows examples with options that it has', () => {
    for (const [path, help] of helps) {
      const [options = '', rest = ''] = help.split('\nExamples:\n')
      for (const [option] of rest.matchAll(/(?<=\$ onay [^|&]*)--[a-z-]+/g))
        expect(options, path).toContain(`  ${option} `)
    }
  })

  it('has its own options first and the common ones after', () => {
    for (const [path, help] of helps) {
      const at = (text: string): number => help.indexOf(text)
      expect(at('\nCommon options:\n'), path).toBeGreaterThan(at('\nOptions:\n'))
      expect(at('  --data-dir '), path).toBeGreaterThan(at('\nCommon options:\n'))
      expect(at('  -h, --help '), path).toBeGreaterThan(at('\nCommon options:\n'))
    }
  })
})

describe('a word that is not a command', () => {
  it.each<[args: string[], what: string, ...rest: string[]]>([
    [['gats'], "unknown command 'gats'", '(Did you mean gates?)', '(see: onay --help)'],
    [['--data-dir', 'x', 'gats'], "unknown command 'gats'", '(Did you mean gates?)', '(see: onay --help)'],
    [['--speed', '60', 'dashboard'], "unknown command 'dashboard'", '(see: onay --help)'],
    [['dashboard'], "unknown command 'dashboard'", '(see: onay --help)'],
    [['canary', 'strat'], "unknown command 'strat'", '(Did you mean start?)', '(see: onay canary --help)'],
    [['gates', '--sav'], "unknown option '--sav'", '(Did you mean --save?)', '(see: onay gates --help)'],
  ])('is answered with what is meant, and never opens a room: %s', async (args, what, ...rest) => {
    const ended = await command(args)
    expect(ended).toMatchObject({ code: 3, stdout: '' })
    expect(ended.stderr.trimEnd().split('\n')).toEqual([`error: ${what}`, ...rest])
  })

  it('that is one runs behind its options too', async () => {
    expectTrouble(await command(['--data-dir', fresh(), 'gates']), 'there is no room')
    expect((await command(['--json', 'config'])).code).toBe(0)
  })
})

describe('an error under --json', () => {
  const Failure = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string(), next: z.string() }) })

  it('is one JSON document on stdout in the form of HTTP, beside the line for people', async () => {
    const args = ['gates', '--data-dir', fresh()]
    const ended = await command([...args, '--json'])
    const { error } = Failure.parse(JSON.parse(ended.stdout))
    expect(error.code).toBe('no_database')
    expect(ended).toMatchObject({ code: 3, stderr: `onay: ${error.message}; ${error.next}\n` })
    expectTrouble(await command(args), error.message)
  })

  it('is one for a line that cannot be understood too', async () => {
    for (const [line, next] of [
      ['gats', 'see: onay --help'],
      ['gates --bogus', 'see: onay gates --help'],
    ] as const) {
      const ended = await command([...line.split(' '), '--json'])
      expect(ended.code).toBe(3)
      expect(Failure.parse(JSON.parse(ended.stdout)).error).toMatchObject({ code: 'usage', next })
    }
  })
})
