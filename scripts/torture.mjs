// Breaks rooms at random, far more often than the tests do: about a quarter of an hour. `npm run torture -- --seed 7` does the same again.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const FILES = [
  ...['kills/serve-kill', 'kills/history-kill'].map((name) => `test/e2e/${name}.test.ts`),
  'test/room/record/tampering.test.ts',
]

const { values } = parseArgs({ options: { seed: { type: 'string' } } })
const seed = values.seed ?? String(Date.now() % 1_000_000)
if (!/^\d{1,9}$/.test(seed)) throw new Error(`--seed ${seed} is not a whole number from 0 to 999999999`)

const dir = mkdtempSync(join(tmpdir(), 'onay-torture-'))
const counts = join(dir, 'counts')
writeFileSync(counts, '')
console.log(`torture with seed ${seed}; the same again: npm run torture -- --seed ${seed}`)
try {
  const { status } = spawnSync('npx', ['vitest', 'run', ...FILES], {
    stdio: 'inherit',
    env: { ...process.env, ONAY_TORTURE_SEED: seed, ONAY_TORTURE_COUNTS: counts },
  })
  process.exitCode = status ?? 1
  for (const [deed, count] of Object.entries(summed(readFileSync(counts, 'utf8')))) console.log(`${count} ${deed}`)
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function summed(lines) {
  const sums = {}
  for (const line of lines.split('\n').filter(Boolean)) {
    const [deed, count] = JSON.parse(line)
    sums[deed] = (sums[deed] ?? 0) + count
  }
  return sums
}
