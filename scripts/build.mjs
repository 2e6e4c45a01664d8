// Bundles the program into dist/: one file starts far quicker than some thousand modules.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const finished = join(root, 'dist')
// Built beside it and swapped in, so that a room that starts meanwhile finds the old program or the new one, whole.
const outdir = join(root, `dist.building-${process.pid}`)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Packages that read files of their own at run time, are too large, or are only loaded where they are asked for. */
const external = ['better-sqlite3', 'ccxt', 'echarts', 'react-devtools-core']

const sources = {
  onay: join(root, 'src/main.ts'),
  worker: join(root, 'src/work/worker.ts'),
  'set-thread': join(root, 'src/work/set-thread.ts'),
  'onnx-thread': join(root, 'src/work/onnx-thread.ts'),
}
const entryPoints = Object.fromEntries(Object.entries(sources).filter(([, path]) => existsSync(path)))

// CommonJS packages call require, which an ES module does not have. React reads NODE_ENV when it is loaded from its package:
// the development build keeps measurements for good, which a program that runs for weeks cannot afford.
const banner = [
  "import { createRequire as onayCreateRequire } from 'node:module';",
  'const require = onayCreateRequire(import.meta.url);',
  "process.env.NODE_ENV ??= 'production';",
]
const startsWithHashbang = entryPoints.onay !== undefined && readFileSync(entryPoints.onay, 'utf8').startsWith('#!')
if (!startsWithHashbang) banner.unshift('#!/usr/bin/env node')

if (entryPoints.onay === undefined) {
  console.error('build: there is no src/main.ts, nothing to bundle')
  process.exit(1)
}

const started = performance.now()
const result = await build({
  absWorkingDir: root,
  entryPoints,
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  jsx: 'automatic',
  sourcemap: 'linked',
  external,
  define: { 'process.env.NODE_ENV': '"production"', ONAY_VERSION: JSON.stringify(version) },
  banner: { js: banner.join('\n') },
  logLevel: 'warning',
  metafile: true,
})

const program = join(outdir, 'onay.js')
chmodSync(program, 0o755)
const files = Object.keys(result.metafile.outputs).filter((name) => name.endsWith('.js'))
const kib = files.reduce((sum, name) => sum + statSync(join(root, name)).size, 0) / 1024
rmSync(finished, { recursive: true, force: true })
renameSync(outdir, finished)
const seconds = (performance.now() - started) / 1000
console.log(`dist/onay.js built: ${files.length} files, ${Math.round(kib)} KiB, ${seconds.toFixed(1)} s`)
