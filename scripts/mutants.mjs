/**
 * Mutation testing: `npm run mutants -- src/room/desk src/engine/gates`.
 *
 * Own and small, because Stryker 10 asks for Node 22 while onay runs on 20, and Stryker 9 reports false survivors with vitest
 * 4.1. It works in the same way: all mutants of a source stand in it at once, each behind a switch; a first run notes which test
 * reaches which mutant; then a test file is loaded once, and its tests run again for each mutant that they reach until one
 * fails. Only tests that need neither a build nor a process of their own are run. Mutants that live where a module is loaded
 * cannot be switched there: they are counted apart and not tried.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { instrument } from './mutate.mjs'

const ROOT = resolve(import.meta.dirname, '..')
const UNIT = ['test/engine', 'test/room', 'test/serving', 'test/evidence', 'test/jobs']
/** Test files whose tests take longer are not asked: one mutant after the other would never end. */
const SLOW_MS = Number(process.env.MUTANTS_SLOW_MS ?? 20_000)
/** The tests without a mutant. */
const FIRST_RUN_MS = 15 * 60_000
/** A mutant that has not ended so long after the one before it, and ten times what its test file takes, stands still: it is killed. */
const STILL_MS = 30_000
const LOOK_MS = 1_000
/** Above it the goal of a folder is met. */
const GOAL = 0.85

const args = process.argv.slice(2)
const folders = args.filter((arg) => !arg.startsWith('--'))
const tests = args.filter((arg) => arg.startsWith('--tests=')).flatMap((arg) => arg.slice('--tests='.length).split(','))
if (folders.length === 0) {
  console.error('name a folder, for instance: npm run mutants -- src/room/desk')
  process.exit(2)
}

const scratch = mkdtempSync(join(tmpdir(), 'onay-mutants-'))
const sources = folders.flatMap((folder) => sourcesUnder(join(ROOT, folder)))
const mutants = new Map()
for (const path of sources) {
  const name = relative(ROOT, path)
  for (const mutant of instrument(readFileSync(path, 'utf8'), name).mutants)
    mutants.set(`${name}#${mutant.id}`, { name, ...mutant })
}

try {
  const { code } = await vitest(tests.length > 0 ? tests : UNIT, { ids: null }, FIRST_RUN_MS)
  if (code !== 0) throw new Error('tests fail with no mutant switched on: what they would kill says nothing')
  const reached = readdirSync(scratch)
    .filter((name) => name.startsWith('hits-'))
    .map((name) => JSON.parse(readFileSync(join(scratch, name), 'utf8')))
  const ends = await tryAll(reached)
  report(ends, new Set(reached.flatMap(({ atLoad }) => atLoad)))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** @returns what became of each mutant that a test reaches: killed, or survived */
async function tryAll(reached) {
  const ends = new Map()
  for (const { file, ms, byTest } of reached.sort((a, b) => a.ms - b.ms)) {
    if (ms > SLOW_MS) {
      console.error(`left out, ${Math.round(ms / 1_000)} s: ${file}`)
      continue
    }
    const all = new Set(Object.values(byTest).flat())
    let left = [...all].filter((id) => ends.get(id) !== 'killed')
    while (left.length > 0) {
      const { stuck } = await vitest([file], { ids: left, byTest }, STILL_MS + 10 * ms)
      const lines = readFileSync(join(scratch, 'ends'), 'utf8').split('\n').filter(Boolean)
      const found = new Map(lines.map((line) => line.split(' ')))
      for (const [id, end] of found) if (ends.get(id) !== 'killed') ends.set(id, end)
      left = left.filter((id) => !found.has(id))
      // The first that has no end is the one that did not come back.
      if (stuck && left.length > 0) ends.set(left.shift(), 'killed')
      else break
    }
    const killed = [...ends.values()].filter((end) => end === 'killed').length
    console.error(`${file}: ${killed} killed so far, of ${mutants.size}`)
  }
  return ends
}

/**
 * Runs test files with a plan of mutants.
 * @param stillMs how long it may go without the end of a mutant
 * @returns its exit code, and whether it did not end by itself
 */
function vitest(files, plan, stillMs) {
  const ends = join(scratch, 'ends')
  writeFileSync(join(scratch, 'plan.json'), JSON.stringify(plan))
  writeFileSync(ends, '')
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'scripts/mutants.config.mjs',
      '--silent=true',
      ...files,
    ],
    {
      cwd: ROOT,
      stdio: process.env.MUTANTS_LOUD ? 'inherit' : 'ignore',
      env: { ...process.env, MUTANTS_DIR: scratch, MUTANTS_OF: JSON.stringify(sources) },
      detached: true,
    },
  )
  return new Promise((ended) => {
    const seen = { size: 0, atMs: performance.now() }
    const watch = setInterval(() => {
      const { size } = statSync(ends)
      if (size !== seen.size) Object.assign(seen, { size, atMs: performance.now() })
      if (performance.now() - seen.atMs < stillMs) return
      clearInterval(watch)
      process.kill(-child.pid, 'SIGKILL')
      ended({ code: 1, stuck: true })
    }, LOOK_MS)
    child.on('exit', (code) => {
      clearInterval(watch)
      ended({ code: code ?? 1, stuck: false })
    })
  })
}

function report(ends, atLoad) {
  for (const [id, { name, line, text }] of mutants) {
    const end = ends.get(id) ?? (atLoad.has(id) ? 'at load' : 'not reached')
    if (end !== 'killed') console.log(`${end}  ${name}:${line}  ${text}`)
  }
  for (const folder of folders) {
    const ids = [...mutants.keys()].filter((id) => id.startsWith(folder) && (ends.has(id) || !atLoad.has(id)))
    const killed = ids.filter((id) => ends.get(id) === 'killed').length
    const apart = [...mutants.keys()].filter((id) => id.startsWith(folder)).length - ids.length
    const share = ((100 * killed) / Math.max(1, ids.length)).toFixed(1)
    console.log(`${folder}: ${killed} of ${ids.length} killed, ${share} %; ${apart} at load, not tried`)
    if (killed < GOAL * ids.length) process.exitCode = 1
  }
}

function sourcesUnder(path) {
  if (path.endsWith('.ts')) return [path]
  if (!existsSync(path)) throw new Error(`there is no ${relative(ROOT, path)}`)
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
