// Sends requests at a fixed rate, whether or not the ones before are answered, from a process of its own. A request's time runs
// from when it was meant to leave, so that a server that stands still is charged for everybody who would have waited.
import { Agent, request } from 'node:http'
import { build } from 'hdr-histogram-js'

/**
 * @typedef {{ url: string, body: string, rate: number, seconds: number }} SteadyLoad
 * @typedef {{ requests: number, p50Ms: number, p99Ms: number, p999Ms: number, maxMs: number, maxAtSeconds: number, failed: number }} Steady
 */

const SOCKETS = 128
const MICROSECONDS = 1_000
const LAST_ANSWERS_MS = 10_000

/** @type {SteadyLoad} */
const load = JSON.parse(process.argv[2] ?? '')
const times = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3, useWebAssembly: false })
const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS, scheduling: 'lifo' })
const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(load.body)) }
const all = Math.round(load.rate * load.seconds)
const worst = { ms: 0, atSeconds: 0 }
let sent = 0
let answered = 0
let failed = 0

/** @param {number} dueMs when it was meant to leave */
function send(dueMs) {
  const done = (/** @type {boolean} */ ok) => {
    const ms = performance.now() - dueMs
    times.recordValue(Math.max(1, Math.round(ms * MICROSECONDS)))
    if (ms > worst.ms) Object.assign(worst, { ms, atSeconds: (dueMs - started) / 1_000 })
    answered++
    if (!ok) failed++
  }
  const asked = request(load.url, { method: 'POST', agent, headers }, (response) => {
    response.resume()
    response.once('end', () => done(response.statusCode === 200))
  })
  asked.once('error', () => done(false))
  asked.end(load.body)
}

const started = performance.now()
function tick() {
  const due = Math.min(all, Math.floor(((performance.now() - started) / 1_000) * load.rate) + 1)
  for (; sent < due; sent++) send(started + (sent * 1_000) / load.rate)
  if (sent < all) setTimeout(tick, 1)
  else finish(performance.now() + LAST_ANSWERS_MS)
}

/** @param {number} untilMs */
function finish(untilMs) {
  if (answered < all && performance.now() < untilMs) {
    setTimeout(() => finish(untilMs), 10)
    return
  }
  const at = (/** @type {number} */ percentile) => times.getValueAtPercentile(percentile) / MICROSECONDS
  /** @type {Steady} */
  const measured = {
    requests: all,
    p50Ms: at(50),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: worst.ms,
    maxAtSeconds: worst.atSeconds,
    failed: failed + (all - answered),
  }
  console.log(JSON.stringify(measured))
  process.exit(0)
}

tick()
