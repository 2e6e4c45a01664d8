import { Agent, request } from 'node:http'
import { ownToken } from '../db/own-token.ts'
import { openStore } from '../db/store.ts'
import type { Column } from '../engine/features/catalogue.ts'
import { columnOf, type FeatureTable } from '../engine/features/row.ts'
import { monotonicMs } from '../engine/kernel/clock.ts'
import { tryJson, isRecord } from '../engine/kernel/json.ts'
import { drawWithout, seededRandom } from '../engine/kernel/random.ts'
import { quantileSorted } from '../engine/stats/quantile.ts'
import type { SmokeOutcome, SmokeRequests } from './task.ts'

/** Requests of a smoke that judges a model: what its files are named after. */
export const SMOKE_REQUESTS = 1_000
export const SMOKE_CONNECTIONS = 10
const PROGRESS_EVERY = 50

/** Fires the requests over so many kept connections and measures each as its caller would. Failed requests count, slow ones too. */
export async function fireSmoke(task: SmokeRequests, onProgress: (done: number) => void): Promise<SmokeOutcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: task.connections })
  const bodies = bodiesOf(task)
  const headers = headersOf(task)
  const latencies: number[] = []
  let success = 0
  let sent = 0
  const began = monotonicMs()
  const connection = async (): Promise<void> => {
    while (sent < task.requests) {
      const body = bodies(sent++)
      const from = monotonicMs()
      const answer = await ask(task, agent, headers, body)
      latencies.push(monotonicMs() - from)
      if (answer !== null && isBy(answer, task.answeredBy)) success++
      if (latencies.length % PROGRESS_EVERY === 0) onProgress(latencies.length)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(task.connections, task.requests) }, connection))
  } finally {
    agent.destroy()
  }
  const seconds = (monotonicMs() - began) / 1_000
  return { requests: task.requests, success, seconds, latency_ms: quantilesOf(latencies) }
}

function quantilesOf(latencies: readonly number[]): SmokeOutcome['latency_ms'] {
  const sorted = Float64Array.from(latencies).sort()
  return {
    p50: quantileSorted(sorted, 0.5),
    p95: quantileSorted(sorted, 0.95),
    p99: quantileSorted(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
  }
}

function headersOf(task: SmokeRequests): Record<string, string> {
  const token = ownToken(task.dataDir)
  return {
    'content-type': 'application/json',
    'x-onay-smoke': task.run,
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
}

/** What was answered with status 200, read whole; null when nothing was, or something else. */
function ask(task: SmokeRequests, agent: Agent, headers: Record<string, string>, body: string): Promise<string | null> {
  return new Promise((resolve) => {
    const length = String(Buffer.byteLength(body))
    const asked = request(
      `${task.url}/ml/predict`,
      { method: 'POST', agent, headers: { ...headers, 'content-length': length }, timeout: task.timeoutMs },
      (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('end', () => resolve(answer.statusCode === 200 ? Buffer.concat(pieces).toString('utf8') : null))
        answer.on('error', () => resolve(null))
      },
    )
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(null))
    asked.end(body)
  })
}

function isBy(answer: string, version: string | null): boolean {
  if (version === null) return true
  const parsed = tryJson(answer)
  return isRecord(parsed) && parsed.model_version === version
}

/** The body of each request: rows of the span in an order drawn by the seed, anew when they are used up; else the newest row. */
function bodiesOf(task: SmokeRequests): (i: number) => string {
  const drawn = task.rows === null ? [] : drawnFeatures(task, task.rows)
  return (i) => {
    const features = drawn[i % Math.max(1, drawn.length)]
    return JSON.stringify({ symbol: task.symbol, key: `smoke-${i + 1}`, features })
  }
}

function drawnFeatures(task: SmokeRequests, rows: NonNullable<SmokeRequests['rows']>): Record<string, number>[] {
  const store = openStore(task.dataDir, 'read')
  let table: FeatureTable
  try {
    table = store.features.table(task.symbol ?? '', rows.fromMs, rows.untilMs, rows.columns)
  } finally {
    store.db.close()
  }
  const valueAt = (column: Column, i: number): number => columnOf(table, column)[i] ?? Number.NaN
  const whole = Array.from(table.tsMs.keys()).filter((i) =>
    rows.columns.every((column) => Number.isFinite(valueAt(column, i))),
  )
  return drawWithout(whole, task.requests, seededRandom(rows.seed)).map((i) =>
    Object.fromEntries(rows.columns.map((column) => [column, valueAt(column, i)])),
  )
}
