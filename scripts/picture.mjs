// Draws docs/screen.svg anew: plays the first act of the README on the sample, in the built program under a pseudo-terminal.
// npm run build && npm run picture
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { rowsOf, svgOf } from './terminal-svg.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COLUMNS = 112
const ROWS = 36
const DEADLINE_MS = 120_000
/** Between two keys, as a person types; and until a screen is drawn whole after it has changed. */
const KEY_MS = 150
const DRAWN_MS = 1_200
const [ENTER, TAB, ESC, DOWN, RIGHT] = ['\r', '\t', '\u001b', '\u001b[B', '\u001b[C']

const STEPS = [
  { until: /> 60x[^]*r retrain/, caption: 'npm start: the model in charge has drifted, and may not trade as it is' },
  { keys: ['r', ENTER], until: /shadow v1\.8\.1/ },
  { until: /^(?![^]*c cancels)/, caption: 'r: a new model is trained and scores every minute, unseen by callers' },
  { keys: ['v'], until: /validation of v1\.8\.1: PASS/ },
  { keys: ['C', ENTER], until: /dry run of v1\.8\.1 SUCCESS/ },
  { keys: ['C', DOWN, DOWN, RIGHT, ENTER], until: /Against it/ },
  { keys: ['quiet book', TAB, 'ONAY', ENTER], until: /ramping 1 of 3/ },
  {
    keys: ['n'],
    until: /ramping 2 of 3/,
    caption: 'C, then ONAY and a reason: a canary on 5, 25, 100 % of the requests',
  },
  { keys: ['n'], until: /ramping 3 of 3/ },
  { keys: ['n'], until: /succeeded/ },
  { keys: ['n'], until: /24 of 24 h counted/ },
  { keys: ['n'], until: /ELIGIBLE 6\/6/ },
  { until: /> 60x/, caption: 'n: a week on, all six gates pass. And yet the outcome is worse', seconds: 7 },
  {
    keys: ['8'],
    until: /Esc back/,
    caption: '8: the two compared, minute by minute; below 0 the new one is better',
    seconds: 7,
  },
  { keys: [ESC], until: /p promote/ },
  { keys: ['p'], until: /Against it/, caption: 'p: what speaks for it, and against it. You decide', seconds: 9 },
]

const dir = mkdtempSync(join(tmpdir(), 'onay-picture-'))
const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true })
const program = spawn(process.execPath, [join(ROOT, 'dist/onay.js'), 'start', '--port', '0'], {
  name: 'xterm-256color',
  cols: COLUMNS,
  rows: ROWS,
  cwd: dir,
  // A user whom every reader could be.
  env: {
    PATH: process.env.PATH,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    LANG: 'en_US.UTF-8',
    USER: 'operator',
    LOGNAME: 'operator',
  },
})
const ended = new Promise((done) => {
  program.onExit(done)
})
program.onData((data) => terminal.write(data))

const textOf = (rows) => rows.map((runs) => runs.map(({ text }) => text).join('')).join('\n')

async function seen(wanted) {
  const from = Date.now()
  while (!wanted.test(textOf(rowsOf(terminal)))) {
    if (Date.now() - from > DEADLINE_MS)
      throw new Error(`the screen never showed ${wanted}:\n${textOf(rowsOf(terminal))}`)
    await sleep(50)
  }
}

try {
  const frames = []
  for (const { keys = [], until, caption, seconds = 5 } of STEPS) {
    for (const key of keys) {
      program.write(key)
      await sleep(KEY_MS)
    }
    await seen(until)
    await sleep(DRAWN_MS)
    if (caption !== undefined) frames.push({ caption, rows: rowsOf(terminal), seconds })
  }
  const label =
    'The screen of onay in six steps: a model that has drifted, a new one in the shadow, its canary, six gates that pass, an outcome that is worse, and the prompt that says so.'
  const file = join(ROOT, 'docs/screen.svg')
  writeFileSync(file, svgOf(frames, COLUMNS, label, 3))
  console.log(`${file} drawn, ${frames.length} frames`)
} finally {
  program.kill('SIGKILL')
  await ended
  rmSync(dir, { recursive: true, force: true })
}
