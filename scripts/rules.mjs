// Writes what is made of the alert catalogue: Prometheus' rules, their tests, and the runbook. --check only compares.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const dir = mkdtempSync(join(tmpdir(), 'onay-rules-'))
try {
  const outfile = join(dir, 'made.mjs')
  await build({
    entryPoints: [join(root, 'src/engine/alerts/made.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  })
  const { generatedFiles } = await import(pathToFileURL(outfile).href)
  for (const [name, text] of Object.entries(generatedFiles())) {
    const path = join(root, name)
    if (process.argv.includes('--check')) {
      if (readFileSync(path, 'utf8') !== text) throw new Error(`${name} is out of date: npm run rules`)
    } else writeFileSync(path, text)
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
