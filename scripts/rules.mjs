// Writes what is made of the program: Prometheus' rules, their tests and the runbook of the alert catalogue, docs/json.md of the
// shapes of answers, and docs/configuration.md of the schema. --check only compares.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
// Inside the project, where the packages that are not bundled are found.
const dir = mkdtempSync(join(root, 'node_modules', '.onay-rules-'))
try {
  for (const entry of ['src/engine/alerts/made.ts', 'src/api/json-page.ts', 'src/room/config/config-page.ts']) {
    const outfile = join(dir, `${entry.replaceAll('/', '-')}.mjs`)
    await build({
      entryPoints: [join(root, entry)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'error',
    })
    const { generatedFiles } = await import(pathToFileURL(outfile).href)
    for (const [name, text] of Object.entries(generatedFiles())) {
      const path = join(root, name)
      if (process.argv.includes('--check')) {
        if (readFileSync(path, 'utf8') !== text) throw new Error(`${name} is out of date: npm run rules`)
      } else writeFileSync(path, text)
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
