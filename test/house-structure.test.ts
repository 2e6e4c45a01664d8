import { describe, expect, it } from 'vitest'
import type { SourceFile } from './house-rules.ts'
import { filesIn } from './house-sources.ts'
import {
  againstFloors,
  assignedFromOutside,
  circles,
  phrases,
  tooLarge,
  unusedExports,
  unusedFiles,
} from './house-structure.ts'

/** Exports that nobody imports and that stay all the same, with why. */
const EXCEPTIONS = new Set([
  // A clock that a test moves: a port of the kernel beside the real one.
  'src/engine/kernel/clock.ts ManualClock',
  // `scripts/rules.mjs` imports what it has bundled.
  'src/engine/alerts/made.ts generatedFiles',
  'src/api/json-page.ts generatedFiles',
  'src/room/config/config-page.ts generatedFiles',
])

/** Files that nothing imports: `scripts/rules.mjs` bundles them by their paths. */
const UNIMPORTED = ['src/api/json-page.ts', 'src/room/config/config-page.ts']

describe('the house', () => {
  const files = filesIn('src')

  it('has sub-rooms on floors, small ones, and no circle anywhere', () => {
    expect(againstFloors(files)).toEqual([])
    expect(tooLarge(files)).toEqual([])
    expect(circles(files)).toEqual([])
  })

  it('holds nothing that nobody uses', () => {
    expect(unusedFiles(files)).toEqual(UNIMPORTED.map((path) => `${path}: no file imports it`))
    expect(unusedExports(files, [...filesIn('test'), ...filesIn('bench')], EXCEPTIONS)).toEqual([])
  })

  it('assigns to a desk in its own room alone', () => expect(assignedFromOutside(files)).toEqual([]))

  it('speaks plain English', () => expect(phrases(files)).toEqual([]))
})

function source(path: string, text: string): SourceFile {
  return { path: `src/${path}`, text }
}

describe('the sub-rooms of the room', () => {
  const cases: readonly [from: string, to: string, allowed: boolean][] = [
    ['room/desk/tape.ts', '../record/evidence-writer.ts', true],
    ['room/desk/desk.ts', '../release/canary.ts', false],
    ['room/desk/desk.ts', './tape.ts', true],
    ['room/record/audit.ts', '../config/config.ts', false],
    ['room/watch/judge-gates.ts', '../desk/desk.ts', true],
    ['room/watch/judge-gates.ts', '../notifications/notifier.ts', false],
    ['room/release/canary.ts', '../watch/judge-gates.ts', true],
    ['room/release/canary.ts', '../reports/daily-report.ts', false],
    ['room/trading/arms.ts', '../desk/desk.ts', true],
    ['room/timeline/order.ts', '../release/canary.ts', true],
    ['room/timeline/order.ts', '../drivers/player.ts', false],
    ['room/readiness/checklist.ts', '../queries/readings.ts', true],
    ['room/drivers/player.ts', '../live-room.ts', false],
    ['room/live-room.ts', './drivers/player.ts', true],
    ['room/live-room.ts', './assemble.ts', true],
  ]
  it.each(cases)('%s imports %s: %s', (from, to, allowed) => {
    const found = againstFloors([source(from, `import type { A } from '${to}'`)])
    expect(found).toHaveLength(allowed ? 0 : 1)
  })

  it('are those that the house knows', () => {
    expect(againstFloors([source('room/helpers/a.ts', '')])).toEqual([
      'src/room/helpers/a.ts: stands in no sub-room that the house knows',
    ])
  })

  it('stay small: 15 files and 2,000 lines', () => {
    const files = (n: number, lines: number): SourceFile[] =>
      Array.from({ length: n }, (_, i) => source(`room/watch/a${i}.ts`, '//\n'.repeat(lines)))
    expect(tooLarge(files(15, 100))).toEqual([])
    expect(tooLarge(files(16, 1))).toEqual(['room/watch has 16 files, more than 15'])
    expect(tooLarge(files(10, 201))).toEqual(['room/watch has 2010 lines, more than 2000'])
    expect(tooLarge(Array.from({ length: 20 }, (_, i) => source(`room/a${i}.ts`, '')))).toEqual([])
  })
})

