// Sends requests from a process of its own, so that making the load is not measured with what is loaded.
import autocannon from 'autocannon'

/**
 * @typedef {{ url: string, body: string, connections: number, seconds: number, rate?: number }} Load
 * @typedef {{ requests: number, perSecond: number, p50Ms: number, p95Ms: number, p99Ms: number, failed: number }} Loaded
 */

/** @type {Load} */
const load = JSON.parse(process.argv[2] ?? '')
/** @type {number[]} */
const times = []
let failed = 0
const run = autocannon({
  url: load.url,
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: load.body,
  connections: load.connections,
  duration: load.seconds,
  ...(load.rate === undefined ? {} : { overallRate: load.rate }),
})
const started = performance.now()
// autocannon's own percentiles have whole milliseconds: too coarse here.
run.on('response', (_client, status, _bytes, ms) => {
  times.push(ms)
  if (status !== 200) failed++
})
run.on('done', (result) => {
  const seconds = (performance.now() - started) / 1_000
  const sorted = Float64Array.from(times).sort()
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  /** @type {Loaded} */
  const loaded = {
    requests: sorted.length,
    perSecond: sorted.length / seconds,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    failed: failed + result.errors + result.timeouts,
  }
  console.log(JSON.stringify(loaded))
})
