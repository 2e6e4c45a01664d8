import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { builtInCatalogue } from '../src/engine/features/catalogue.ts'
import { defaultConfig } from '../src/room/config/config.ts'
import { CONFIG_FILE, loadConfig, shownConfig } from '../src/room/config/load-config.ts'
import { NotifyConfig } from '../src/room/config/notify-config.ts'
import { GLOSSARY } from '../src/tui/large/glossary.ts'
import { command } from './kit/command.ts'
import { freshDirectories } from './kit/directories.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const filesUnder = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`)

const PAGES = filesUnder('docs').filter((path) => path.endsWith('.md'))
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...PAGES]

interface Found {
  readonly where: string
  readonly text: string
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm

/** What stands in backticks within the text, and the lines of the blocks of code. A line that goes on is one. */
function codeIn(path: string): readonly Found[] {
  const text = read(path)
  const lines = [...text.matchAll(FENCE)].flatMap((block) => (block[2] ?? '').replaceAll('\\\n', ' ').split('\n'))
  return [...lines, ...spansIn(text)].map((code) => ({ where: path, text: code }))
}

/** What stands in backticks within the text. */
function spansIn(text: string): readonly string[] {
  return [...text.replaceAll(FENCE, '').matchAll(/`([^`\n]+)`/g)].map((span) => span[1] ?? '')
}

function linksIn(text: string): readonly string[] {
  return [...text.replaceAll(FENCE, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map((link) => link[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsIn(path: string): readonly string[] {
  return [
    ...read(path)
      .replaceAll(FENCE, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map((heading) =>
    (heading[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe('the README', () => {
  it('has fewer than 150 lines', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThan(150)
  })

  it('says how to run the tests', () => {
    expect(read('README.md')).toContain('npm ci && npm test')
  })
})

describe('the glossary', () => {
  it('has every word of the one on the screen', () => {
    const words = GLOSSARY.flatMap(([word]) => word.split(', '))
    const told = [...read('docs/glossary.md').matchAll(/^\| ([^|]+) \|/gm)].flatMap((row) => (row[1] ?? '').split(', '))
    expect(words.filter((word) => !told.includes(word))).toEqual([])
  })
})

describe('the page of features', () => {
  it('has a row for every feature that a model can be fitted on, and every feature set as it is', () => {
    const rows = [...read('docs/features.md').matchAll(/^\| (`[^|]+) \| ([^|]+) \|/gm)]
    const said = new Map(rows.flatMap((row) => spansIn(row[1] ?? '').map((name) => [name, spansIn(row[2] ?? '')])))
    const { sets } = builtInCatalogue
    const columns = new Set(sets.flatMap(({ model, drift }) => [...model, ...drift]))
    expect([...columns].filter((name) => !said.has(name))).toEqual([])
    const [first, second] = sets
    expect(said.get('v1.8-b0')).toEqual([...(first?.model ?? []), ...(first?.drift ?? [])])
    expect(said.get('v1.8.1')).toEqual(second?.model)
    expect(said.get('v1.9')).toEqual(sets[2]?.model.filter((name) => !second?.model.includes(name)))
  })
})

describe('links', () => {
  it('lead to files and headings that are there', () => {
    const broken = DOCUMENTS.flatMap((path) =>
      linksIn(read(path)).flatMap((target) => {
        const [file = '', anchor] = target.split('#')
        const to = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file))
        const there = existsSync(join(ROOT, to)) && (anchor === undefined || anchorsIn(to).includes(anchor))
        return there ? [] : [`${path}: ${target}`]
      }),
    )
    expect(broken).toEqual([])
  })

  it('lead from the README to every page, one after the other', () => {
    const reached = new Set<string>()
    const follow = (path: string): void => {
      if (reached.has(path) || !path.endsWith('.md') || !existsSync(join(ROOT, path))) return
      reached.add(path)
      for (const target of linksIn(read(path)))
        follow(relative(ROOT, join(ROOT, dirname(path), target.split('#')[0] ?? '')))
    }
    follow('README.md')
    expect(PAGES.filter((path) => !reached.has(path) && !path.startsWith('docs/decisions/'))).toEqual([])
  })
})

