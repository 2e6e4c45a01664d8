/** The structure of the house as functions of the sources: sub-rooms, circles, what nobody uses, what nobody may assign to. */
import { posix } from 'node:path'
import { importsOf, type SourceFile, withoutComments } from './house-rules.ts'

const MAX_ROOM_LINES = 2_000
const MAX_ROOM_FILES = 15

/** The sub-rooms of `src/room`: each may import those on the floors before its own, and nothing beside it. */
const FLOORS: readonly (readonly string[])[] = [
  ['config', 'record'],
  ['books'],
  ['desk'],
  ['watch', 'notifications', 'safety', 'canary'],
  ['release', 'validation', 'reports', 'trading'],
  ['training', 'views', 'queries'],
  ['readiness', 'rehearsal'],
  ['timeline'],
  ['drivers'],
  ['handlers'],
]

/** Programs start here, so that nothing of the sources imports them; declarations describe packages. */
const ENTRIES = ['src/main.ts', 'src/work/worker.ts', 'src/work/set-thread.ts', 'src/work/onnx-thread.ts']

/** Imports between sub-rooms that go up or sideways, and files of the room that stand in no known sub-room. */
export function againstFloors(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => {
    const mine = subRoomOf(file.path)
    if (mine === null) return []
    if (mine !== '' && floorOf(mine) < 0) return [`${file.path}: stands in no sub-room that the house knows`]
    return targetsOf(file).flatMap((target) => {
      const theirs = subRoomOf(target)
      if (theirs === null || theirs === mine || mine === '') return []
      const allowed = theirs !== '' && floorOf(theirs) < floorOf(mine)
      return allowed ? [] : [`${file.path}: room/${mine} may not import ${target}`]
    })
  })
}

/** Sub-rooms that have grown too large to be one thing. */
export function tooLarge(files: readonly SourceFile[]): readonly string[] {
  const rooms = new Map<string, SourceFile[]>()
  for (const file of files) {
    const room = subRoomOf(file.path)
    if (room !== null && room !== '') rooms.set(room, [...(rooms.get(room) ?? []), file])
  }
  return [...rooms].flatMap(([room, inside]) => {
    const lines = inside.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0)
    return [
      ...(lines > MAX_ROOM_LINES ? [`room/${room} has ${lines} lines, more than ${MAX_ROOM_LINES}`] : []),
      ...(inside.length > MAX_ROOM_FILES
        ? [`room/${room} has ${inside.length} files, more than ${MAX_ROOM_FILES}`]
        : []),
    ]
  })
}

/** Groups of files that import each other in a circle; a type counts. Each is named once, in the order of its paths. */
export function circles(files: readonly SourceFile[]): readonly string[] {
  const known = new Set(files.map(({ path }) => path))
  const targets = new Map(files.map((file) => [file.path, targetsOf(file).filter((target) => known.has(target))]))
  const found: string[] = []
  const left = new Set(known)
  for (const path of [...known].sort()) {
    if (!left.has(path)) continue
    const circle = [...reach(targets, path)].filter((other) => other === path || reach(targets, other).has(path)).sort()
    if (!reach(targets, path).has(path)) continue
    for (const member of circle) left.delete(member)
    found.push(circle.join(' <-> '))
  }
  return found
}

/** Files that nothing imports and that are no entry: what they hold is not part of the program. */
export function unusedFiles(files: readonly SourceFile[]): readonly string[] {
  const imported = new Set(files.flatMap((file) => targetsOf(file)))
  return files
    .map(({ path }) => path)
    .filter((path) => !path.endsWith('.d.ts') && !ENTRIES.includes(path) && !imported.has(path))
    .map((path) => `${path}: no file imports it`)
}

/**
 * Exports that nobody needs: imported by no file at all, or by tests only while not even their own file uses them.
 * @param others tests and benches, which may import what the sources use
 * @param allowed `path name` of those that may stay; one that is no longer needed is named too
 */
export function unusedExports(
  files: readonly SourceFile[],
  others: readonly SourceFile[],
  allowed: ReadonlySet<string>,
): readonly string[] {
  const used = new Set(files.flatMap((file) => namesImported(file)))
  const tried = new Set(others.flatMap((file) => namesImported(file)))
  const unused = files
    .filter(({ path }) => !path.endsWith('.d.ts'))
    .flatMap(({ path, text }) =>
      exportsOf(text)
        .filter((name) => !used.has(`${path} ${name}`) && !used.has(`${path} *`))
        .filter((name) => !((tried.has(`${path} ${name}`) || tried.has(`${path} *`)) && usedAtHome(text, name)))
        .map((name) => `${path} ${name}`),
    )
  return [
    ...unused.filter((place) => !allowed.has(place)).map((place) => `${place}: no other file needs this export`),
    ...[...allowed]
      .filter((place) => !unused.includes(place))
      .map((place) => `${place}: the exception is no longer needed`),
  ]
}

