/** The acts as the README tells them, so that what is tried is what it says. */
import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { command } from './command.ts'
import { PROGRAM } from './program.ts'
import { ROOT } from './samples.ts'
import { KEY_BYTES } from './screens.ts'

const Ended = z.object({ code: z.number(), stdout: z.string(), stderr: z.string().optional() })
type EndedSeen = z.infer<typeof Ended>

/** What the README leaves to whoever types it. */
const REASON = 'a reason'
/** The README's rows on act 1, in their order. */
const ROWS = [
  'retrain',
  'validate',
  'rehearse',
  'ask',
  'start',
  'phases',
  'validation',
  'secondOfJune',
  'promote',
  'approve',
] as const

/** The keys that each row of act 1 names, as bytes; a reason stands as the words given. */
export type KeysOfActOne = Readonly<Record<(typeof ROWS)[number], readonly string[]>>

export function keysOfActOne(reason: string): KeysOfActOne {
  const cells = [...sectionOf('Act 1').matchAll(/^\| (?!press|---)([^|]+) \|/gm)].map((row) => row[1] ?? '')
  if (cells.length !== ROWS.length) throw new Error(`the README's act 1 has ${cells.length} rows: ${cells.join('; ')}`)
  const keys = cells.map((cell) => keysIn(cell, reason))
  return Object.fromEntries(ROWS.map((name, i) => [name, keys[i]])) as KeysOfActOne
}

function keysIn(cell: string, reason: string): readonly string[] {
  const words = [...cell.matchAll(/`([^`]+)`|a reason|[A-Z][a-z]+/g)]
  return words.map(([word, typed]) => {
    const bytes = typed ?? (word === REASON ? reason : KEY_BYTES[word.toLowerCase()])
    if (bytes === undefined) throw new Error(`the README names a key that is unknown here: ${word}`)
    return bytes
  })
}

/** The lines of the first block of code of an act. */
export function linesOf(act: 'Act 2' | 'Act 3' | 'Act 4' | 'Act 5' | 'Everything of your own'): readonly string[] {
  const block = /^```\n([\s\S]*?)^```$/m.exec(sectionOf(act))
  return (block?.[1] ?? '').split('\n').filter((line) => line !== '')
}

/** Acts that have a page of their own; the others are the README's. */
const PAGES: Readonly<Record<string, string>> = {
  'Act 5': 'docs/act-five.md',
  'Everything of your own': 'docs/own-models.md',
}

function sectionOf(title: string): string {
  const page = PAGES[title] ?? 'README.md'
  const sections = readFileSync(join(ROOT, page), 'utf8').split(/^##? /m)
  const section = sections.find((text) => text.startsWith(title))
  if (section === undefined) throw new Error(`${page} has no section ${title}`)
  return section
}

/** What the README has a shell put into a line: `$(npx onay approvals --quiet)`. */
const PUT_IN = /\$\((npx onay [^)$]+)\)/

/** The command lines of a line that is nothing but those; null where it needs a shell for more. */
function commandsOf(line: string): readonly (readonly string[])[] | null {
  const parts = line.replace(/\s+#.*$/, '').split(' && ')
  if (parts.some((part) => !part.startsWith('npx onay ') || /[$&|<>;`'*\\]/.test(part))) return null
  return parts.map((part) =>
    [...part.matchAll(/"([^"]*)"|(\S+)/g)].slice(2).map(([, quoted, bare]) => quoted ?? bare ?? ''),
  )
}

/** What the commands have said, up to the first that ends with another code than 0, and its code. */
async function inTurn(commands: readonly (readonly string[])[], cwd: string, dataDir: string): Promise<EndedSeen> {
  const seen = { code: 0, stdout: '', stderr: '' }
  for (const args of commands) {
    const place = args.includes('--data-dir') ? [] : ['--data-dir', dataDir]
    const { code, stdout, stderr } = await command([...args, ...place], { cwd, env: process.env })
    Object.assign(seen, { code, stdout: seen.stdout + stdout, stderr: seen.stderr + stderr })
    if (code !== 0) break
  }
  return seen
}

/**
 * Gives a line to the shell as a person would, beside the room of that directory; one of commands alone runs in this process.
 * @returns what it said
 * @throws with what it said instead, unless it ends with 0, or with what the line says: `(exit 1)`
 */
export async function typed(line: string, dataDir: string): Promise<string> {
  const [whole, within] = PUT_IN.exec(line) ?? []
  if (whole === undefined || within === undefined) return typedInShell(line, dataDir)
  // A function, since what a text puts in may be read as a pattern.
  const said = (await typed(within, dataDir)).trimEnd()
  return typed(
    line.replace(whole, () => said),
    dataDir,
  )
}

/** The same, with what the line puts into itself left to the shell. */
export async function typedInShell(line: string, dataDir: string): Promise<string> {
  const beside = dirname(dataDir)
  // npx would find the program in the checkout; here it is the one that was built, on the test's own directory.
  const npx = join(beside, 'npx')
  writeFileSync(
    npx,
    `#!/bin/sh
[ "$1" = onay ] || exit 64
shift
case " $* " in *" --data-dir "*) exec "$ONAY_NODE" "$ONAY_PROGRAM" "$@" ;; esac
exec "$ONAY_NODE" "$ONAY_PROGRAM" "$@" --data-dir "$ONAY_DIR"
`,
  )
  chmodSync(npx, 0o755)
  // Where a line names the usual directory, that is this one.
  const usual = join(beside, '.onay')
  rmSync(usual, { force: true })
  symlinkSync(dataDir, usual)
  const env = {
    ...process.env,
    PATH: `${beside}:${process.env['PATH'] ?? ''}`,
    ONAY_NODE: process.execPath,
    ONAY_PROGRAM: PROGRAM,
    ONAY_DIR: dataDir,
  }
  const expected = Number(/\(exit (\d+)\)$/.exec(line)?.[1] ?? 0)
  const commands = commandsOf(line)
  const ended = await (commands === null ? inShell(line, { cwd: beside, env }) : inTurn(commands, beside, dataDir))
  if (ended.code === expected) return ended.stdout
  // A gate counts critical alerts and does not name them.
  const events = await promisify(execFile)('bash', ['-c', 'npx onay events --last 2000'], { cwd: beside, env })
  const critical = events.stdout.split('\n').filter((event) => event.includes('critical'))
  const said = [ended.stdout, ended.stderr ?? '', 'critical events:', ...critical].join('\n')
  throw new Error(`${line} ended with ${ended.code}: ${said}`)
}

function inShell(line: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<EndedSeen> {
  return promisify(execFile)('bash', ['-c', line], options).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: unknown) => Ended.parse(error),
  )
}
