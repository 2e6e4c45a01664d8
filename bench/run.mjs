// npm run bench: measures the built program, prints a table and writes it as JSON. It is no test: a slow machine fails nothing.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { benchAlerts } from './alerts.mjs'
import { table } from './figures.mjs'
import { benchBoosting } from './boosting.mjs'
import { benchOwn } from './own.mjs'
import { benchPaper } from './paper.mjs'
import { benchTicks } from './ticks.mjs'
import { benchAttach } from './attach.mjs'
import { benchHttpModel } from './http-model.mjs'
import { benchCanary } from './canary.mjs'
import { benchLive } from './live.mjs'
import { benchLoopDelay } from './loop-delay.mjs'
import { benchPredict } from './predict.mjs'
import { program } from './processes.mjs'
import { benchPsi } from './psi.mjs'
import { benchRecording } from './recording.mjs'
import { benchReport } from './report.mjs'
import { benchScreen } from './screen.mjs'
import { benchSteady } from './steady.mjs'
import { benchStarts } from './starts.mjs'
import { benchTrees } from './trees.mjs'
import { benchVerify } from './verify.mjs'

/** @type {Record<string, (options: { seconds: number }) => Promise<import('./figures.mjs').Row[]>>} */
const BENCHES = {
  predict: benchPredict,
  steady: benchSteady,
  http: benchHttpModel,
  loop: benchLoopDelay,
  recording: benchRecording,
  starts: benchStarts,
  psi: benchPsi,
  alerts: benchAlerts,
  canary: benchCanary,
  report: benchReport,
  screen: benchScreen,
  verify: benchVerify,
  attach: benchAttach,
  boosting: benchBoosting,
  paper: benchPaper,
  ticks: benchTicks,
  trees: benchTrees,
  own: benchOwn,
  live: benchLive,
}

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: resolve(import.meta.dirname, 'latest.json') },
    only: { type: 'string', default: Object.keys(BENCHES).join(',') },
    seconds: { type: 'string', default: '5' },
  },
})
const seconds = Number(values.seconds)
const asked = values.only.split(',')
const unknown = asked.filter((name) => !(name in BENCHES))
if (unknown.length > 0 || !(seconds > 0)) {
  console.error(`usage: npm run bench -- [--only ${Object.keys(BENCHES).join(',')}] [--seconds 5] [--out FILE]`)
  process.exit(2)
}
if (!existsSync(program)) {
  console.error('there is no dist/onay.js: build it with npm run build')
  process.exit(2)
}

/** @type {import('./figures.mjs').Row[]} */
const rows = []
for (const name of asked) {
  console.error(`measuring: ${name}`)
  const measured = (await BENCHES[name]?.({ seconds })) ?? []
  rows.push(...measured)
}
const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? '', seconds }
mkdirSync(dirname(resolve(values.out)), { recursive: true })
writeFileSync(values.out, `${JSON.stringify({ machine, rows }, null, 2)}\n`)
console.log(table(rows))
console.log(`\nNode ${machine.node}, ${machine.cores} cores, ${machine.cpu}; written to ${values.out}`)
