/** How a test file is run for `scripts/mutants.mjs`: its sources with their mutants, its tests once for each of them. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { defineConfig } from 'vitest/config'
import { instrument } from './mutate.mjs'

const ROOT = resolve(import.meta.dirname, '..')
const sources = new Set(JSON.parse(process.env.MUTANTS_OF ?? '[]'))

/** Imports stay where they are; everything else stands in one block that is gone through for each mutant. */
function forEachMutant(source, lang) {
  const imports = parseAst(source, { lang }).body.filter((node) => node.type === 'ImportDeclaration')
  const head = imports.map(({ start, end }) => source.slice(start, end)).join('\n')
  let body = source
  for (const { start, end } of imports.toReversed()) body = body.slice(0, start) + body.slice(end)
  return `${head}
import { eachMutant } from '${join(ROOT, 'scripts/mutant-runs.mjs')}'
eachMutant(() => {
${body}
})`
}

export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      load: (id) => {
        const path = id.split('?')[0] ?? ''
        if (sources.has(path)) return instrument(readFileSync(path, 'utf8'), path.slice(ROOT.length + 1)).code
        return /\/test\/.*\.test\.tsx?$/.test(path)
          ? forEachMutant(readFileSync(path, 'utf8'), path.endsWith('x') ? 'tsx' : 'ts')
          : null
      },
    },
  ],
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/e2e/**', 'test/house.test.ts', 'test/room/drivers/history-run.long.test.ts'],
    setupFiles: [join(ROOT, 'scripts/mutant-switch.mjs')],
    globalSetup: ['test/kit/built.ts', 'test/kit/shared-root.ts'],
    maxWorkers: 1,
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
})
