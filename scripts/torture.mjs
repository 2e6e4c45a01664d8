// Breaks rooms at random, far more often than the tests do: about a quarter of an hour. `npm run torture -- --seed 7` does the same
// again; file names that are added run those files alone, and then nothing is asked of the counts.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** What a whole run does at least. */
const AT_LEAST = {
  kills: 500,
  'acknowledged predictions': 100_000,
  'malformed requests': 25_000,
  'full disks': 20,
  'clock jumps': 10,
  'ways of tampering': 66,
}

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true })
const seed = values.seed ?? String(Date.now() % 1_000_000)
if (!/^\d{1,9}$/.test(seed)) throw new Error(`--seed ${seed} is not a whole number from 0 to 999999999`)

const dir = mkdtempSync(join(tmpdir(), 'onay-torture-'))
const counts = join(dir, 'counts')
writeFileSync(counts, '')
console.log(`torture with seed ${seed}; the same again: npm run torture -- --seed ${seed}`)
try {
  const { status } = spawnSync('npx', ['vitest', 'run', '--config', 'vitest.torture.config.ts', ...positionals], {
    stdio: 'inherit',
    env: { ...process.env, ONAY_TORTURE_SEED: seed, ONAY_TORTURE_COUNTS: counts },
  })
  process.exitCode = status ?? 1
  const sums = summed(readFileSync(counts, 'utf8'))
  for (const [deed, least] of Object.entries(AT_LEAST)) {
    const count = sums[deed] ?? 0
    const short = positionals.length === 0 && count < least
    if (short) process.exitCode ||= 1
    console.log(`${count} ${deed}${short ? `: fewer than ${least}` : ''}`)
  }
  console.log(`seed ${seed}`)
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
