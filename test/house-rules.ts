/** The rules of the house as a function of the sources, so that they can be tried on made-up ones. */
import { posix } from 'node:path'

export interface SourceFile {
  /** From the root of the repository: `src/engine/drift/verdict.ts`. */
  readonly path: string
  readonly text: string
}

export interface ImportSite {
  readonly specifier: string
  readonly line: number
}

const MAX_LINES = 300

const DECIDES = ['engine/kernel', 'engine/stats', 'engine']
/** What a room is seen and asked by, which everybody above the evidence may name. */
const NAMES = [...DECIDES, 'evidence', 'control']
const REMEMBERS = ['db', 'feeds', 'notify', 'work']

/** Which rooms a room may import beside itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'engine/kernel': [],
  'engine/stats': ['engine/kernel'],
  engine: ['engine/kernel', 'engine/stats'],
  evidence: DECIDES,
  control: [...DECIDES, 'evidence'],
  feeds: DECIDES,
  notify: DECIDES,
  db: [...NAMES, 'feeds', 'notify'],
  work: [...NAMES, 'db'],
  serving: [...NAMES, ...REMEMBERS],
  jobs: [...NAMES, ...REMEMBERS, 'serving'],
  room: [...NAMES, ...REMEMBERS, 'serving', 'jobs'],
  // Screen and API see a room by its door alone: what it can be asked, and who answers predictions.
  api: [...NAMES, ...REMEMBERS, 'serving'],
  tui: NAMES,
  // A command puts a room, its server and its screen together, so that it sees them all.
  cli: [...NAMES, ...REMEMBERS, 'serving', 'jobs', 'room', 'api', 'tui'],
  main: [...NAMES, ...REMEMBERS, 'serving', 'jobs', 'room', 'api', 'tui', 'cli'],
}

const JUDGES = ['market', 'features', 'models', 'drift']

/** What the engine's siblings may import of each other. */
const SIBLINGS: Readonly<Record<string, readonly string[]>> = {
  market: [],
  features: ['market'],
  models: ['market', 'features'],
  training: ['market', 'features', 'models'],
  drift: ['market', 'features'],
  shadow: JUDGES,
  gates: JUDGES,
  // The alert on a canary's errors fires on the condition of its judge.
  alerts: [...JUDGES, 'canary'],
  canary: JUDGES,
  approval: JUDGES,
  trading: JUDGES,
}

const ZOD_ROOMS = ['api', 'cli', 'room', 'db', 'feeds', 'evidence', 'serving']

/** Where text from outside becomes values: the only places that read JSON. */
const JSON_DOORS = ['api/', 'cli/', 'db/', 'feeds/', 'evidence/', 'notify/', 'room/config/', 'engine/kernel/json.ts']

/** What the folders of the tests share. */
const KIT = 'test/kit/'

