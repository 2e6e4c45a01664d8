// Loaded into the room's own process with --import: on SIGUSR2 it writes how late the event loop was, and begins anew.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { renameSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const RESOLUTION_MS = 1
const NANOSECONDS = 1e6
const file = process.env['ONAY_BENCH_LOOP_FILE']

if (file !== undefined && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  process.on('SIGUSR2', () => {
    const at = (percentile) => delay.percentile(percentile) / NANOSECONDS
    const figures = { n: delay.count, p50: at(50), p99: at(99), p999: at(99.9), max: delay.max / NANOSECONDS }
    writeFileSync(`${file}.part`, JSON.stringify(figures))
    renameSync(`${file}.part`, file)
    delay.reset()
  })
}
