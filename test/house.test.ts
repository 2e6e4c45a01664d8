import { describe, expect, it } from 'vitest'
import { importsOf, testViolations, violations } from './house-rules.ts'
import { filesIn } from './house-sources.ts'

function of(path: string, text: string): readonly string[] {
  return violations([{ path, text }])
}

describe('the house', () => {
  it('holds its rules in every file', () => {
    const files = filesIn('src')
    expect(files.length).toBeGreaterThan(10)
    expect(violations(files)).toEqual([])
  })
})

describe('who may import whom', () => {
  const cases: readonly [from: string, specifier: string, allowed: boolean][] = [
    ['src/engine/kernel/units.ts', './clock.ts', true],
    ['src/engine/kernel/units.ts', '../stats/psi.ts', false],
    ['src/engine/stats/psi.ts', '../kernel/units.ts', true],
    ['src/engine/stats/psi.ts', '../drift/verdict.ts', false],
    ['src/engine/market/gaps.ts', '../features/row.ts', false],
    ['src/engine/features/stream.ts', '../market/bar.ts', true],
    ['src/engine/features/stream.ts', '../models/contract.ts', false],
    ['src/engine/models/logistic.ts', '../features/row.ts', true],
    ['src/engine/models/logistic.ts', '../drift/verdict.ts', false],
    ['src/engine/training/fit.ts', '../models/contract.ts', true],
    ['src/engine/training/fit.ts', '../drift/verdict.ts', false],
    ['src/engine/drift/verdict.ts', '../features/row.ts', true],
    ['src/engine/drift/verdict.ts', '../models/contract.ts', false],
    ['src/engine/gates/evaluate.ts', '../drift/verdict.ts', true],
    ['src/engine/gates/evaluate.ts', '../training/fit.ts', false],
    ['src/engine/gates/evaluate.ts', '../shadow/split.ts', false],
    ['src/engine/canary/next.ts', '../../db/store.ts', false],
    ['src/db/store.ts', '../engine/gates/evaluate.ts', true],
    ['src/db/store.ts', '../evidence/chain.ts', true],
    ['src/work/worker.ts', '../evidence/chain.ts', true],
    ['src/evidence/chain.ts', '../db/store.ts', false],
    ['src/feeds/push.ts', '../evidence/chain.ts', false],
    ['src/feeds/push.ts', '../db/store.ts', false],
    ['src/notify/webhook.ts', '../engine/alerts/rules.ts', true],
    ['src/notify/webhook.ts', '../db/store.ts', false],
    ['src/notify/webhook.ts', '../evidence/chain.ts', false],
    ['src/room/delivery.ts', '../notify/channel.ts', true],
    ['src/work/worker.ts', '../db/store.ts', true],
    ['src/serving/slots.ts', '../db/store.ts', true],
    ['src/serving/slots.ts', '../jobs/table.ts', false],
    ['src/jobs/table.ts', '../serving/slots.ts', true],
    ['src/jobs/schedule.ts', '../room/view.ts', false],
    ['src/room/timeline.ts', '../jobs/table.ts', true],
    ['src/room/timeline.ts', '../api/server.ts', false],
    ['src/control/view.ts', '../evidence/documents.ts', true],
    ['src/control/view.ts', '../db/store.ts', false],
    ['src/control/commands.ts', '../room/live-room.ts', false],
    ['src/evidence/chain.ts', '../control/view.ts', false],
    ['src/room/view.ts', '../control/view.ts', true],
    ['src/api/server.ts', '../control/control-room.ts', true],
    ['src/api/server.ts', '../serving/door.ts', true],
    ['src/api/server.ts', '../room/live-room.ts', false],
    ['src/api/server.ts', '../tui/app.tsx', false],
    ['src/api/server.ts', '../cli/start.ts', false],
    ['src/tui/app.tsx', '../control/control-room.ts', true],
    ['src/tui/panels/gates.ts', '../../room/view.ts', false],
    ['src/tui/app.tsx', '../db/store.ts', false],
    ['src/tui/app.tsx', '../api/client.ts', false],
    ['src/cli/start.ts', '../api/client.ts', true],
    ['src/cli/start.ts', '../main.ts', false],
    ['src/main.ts', './cli/start.ts', true],
  ]
  it.each(cases)('%s imports %s: %s', (from, specifier, allowed) => {
    const found = of(from, `\nimport { x } from '${specifier}'\n`)
    expect(found.map((line) => line.startsWith(`${from}:2: `))).toEqual(allowed ? [] : [true])
  })

  it('holds for types, re-exports, dynamic imports and imports over several lines', () => {
    const forms = [
      "import type { A } from '../db/a.ts'",
      "export { a } from '../db/a.ts'",
      "export type { A } from '../db/a.ts'",
      "import '../db/a.ts'",
      "import * as a from '../db/a.ts'",
      "const a = await import('../db/a.ts')",
      "let a: import('../db/a.ts').A",
    ]
    for (const form of forms) expect(of('src/evidence/b.ts', form), form).toHaveLength(1)
    expect(of('src/evidence/b.ts', "import {\n  a,\n  type B,\n} from '../db/a.ts'")).toEqual([
      'src/evidence/b.ts:4: evidence may not import src/db/a.ts',
    ])
  })

  it('does not take a comment for an import', () => {
    expect(of('src/evidence/b.ts', "// import { a } from '../db/a.ts'\n/* import '../db/a.ts' */\n")).toEqual([])
  })

  it('finds every import of a file, with its line', () => {
    const text = "import { a } from 'a'\nexport const b = 1\nimport c from './c.ts' // 'd'\nvoid import('e')\n"
    expect(importsOf(text)).toEqual([
      { specifier: 'a', line: 1 },
      { specifier: './c.ts', line: 3 },
      { specifier: 'e', line: 4 },
    ])
  })
})

