// Parts of the room that are measured without it.
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from './processes.mjs'

/** Bundles what a text of exports names. @param {string} dir that is not there yet @param {string} entry */
export async function bundled(dir, entry) {
  mkdirSync(dir)
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'))
  // Opening a database for writing looks for these beside the program.
  symlinkSync(join(root, 'migrations'), join(dir, 'migrations'))
  mkdirSync(join(dir, 'code'))
  const outfile = join(dir, 'code', 'code.mjs')
  await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  })
  return import(pathToFileURL(outfile).href)
}
