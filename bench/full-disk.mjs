// The kill switch of a room whose disk is full: the callers' view of it, since nothing can be stored that would say it later.
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundled } from './bundled.mjs'
import { inRounds, median, row } from './figures.mjs'
import { end, onay, pause, post, sample, serve, SYMBOL, temporary } from './processes.mjs'

const CALLERS = 20
const DISK_KIB = 300_000
const UNTIL = '2025-05-24'
const AROUND_MS = 500
const LIMIT_MS = 50
const FULL = 507
const WHAT = `kill switch on a full disk, ${CALLERS} callers, until the last answer that was not an abstention`

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function killOnFullDisk() {
  const { SmallDisk, canMount } = await bundled(join(temporary(), 'bundle'), ['../test/kit/small-disk.ts'])
  const goal = `<= ${LIMIT_MS} ms`
  if (!canMount()) return [row({ what: `${WHAT}: needs Linux and root`, measured: null, unit: 'ms', goal, met: null })]
  const played = join(temporary(), 'room')
  await onay(['replay', sample, '--symbol', SYMBOL, '--data-dir', played, '--until', UNTIL])
  const measured = await inRounds(async () => {
    const disk = new SmallDisk(DISK_KIB)
    try {
      cpSync(played, disk.dataDir, { recursive: true })
      return await thrown(disk)
    } finally {
      disk.remove()
    }
  })
  const lastMs = measured.map((one) => one.lastMs)
  const right = measured.every((one) => one.right)
  return [
    row({
      what: `${WHAT}${right ? '' : ' (WRONG)'}`,
      measured: median(lastMs),
      unit: 'ms',
      comparedTo: 'the longest',
      comparison: Math.max(...lastMs),
      goal,
      met: right && median(lastMs) <= LIMIT_MS,
    }),
    row({
      what: '  until it was answered',
      measured: median(measured.map((one) => one.answeredMs)),
      unit: 'ms',
      goal: '',
      met: null,
    }),
  ]
}

/** @param {{ dataDir: string, fill: () => void }} disk */
async function thrown(disk) {
  const room = await serve(disk.dataDir, ['--speed', '60'])
  const headers = { authorization: `Bearer ${readFileSync(join(disk.dataDir, 'token'), 'utf8').trim()}` }
  const body = JSON.stringify({ symbol: SYMBOL })
  /** @type {{ atMs: number, kind: string }[]} */
  const answers = []
  let isEnding = false
  const call = async () => {
    while (!isEnding) {
      const { status, text } = await post(`${room.url}/ml/predict`, body)
      const kind = status === 200 ? JSON.parse(text).decision : String(status)
      answers.push({ atMs: performance.now(), kind })
    }
  }
  const calls = Promise.all(Array.from({ length: CALLERS }, call))
  await pause(AROUND_MS)
  disk.fill()
  const sentMs = performance.now()
  const answer = await post(`${room.url}/ml/kill?enabled=true`, JSON.stringify({ reason: 'the bench' }), headers)
  const answeredMs = performance.now() - sentMs
  await pause(AROUND_MS)
  isEnding = true
  await calls
  await end(room.child)
  const last = answers.findLast(({ kind }) => kind !== 'abstain' && kind !== String(FULL))
  return {
    answeredMs,
    lastMs: Math.max(0, (last?.atMs ?? Number.NaN) - sentMs),
    right: answer.status === 200 && JSON.parse(answer.text).items[0].enabled && last !== undefined,
  }
}