describe('commands', () => {
  /** The help of a command line, by its words. */
  const helps = new Map<string, string>()
  let commands: readonly string[] = []

  beforeAll(async () => {
    helps.set('', (await command(['--help'])).stdout)
    commands = namesIn(helps.get('') ?? '')
    for (const name of commands) {
      const { stdout } = await command([name, '--help'])
      helps.set(name, stdout)
      for (const child of namesIn(stdout))
        helps.set(`${name} ${child}`, (await command([name, child, '--help'])).stdout)
    }
  })

  it('that are named are commands of the program, with options that they have', () => {
    expect(commands.length).toBeGreaterThan(15)
    const named = DOCUMENTS.flatMap(codeIn).flatMap(({ where, text }) =>
      commandLinesIn(text).map((line) => ({ where, text: line })),
    )
    expect(named.length).toBeGreaterThan(50)
    const wrong = named.flatMap(({ where, text }) => {
      const fault = faultOf(text, helps)
      return fault === null ? [] : [`${where}: onay ${text}: ${fault}`]
    })
    expect(wrong).toEqual([])
  })

  it('of the program are all on the page of commands', () => {
    const lines = codeIn('docs/commands.md').flatMap(({ text }) => commandLinesIn(text))
    const missing = commands.filter((name) => name !== 'help' && !lines.some((line) => line.split(' ')[0] === name))
    expect(missing).toEqual([])
  })

  it('of npm that are named are scripts of package.json', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')))
    const named = DOCUMENTS.flatMap(codeIn).flatMap(({ where, text }) =>
      [...text.matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g)].map((run) => ({
        where,
        text: run[1] ?? run[2] ?? '',
      })),
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(({ text }) => !Object.hasOwn(scripts, text))).toEqual([])
  })
})

/** The names below "Commands:" in a help text. */
function namesIn(help: string): readonly string[] {
  const list = help.split('\nCommands:\n')[1] ?? ''
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map((name) => name[1] ?? '').filter((name) => name !== 'help')
}

