import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { command, commandJson } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
const SHELLS = ['bash', 'zsh', 'fish'] as const
const scripts = new Map<string, string>()
let help = ''

beforeAll(async () => {
  for (const shell of SHELLS) scripts.set(shell, (await command(['completion', shell])).stdout)
  help = (await command(['--help'])).stdout
})

/** The names of all commands, by the help that lists them. */
function commands(): readonly string[] {
  return [...(help.split('\nCommands:\n')[1] ?? '').matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name)
}

/** What bash offers behind these words, the last of which is being written. */
function offered(words: readonly string[], cwd: string): readonly string[] {
  const script = `${scripts.get('bash')}
COMP_WORDS=(onay "$@"); COMP_CWORD=$#
_onay
printf '%s\\n' "\${COMPREPLY[@]}"`
  const said = execFileSync('bash', ['--noprofile', '--norc', '-uc', script, 'bash', ...words], {
    cwd,
    encoding: 'utf8',
  })
  return said.split('\n').filter((word) => word !== '')
}

describe('the completion of bash', () => {
  const cwd = fresh()
  beforeAll(() => {
    mkdirSync(join(cwd, 'minutes'), { recursive: true })
    writeFileSync(join(cwd, 'minutes.csv'), '')
  })

  it('is told to bash', () => {
    const said = execFileSync('bash', ['-c', `${scripts.get('bash')}\ncomplete -p onay`], { encoding: 'utf8' })
    expect(said.trim()).toBe('complete -F _onay onay')
  })

  it('offers every command, and no word twice', () => {
    const words = offered([''], cwd)
    expect([...words].sort()).toEqual(
      commands()
        .filter((name) => name !== 'help')
        .sort(),
    )
  })

  it.each<[what: string, line: string[], offers: string[]]>([
    ['what begins so', ['can'], ['canary']],
    ['the commands of a command', ['canary', ''], ['preflight', 'start', 'status', 'abort']],
    ['options of a command below another', ['canary', 'start', '--pl'], ['--plan']],
    ['options behind other options and their values', ['canary', 'start', '--plan', 'mini', '--li'], ['--live']],
    ['both names of an option', ['events', '-f'], ['-f']],
    ['words of an argument that its name lists', ['report', ''], ['daily', 'weekly']],
    ['words of an argument that has choices', ['completion', ''], [...SHELLS]],
    ['words of an argument that the help names', ['speed', 'p'], ['pause']],
    ['words of an option', ['retrain', '--profile', ''], ['equivalent', 'improve']],
    ['words of an option of one command', ['canary', 'start', '--mode', ''], ['observe', 'serve']],
    ['the same option of another', ['ab', '--mode', ''], ['concurrent', 'labelled']],
    ['a file', ['gates', '--config', 'min'], ['minutes', 'minutes.csv']],
    ['a file as an argument', ['replay', 'min'], ['minutes', 'minutes.csv']],
    ['a directory', ['gates', '--data-dir', 'min'], ['minutes']],
    ['nothing for a value of its own', ['gates', '--symbol', ''], []],
    ['help', ['gates', '--he'], ['--help']],
  ])('offers %s', (_, line, offers) => {
    expect([...offered(line, cwd)].sort()).toEqual([...offers].sort())
  })
})

describe('a completion', () => {
  it.each(SHELLS)(
    'of %s has every command and option of the program, and is sound where that shell is there',
    async (shell) => {
      const script = scripts.get(shell) ?? ''
      for (const name of commands()) if (name !== 'help') expect(script, name).toMatch(new RegExp(`'${name} ?'`))
      const { stdout } = await command(['canary', 'start', '--help'])
      const options = [...stdout.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, name = '']) => name)
      expect(options.length).toBeGreaterThan(8)
      for (const name of options)
        expect(script).toMatch(new RegExp(shell === 'fish' ? `-l ${name}\\b` : `--${name}\\b`))
      const path = join(fresh(), '..', `onay-completion.${shell}`)
      writeFileSync(path, script)
      for (const place of [`/bin/${shell}`, `/usr/bin/${shell}`])
        if (existsSync(place)) expect(execFileSync(place, ['-n', path], { encoding: 'utf8' })).toBe('')
    },
  )

  it('is one document with --json', async () => {
    expect(await commandJson(['completion', 'zsh'])).toMatchObject({
      schema: 'completion/1',
      shell: 'zsh',
      script: (scripts.get('zsh') ?? '').trimEnd(),
    })
  })

  it('offers no word that the help of its command does not name', async () => {
    for (const path of ['speed', 'features', 'models', 'paper', 'import', 'notify']) {
      const { stdout } = await command([path, '--help'])
      for (const word of offered([path, ''], '.').filter((one) => !existsSync(one)))
        expect(stdout, `${path} ${word}`).toMatch(new RegExp(`\\b${word}\\b`))
    }
    for (const [path, option] of [
      ['start', '--feed'],
      ['start', '--speed'],
      ['retrain', '--profile'],
      ['canary start', '--plan'],
      ['canary start', '--mode'],
      ['ab', '--mode'],
    ] as const) {
      const { stdout } = await command([...path.split(' '), '--help'])
      const words = offered([...path.split(' '), option, ''], '.')
      expect(words.length, `${path} ${option}`).toBeGreaterThan(1)
      for (const word of words) expect(stdout, `${path} ${option} ${word}`).toMatch(new RegExp(`\\b${word}\\b`))
    }
  })
})