const CLOCK_AND_CHANCE = /\bDate\.now\b|\bnew Date\s*\(|\bMath\.random\b|\bperformance\.now\b/g
const JSON_PARSE = /\bJSON\.parse\s*\(/g
const STAR_EXPORT = /\bexport\s+(?:type\s+)?\*\s+from\b/g
const DEFAULT_EXPORT = /\bexport\s+default\b|\bexport\s*\{[^}]*\bdefault\b[^}]*\}/g
const STATIC_IMPORT = /\b(?:import|export)\b\s*(?:type\b)?\s*(?:[\w*{}\s,$]+?\bfrom\s*)?(['"])([^'"\n]+)\1/g
const DYNAMIC_IMPORT = /\bimport\s*\(\s*(['"`])([^'"`\n]+)\1/g
const STRING_OR_COMMENT = /(['"])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\.|[^\\`])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

/** Every breach of the rules, one line each: `src/a/b.ts:12: what`. */
export function violations(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => [...aboutName(file), ...aboutImports(file), ...aboutText(file)])
}

/** Static, dynamic and re-exporting imports, by line. Those in comments do not count. */
export function importsOf(text: string): readonly ImportSite[] {
  const code = withoutComments(text)
  const sites: ImportSite[] = []
  for (const pattern of [STATIC_IMPORT, DYNAMIC_IMPORT]) {
    for (const match of code.matchAll(pattern)) {
      const specifier = match[2] ?? ''
      sites.push({ specifier, line: lineAt(code, match.index + match[0].lastIndexOf(specifier)) })
    }
  }
  return sites
}

/**
 * Breaches of the rules for tests. What several folders of tests share stands in `test/kit`; a helper anywhere else is used in
 * its own folder only, so that a test can be moved or deleted without a look at the others.
 */
export function testViolations(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    importsOf(text).flatMap(({ specifier, line }) => {
      const target = posix.join(posix.dirname(path), specifier)
      const why = specifier.startsWith('.') ? againstTestFolders(path, target) : null
      return why === null ? [] : [`${path}:${line}: ${why}`]
    }),
  )
}

function againstTestFolders(from: string, to: string): string | null {
  if (!to.startsWith('test/')) return null
  if (/\.test\.tsx?$/.test(to)) return `imports ${to}, which is a test itself`
  if (from.startsWith(KIT)) return to.startsWith(KIT) ? null : `the kit may not import ${to}`
  const shared = to.startsWith(KIT) || posix.dirname(from) === posix.dirname(to)
  return shared ? null : `imports ${to}, a helper of another folder: what folders share belongs in ${KIT}`
}

function aboutName({ path, text }: SourceFile): string[] {
  const found: string[] = []
  const name = posix.basename(path)
  if (roomOf(path) === null) found.push(`${path}:1: stands in no room that the house knows`)
  if (/^index\.tsx?$/.test(name)) found.push(`${path}:1: is an index file`)
  const vague = /utils|helpers|manager/i.exec(name)
  if (vague !== null) found.push(`${path}:1: is named ${vague[0]}, which says nothing`)
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  if (lines > MAX_LINES) found.push(`${path}:${MAX_LINES + 1}: has ${lines} lines, more than ${MAX_LINES}`)
  return found
}

function aboutImports({ path, text }: SourceFile): string[] {
  return importsOf(text).flatMap(({ specifier, line }) => {
    const why = specifier.startsWith('.')
      ? againstRooms(path, posix.join(posix.dirname(path), specifier))
      : againstPackages(path, specifier)
    return why === null ? [] : [`${path}:${line}: ${why}`]
  })
}

function againstRooms(from: string, to: string): string | null {
  const room = roomOf(from)
  const target = roomOf(to)
  if (room === null || target === null) return null
  if (room === 'engine' && target === 'engine') return againstSiblings(from, to)
  return room === target || (ROOMS[room] ?? []).includes(target) ? null : `${room} may not import ${to}`
}

function againstSiblings(from: string, to: string): string | null {
  const [mine, theirs] = [from.split('/')[2] ?? '', to.split('/')[2] ?? '']
  return mine === theirs || (SIBLINGS[mine] ?? []).includes(theirs) ? null : `engine/${mine} may not import ${to}`
}

function againstPackages(path: string, specifier: string): string | null {
  if (path.startsWith('src/engine/')) return `the engine may not import ${specifier}`
  const room = roomOf(path)
  const isZod = specifier === 'zod' || specifier.startsWith('zod/')
  return isZod && room !== null && !ZOD_ROOMS.includes(room) ? `${room} may not import zod` : null
}

function aboutText({ path, text }: SourceFile): string[] {
  const code = withoutComments(text)
  const found: string[] = []
  const note = (pattern: RegExp, why: (match: string) => string): void => {
    for (const match of code.matchAll(pattern)) found.push(`${path}:${lineAt(code, match.index)}: ${why(match[0])}`)
  }
  note(STAR_EXPORT, () => 're-exports everything of a file')
  // A declaration file describes a package as it is.
  if (!path.endsWith('.d.ts')) note(DEFAULT_EXPORT, () => 'has a default export')
  if (!path.startsWith('src/engine/kernel/'))
    note(CLOCK_AND_CHANCE, (match) => `uses ${match}, which is the kernel's alone`)
  for (const match of code.matchAll(JSON_PARSE)) {
    const line = lineAt(code, match.index)
    if (!JSON_DOORS.some((door) => path.startsWith(`src/${door}`)))
      found.push(`${path}:${line}: reads JSON, which is for doors: ask the database for the value`)
    if (isCast(code, match.index + match[0].length))
      found.push(`${path}:${line}: takes JSON for a type without a look at it: parse it with a schema`)
  }
  return found
}

/** Whether the call whose arguments begin at `from` is followed by `as`. */
function isCast(code: string, from: number): boolean {
  let open = 1
  let at = from
  for (; at < code.length && open > 0; at++) open += code[at] === '(' ? 1 : code[at] === ')' ? -1 : 0
  return /^\)*\s*as\s+(?!unknown\b)/.test(code.slice(at))
}

/** The room that a path stands in; null outside src and in a folder that the house does not know. */
function roomOf(path: string): string | null {
  if (path === 'src/main.ts') return 'main'
  const [top, first = '', second = '', third] = path.split('/')
  if (top !== 'src') return null
  if (first !== 'engine') return second !== '' && first in ROOMS ? first : null
  if (`engine/${second}` in ROOMS) return `engine/${second}`
  return third !== undefined && second in SIBLINGS ? 'engine' : null
}

/** Comments blanked out, line feeds kept, so that what is left stands where it stood. */
export function withoutComments(text: string): string {
  return text.replace(STRING_OR_COMMENT, (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found))
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
