/** Builds the program before the tests that need it, where it is missing or older than its sources. */
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

export function setup(): void {
  const built = changedMs(join(ROOT, 'dist/onay.js'))
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((name) => join('src', name))
  const newest = Math.max(
    ...[...sources, 'scripts/build.mjs', 'package.json'].map((name) => changedMs(join(ROOT, name))),
  )
  if (built < newest) execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' })
}

/** When a file was changed, in Unix milliseconds; 0 where there is none. */
function changedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