/** Whether a file uses a name beside declaring it. */
function usedAtHome(text: string, name: string): boolean {
  return (withoutComments(text).match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1
}

const ASSIGNED = /\bdesk(?:\.\w+)+\s*(?:=(?![=>])|\+=|-=|\?\?=|\|\|=|\+\+|--)/g

/** Assignments to what a desk holds, outside its own room. */
export function assignedFromOutside(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => subRoomOf(path) !== 'desk')
    .flatMap(({ path, text }) => {
      const code = withoutComments(text)
      return [...code.matchAll(ASSIGNED)].map((match) => `${path}: assigns from outside: ${match[0].trim()}`)
    })
}

/** A turn of phrase that no English-speaking engineer would write, with what to write instead. */
const PHRASES: readonly [pattern: RegExp, instead: string][] = [
  [
    /(?<!\b[Tt]here )\b(?:is|was|are) no (?!longer|more|fewer|less|such|later|earlier|better|worse)[a-z$]/,
    'is not a ...',
  ],
  [/\bnobody knows\b/i, 'is unknown'],
  [/\b(?:opens|tells|answers) (?:nothing|nobody)\b/i, 'was not accepted, sends nothing, does not answer'],
  [/\bstands still\b/i, 'has stalled'],
  [/\bis given up\b/i, 'gave up on'],
]

const STRINGS = /(['"])((?:\\.|(?!\1)[^\\\n])*)\1|`((?:\\.|[^\\`])*)`/g

/** Strings that a person may read and that no native speaker would have written. */
export function phrases(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    [...withoutComments(text).matchAll(STRINGS)].flatMap((match) => {
      const said = match[2] ?? match[3] ?? ''
      return PHRASES.filter(([pattern]) => pattern.test(said)).map(
        ([, instead]) => `${path}: "${said.slice(0, 80)}": write "${instead}"`,
      )
    }),
  )
}

/** The sub-room of a file of the room; empty for what puts it together, null outside. */
function subRoomOf(path: string): string | null {
  const [src, room, first, second] = path.split('/')
  if (src !== 'src' || room !== 'room' || first === undefined) return null
  return second === undefined ? '' : first
}

function floorOf(subRoom: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(subRoom))
}

function targetsOf({ path, text }: SourceFile): readonly string[] {
  return importsOf(text)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
}

function reach(targets: ReadonlyMap<string, readonly string[]>, from: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [...(targets.get(from) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...(targets.get(next) ?? []))
  }
  return seen
}

const DECLARED =
  /\bexport\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+(\w+)/g
const LISTED = /\bexport\s+(?:type\s+)?\{([^}]*)\}/g
const NAMED_IMPORT = /\b(?:import|export)\s+(?:type\s+)?(?:\w+\s*,\s*)?\{([^}]*)\}\s*from\s*['"]([^'"]+)['"]/g
const WHOLE_IMPORT = /\bimport\s+\*\s+as\s+\w+\s+from\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]\s*\)/g

function exportsOf(text: string): readonly string[] {
  const code = withoutComments(text)
  const listed = [...code.matchAll(LISTED)].flatMap((match) => namesIn(match[1] ?? '').map(({ as }) => as))
  return [...[...code.matchAll(DECLARED)].map((match) => match[1] ?? ''), ...listed]
}

/** `path name` of everything that a file imports from another; `path *` where it takes the whole. */
function namesImported({ path, text }: SourceFile): readonly string[] {
  const code = withoutComments(text)
  const at = (specifier: string): string => posix.join(posix.dirname(path), specifier)
  return [
    ...[...code.matchAll(NAMED_IMPORT)].flatMap((match) =>
      namesIn(match[1] ?? '').map(({ name }) => `${at(match[2] ?? '')} ${name}`),
    ),
    ...[...code.matchAll(WHOLE_IMPORT)].map((match) => `${at(match[1] ?? match[2] ?? '')} *`),
  ]
}

function namesIn(list: string): readonly { readonly name: string; readonly as: string }[] {
  return list
    .split(',')
    .map((part) => part.trim().replace(/^type\s+/, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', as = name] = part.split(/\s+as\s+/)
      return { name, as }
    })
}