/** The command lines of onay in a piece of code, from the command's name on; `onay` as a user or a container is none. */
function commandLinesIn(code: string): readonly string[] {
  const within = /\$\(([^)]*)\)/g
  const parts = [code.replaceAll(within, 'ID'), ...[...code.matchAll(within)].map((part) => part[1] ?? '')]
  return parts.flatMap((part) =>
    [...part.matchAll(/(?<!docker exec |-u |edit |-t )\bonay(?:\.js)? +(?=[a-z])([^#|&;]*)/g)].map((line) =>
      (line[1] ?? '').replaceAll(/\s+/g, ' ').trim(),
    ),
  )
}

/** What is wrong with a command line; null when nothing is. */
function faultOf(line: string, helps: ReadonlyMap<string, string>): string | null {
  const [name = '', second = ''] = line.replaceAll(/[[\]]/g, '').split(' ')
  const help = helps.get(name)
  if (help === undefined) return `there is no command ${name}`
  const deep = helps.get(`${name} ${second}`)
  if (deep === undefined && namesIn(help).length > 0 && /^[a-z]+$/.test(second)) return `${name} has no ${second}`
  if (
    deep === undefined &&
    /\[what\]|<bars>|<test>|<daily\|weekly>/.test(help) &&
    /^[a-z]+$/.test(second) &&
    !word(help, second)
  ) {
    return `the help of ${name} does not name ${second}`
  }
  const unknown = [...line.matchAll(/--[a-z][a-z-]*/g)].find(([option]) => !word(deep ?? help, option))
  return unknown === undefined ? null : `it has no option ${unknown[0]}`
}

function word(text: string, wanted: string): boolean {
  return new RegExp(`(?<![\\w-])${wanted}(?![\\w-])`).test(text)
}

describe('the configuration', () => {
  const fresh = freshDirectories()
  const defaults: unknown = shownConfig(defaultConfig())
  const notify: unknown = z.toJSONSchema(NotifyConfig, { io: 'input', unrepresentable: 'any' })
  const groups = Object.keys(defaultConfig())

  it('has every field that is named', () => {
    const named = DOCUMENTS.flatMap(codeIn).flatMap(({ where, text }) =>
      [...text.matchAll(/^([a-z]+(?:\.[a-z0-9_]+)+)(?::.*)?$/g)].map((field) => ({ where, text: field[1] ?? '' })),
    )
    const fields = named.filter(({ text }) => groups.includes(text.split('.')[0] ?? '') && !/\.(jsonl?|md)$/.test(text))
    expect(fields.length).toBeGreaterThan(60)
    expect(fields.filter(({ text }) => !isField(text))).toEqual([])
  })

  it('is on its page with every field and its default', () => {
    const rows = [...read('docs/configuration.md').matchAll(/^\| (`[a-z]+\.[^|]+`) \| ([^|]+) \|/gm)]
    const told = new Map(rows.flatMap((row) => pairs(spansIn(row[1] ?? ''), (row[2] ?? '').split(', '))))
    // Those of the alert rules are in the runbook, which is made of them.
    const shown = leavesOf(defaults).filter(([path]) => !path.startsWith('alerts.'))
    const real = new Map(shown.map(([path, value]) => [path, defaultText(value)]))
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(real))
  })

  it('takes every example', () => {
    const examples = DOCUMENTS.flatMap((path) =>
      [...read(path).matchAll(FENCE)]
        .filter(
          (block) => block[1] === 'json' && groups.some((group) => /^\{ "(\w+)"/.exec(block[2] ?? '')?.[1] === group),
        )
        .map((block) => ({ where: path, text: block[2] ?? '' })),
    )
    expect(examples.map(({ where }) => basename(where)).sort()).toEqual([
      'configuration.md',
      'configuration.md',
      'notifications.md',
      'paper.md',
    ])
    for (const { text } of examples) {
      const directory = fresh()
      mkdirSync(directory, { recursive: true })
      writeFileSync(join(directory, CONFIG_FILE), text)
      expect(() => loadConfig(undefined, directory)).not.toThrow()
    }
  })

  function isField(path: string): boolean {
    return (
      at(defaults, path.split('.')) !== undefined ||
      (path.startsWith('notify.') && inSchema(notify, path.split('.').slice(1)))
    )
  }
})

function at(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value
  return typeof value === 'object' && value !== null && key in value ? at(Reflect.get(value, key), rest) : undefined
}

/** Whether a JSON schema, or one of its alternatives, has a field at that path. */
function inSchema(schema: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true
  const next = at(schema, ['properties', key])
  if (next !== undefined) return inSchema(next, rest)
  const alternatives = at(schema, ['anyOf'])
  return Array.isArray(alternatives) && alternatives.some((one) => inSchema(one, [key, ...rest]))
}

/** Every value with its path; an object without fields is a value. */
function leavesOf(value: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [[path, value]]
  return Object.entries(value).flatMap(([key, part]) => leavesOf(part, path === '' ? key : `${path}.${key}`))
}

function defaultText(value: unknown): string {
  if (value === null || typeof value === 'object') return 'none'
  return typeof value === 'string' ? `\`${value}\`` : JSON.stringify(value)
}

function pairs(names: readonly string[], values: readonly string[]): readonly (readonly [string, string])[] {
  return names.map((name, i) => [name, values[i] ?? 'nothing is said'])
}

describe('CONTRIBUTING', () => {
  const sources = ['src', 'test'].flatMap(filesUnder)

  it('names files and folders that are there', () => {
    const named = spansIn(read('CONTRIBUTING.md')).filter(isPath)
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((path) => !isThere(path))).toEqual([])
  })

  /** From the root, or within src or test; a bare name stands beside a file that was named before. */
  function isThere(path: string): boolean {
    if (['', 'src', 'test'].some((folder) => existsSync(join(ROOT, folder, path)))) return true
    return !path.includes('/') && sources.some((source) => basename(source) === path)
  }
})

/** Patterns, with `*`, `<` or braces, are left out, and the configuration, which is its user's. */
function isPath(code: string): boolean {
  if (code === CONFIG_FILE) return false
  return /^[\w.-]+\.(?:tsx?|mjs|md|json|ya?ml|sql)$/.test(code) || /^[\w.-]+(?:\/[\w.-]+)+\/?$/.test(code)
}