describe('a circle of imports', () => {
  const of = (path: string, ...to: string[]): SourceFile =>
    source(path, to.map((target) => `import type { A } from './${target}'`).join('\n'))

  it('is found, also through types and through a third file', () => {
    expect(circles([of('db/a.ts', 'b.ts'), of('db/b.ts', 'a.ts')])).toEqual(['src/db/a.ts <-> src/db/b.ts'])
    expect(
      circles([of('db/a.ts', 'b.ts'), of('db/b.ts', 'c.ts'), of('db/c.ts', 'a.ts'), of('db/d.ts', 'a.ts')]),
    ).toEqual(['src/db/a.ts <-> src/db/b.ts <-> src/db/c.ts'])
  })

  it('is not two ways to the same file', () => {
    expect(circles([of('db/a.ts', 'b.ts', 'c.ts'), of('db/b.ts', 'c.ts'), of('db/c.ts')])).toEqual([])
  })
})

/** Apart from the file's name, so that these made-up imports are not taken for imports of this test. */
const DB = './db'

describe('what nobody uses', () => {
  const main = source('main.ts', `import { a } from '${DB}/a.ts'\nvoid a`)

  it('is a file that nothing imports, but for the entries', () => {
    expect(unusedFiles([main, source('db/a.ts', 'export const a = 1'), source('db/b.ts', '')])).toEqual([
      'src/db/b.ts: no file imports it',
    ])
  })

  it.each([
    ['a constant', 'export const b = 1', 'b'],
    ['a function', 'export async function b(): Promise<void> {}', 'b'],
    ['a generator', 'export function* b() {}', 'b'],
    ['a class', 'export class B {}', 'B'],
    ['a type', 'export interface B {}\nexport type C = 1', 'B'],
    ['a list', 'const b = 1\nexport { b }', 'b'],
  ])('is an export that no file imports: %s', (_, text, name) => {
    const found = unusedExports([main, source('db/a.ts', `export const a = 1\n${text}`)], [], new Set())
    expect(found[0]).toBe(`src/db/a.ts ${name}: no other file needs this export`)
  })

  it('is an export that tests alone import, unless its own file uses it', () => {
    const test = { path: 'test/a.test.ts', text: "import { b, c } from '../src/db/a.ts'" }
    const file = source('db/a.ts', 'export const a = c()\nexport const b = 1\nexport function c() {}')
    expect(unusedExports([main, file], [test], new Set())).toEqual(['src/db/a.ts b: no other file needs this export'])
  })

  it('is not what is imported whole, under another name or by type', () => {
    const files = [
      source(
        'main.ts',
        `import * as a from '${DB}/a.ts'\nimport { x as y, type Z } from '${DB}/b.ts'\nlet c: import('${DB}/c.ts').C`,
      ),
      source('db/a.ts', 'export const a = 1'),
      source('db/b.ts', 'export const x = 1\nexport interface Z {}'),
      source('db/c.ts', 'export interface C {}'),
    ]
    expect(unusedExports(files, [], new Set())).toEqual([])
  })

  it('may be excepted, and an exception that is no longer needed is named', () => {
    const file = source('db/a.ts', 'export const a = 1\nexport const b = 1')
    expect(unusedExports([main, file], [], new Set(['src/db/a.ts b']))).toEqual([])
    expect(unusedExports([main, file], [], new Set(['src/db/a.ts b', 'src/db/a.ts a']))).toEqual([
      'src/db/a.ts a: the exception is no longer needed',
    ])
  })
})

describe('what a desk holds', () => {
  it.each(['desk.canary = null', 'desk.tape.feed.clockMs = 1', 'desk.drift.n++', 'this.desk.alerts.active ??= []'])(
    'is not assigned from outside: %s',
    (code) => expect(assignedFromOutside([source('room/watch/a.ts', code)])).toHaveLength(1),
  )

  it('is read anywhere, compared, and changed by its own room', () => {
    const code = 'if (desk.tape.momentMs === 1) f((desk) => desk.canary)\nconst desk = 1'
    expect(assignedFromOutside([source('room/watch/a.ts', code)])).toEqual([])
    expect(assignedFromOutside([source('room/desk/a.ts', 'desk.tape.a = 1')])).toEqual([])
  })
})

describe('what a person reads', () => {
  it.each(["'that is no label'", "'the token opens nothing'", "'nobody knows when'", '`${date} is no day`'])(
    'is plain English: not %s',
    (code) => expect(phrases([source('room/a.ts', `throw new Error(${code})`)])).toHaveLength(1),
  )

  it.each([
    "'there is no room at /data'",
    "'it is no longer firing'",
    "'there was no entry'",
    "'5 are no more than 6'",
  ])('may well be %s', (code) => expect(phrases([source('room/a.ts', `throw new Error(${code})`)])).toEqual([]))
})
