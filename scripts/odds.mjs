// Writes into docs/figures.md how often a candidate gets through, by its true error rate, and how often an A/B swaps two arms:
// npm run odds. Ten minutes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const RUNS = 10_000
const AB_RUNS = 1_000
const RATES = [0.001, 0.005, 0.01, 0.015, 0.03, 0.05]

const root = join(import.meta.dirname, '..')
const dir = mkdtempSync(join(tmpdir(), 'onay-odds-'))
try {
  const outfile = join(dir, 'simulated.mjs')
  const stdin = {
    contents: [
      "export * from './test/kit/simulated-release.ts'",
      "export { falseSwaps } from './test/kit/simulated-arms.ts'",
      "export { PLANS } from './src/engine/canary/plan.ts'",
    ].join('\n'),
    resolveDir: root,
  }
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'error' })
  const { PLANS, falseSwaps, simulateBake, simulateCanary, simulateValidation } = await import(
    pathToFileURL(outfile).href
  )
  const rows = RATES.map((errorRate) => {
    const supposed = { plan: PLANS.mini, errorRate, livePerHour: 60 }
    const runs = Array.from({ length: RUNS }, (_, seed) => simulateCanary(supposed, seed))
    const hours = Array.from({ length: RUNS }, (_, seed) => simulateValidation(supposed, 24, seed))
    const bakes = Array.from({ length: RUNS }, (_, seed) => simulateBake(supposed, seed))
    const minutes = runs.flatMap((run) => (run.end === 'aborted' ? [run.minutes] : [])).sort((a, b) => a - b)
    const share = (/** @type {boolean[]} */ holds) =>
      `${Number(((holds.filter(Boolean).length / RUNS) * 100).toFixed(1))} %`
    const ended = (/** @type {string} */ end) => share(runs.map((run) => run.end === end))
    const median = minutes[Math.floor(minutes.length / 2)]
    return `| ${Number((errorRate * 100).toFixed(1))} % | ${ended('succeeded')} | ${ended('aborted')} | ${ended('inconclusive')} | ${
      median === undefined ? '' : `${median.toFixed(0)} min`
    } | ${share(hours.map((needed) => needed !== null))} | ${share(bakes)} |`
  })
  const head = [
    '| true errors | canary succeeds | aborted | inconclusive | median time to an abort | validated after 24 h | taken back in the bake |',
    '|---|---|---|---|---|---|---|',
  ]
  const edges = [0, 3].map((edgeBp) => {
    const swaps = falseSwaps({ runs: AB_RUNS, looks: 60, edgeBp, draws: 200, seed: 1 })
    return `| ${edgeBp} bp | ${Number(((swaps / AB_RUNS) * 100).toFixed(1))} % |`
  })
  const path = join(root, 'docs/figures.md')
  let page = readFileSync(path, 'utf8')
  for (const [name, table] of [
    ['odds', [...head, ...rows]],
    ['ab odds', ['| B is better, a trade, by | B takes the place of A |', '|---|---|', ...edges]],
  ]) {
    const [before, , after] = page.split(new RegExp(`<!-- ${name}(?: end)? -->\\n`))
    if (before === undefined || after === undefined) throw new Error(`docs/figures.md has no place for the ${name}`)
    page = `${before}<!-- ${name} -->\n${table.join('\n')}\n<!-- ${name} end -->\n${after}`
  }
  writeFileSync(path, page)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
