// Parts of the room that are measured without it.
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from './processes.mjs'

/** Bundles all that some files of src/ export. @param {string} dir that is not there yet @param {readonly string[]} files */
export async function bundled(dir, files) {
  mkdirSync(dir)
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'))
  // Opening a database for writing looks for these beside the program.
  symlinkSync(join(root, 'migrations'), join(dir, 'migrations'))
  mkdirSync(join(dir, 'code'))
  const outfile = join(dir, 'code', 'code.mjs')
  const entry = files.map((file) => `export * from './src/${file}'`).join('\n')
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