describe('what a file may hold', () => {
  it('keeps packages and node modules out of the engine', () => {
    expect(of('src/engine/stats/a.ts', "import { z } from 'zod'\nimport { join } from 'node:path'")).toEqual([
      'src/engine/stats/a.ts:1: the engine may not import zod',
      'src/engine/stats/a.ts:2: the engine may not import node:path',
    ])
    expect(of('src/evidence/a.ts', "import { join } from 'node:path'")).toEqual([])
  })

  it('keeps zod at the door', () => {
    for (const room of ['api', 'cli', 'room', 'db', 'feeds', 'evidence', 'serving']) {
      expect(of(`src/${room}/a.ts`, "import { z } from 'zod'")).toEqual([])
    }
    for (const room of ['tui', 'jobs', 'work', 'engine/drift']) {
      expect(of(`src/${room}/a.ts`, "import { z } from 'zod/v4'")).toHaveLength(1)
    }
  })

  it('keeps clock and chance in the kernel', () => {
    const uses = ['Date.now()', 'new Date(0)', 'Math.random()', 'performance.now()']
    for (const use of uses) {
      expect(of('src/engine/kernel/a.ts', `const a = ${use}`)).toEqual([])
      expect(of('src/room/a.ts', `\nconst a = ${use}`), use).toHaveLength(1)
      expect(of('src/room/a.ts', `/** Not ${use}. */\nconst a = 'http://x' // nor ${use}`)).toEqual([])
    }
    expect(of('src/room/a.ts', '\nDate.now()')).toEqual(["src/room/a.ts:2: uses Date.now, which is the kernel's alone"])
  })

  it('keeps JSON at the doors, and takes none of it for a type without a look', () => {
    const parse = '\nconst a: unknown = JSON.parse(text(b))'
    const cast = '\nconst a = (JSON.parse(text(b)) as A).c'
    const takes = 'src/db/a.ts:2: takes JSON for a type without a look at it: parse it with a schema'
    for (const path of ['api/a.ts', 'cli/a.ts', 'db/a.ts', 'feeds/a.ts', 'evidence/a.ts', 'room/config/a.ts'])
      expect(of(`src/${path}`, parse), path).toEqual([])
    for (const path of ['room/desk/a.ts', 'work/a.ts', 'serving/a.ts', 'tui/a.ts'])
      expect(of(`src/${path}`, parse), path).toEqual([
        `src/${path}:2: reads JSON, which is for doors: ask the database for the value`,
      ])
    expect(of('src/db/a.ts', cast)).toEqual([takes])
    expect(of('src/db/a.ts', '\nconst a = JSON.parse(b) as A')).toEqual([takes])
    expect(of('src/db/a.ts', 'const a = JSON.parse(b) as unknown\n// JSON.parse(b) as A')).toEqual([])
  })

  it('knows no barrels and no default exports', () => {
    expect(of('src/db/a.ts', "export * from './b.ts'")).toHaveLength(1)
    expect(of('src/db/a.ts', "export type * from './b.ts'")).toHaveLength(1)
    expect(of('src/db/a.ts', 'export default 1')).toHaveLength(1)
    expect(of('src/db/a.ts', 'export { a as default }')).toHaveLength(1)
    expect(of('src/db/index.ts', '')).toHaveLength(1)
  })

  it('has no file over 300 lines, no name that says nothing and no unknown room', () => {
    expect(of('src/db/a.ts', '//\n'.repeat(300))).toEqual([])
    expect(of('src/db/a.ts', '//\n'.repeat(301))).toEqual(['src/db/a.ts:301: has 301 lines, more than 300'])
    expect(of('src/db/string-utils.ts', '')).toHaveLength(1)
    expect(of('src/room/RoomManager.ts', '')).toHaveLength(1)
    expect(of('src/lib/a.ts', '')).toHaveLength(1)
    expect(of('src/engine/misc/a.ts', '')).toHaveLength(1)
  })
})

describe('the tests', () => {
  it('keep what they share in the kit', () => {
    const files = filesIn('test')
    expect(files.length).toBeGreaterThan(10)
    expect(testViolations(files)).toEqual([])
  })

  const cases: readonly [from: string, specifier: string, allowed: boolean][] = [
    ['test/room/player.test.ts', './bars.ts', true],
    ['test/room/player.test.ts', '../kit/room.ts', true],
    ['test/room/player.test.ts', '../../src/room/player.ts', true],
    ['test/room/player.test.ts', '../db/rows.ts', false],
    ['test/room/player.test.ts', './intake.test.ts', false],
    ['test/e2e/watching/metrics.test.ts', '../rooms.ts', false],
    ['test/e2e/rooms.ts', './watching/prometheus.ts', false],
    ['test/kit/golden/sample.ts', '../room.ts', true],
    ['test/kit/room.ts', './golden/sample.ts', true],
    ['test/kit/room.ts', '../room/bars.ts', false],
  ]
  it.each(cases)('%s imports %s: %s', (path, specifier, allowed) => {
    const found = testViolations([{ path, text: `\nimport { x } from '${specifier}'\n` }])
    expect(found.map((line) => line.startsWith(`${path}:2: `))).toEqual(allowed ? [] : [true])
  })
})
