/**
 * The sources as Node runs them. Vitest makes each use of an import a lookup in an object; compiled once for a run, the code that is
 * tested is as quick as the program's.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'vitest/config'
import { removeLeftBehind } from './memory-directory.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const SOURCES = join(ROOT, 'src') + sep
const PREFIX = '.compiled-'
/** Beside the sources, so that paths which they reckon from their own place hold. */
const COMPILED = join(ROOT, `${PREFIX}${process.pid}`) + sep
const compiledName = (path: string): string => path.replace(/\.tsx?$/, '.mjs')

/** @param define constants that the build puts in */
export function compiledSources(define: Readonly<Record<string, string>>): Plugin {
  let watching = false
  let compiled: Promise<void> | null = null
  return {
    name: 'compiled-sources',
    enforce: 'pre',
    config: () => ({ test: { server: { deps: { external: [new RegExp(`/${PREFIX}\\d+/`)] } } } }),
    configureVitest({ vitest }) {
      // Who watches changes the sources between runs.
      watching = vitest.config.watch
    },
    async resolveId(source, importer) {
      if (watching || importer === undefined || !source.startsWith('.')) return null
      const path = resolve(importer, '..', source)
      if (!path.startsWith(SOURCES)) return null
      await (compiled ??= compile(define))
      return COMPILED + compiledName(path.slice(SOURCES.length))
    },
  }
}

async function compile(define: Readonly<Record<string, string>>): Promise<void> {
  removeLeftBehind(ROOT, PREFIX)
  mkdirSync(COMPILED, { recursive: true })
  process.once('exit', () => rmSync(COMPILED, { recursive: true, force: true }))
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  await build({
    entryPoints: names.map((name) => SOURCES + name),
    outbase: SOURCES,
    outdir: COMPILED,
    outExtension: { '.js': '.mjs' },
    // File by file: "bundle" only has the imports resolved, below, to what the other files become.
    bundle: true,
    plugins: [
      {
        name: 'file-by-file',
        setup: (bundler) =>
          bundler.onResolve({ filter: /./ }, ({ path, kind }) =>
            kind === 'entry-point' ? null : { path: path.startsWith('.') ? compiledName(path) : path, external: true },
          ),
      },
    ],
    treeShaking: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    define: { ...define },
    sourcemap: 'linked',
    logLevel: 'warning',
  })
}
