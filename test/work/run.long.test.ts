import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/db/store.ts'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { runTask, type RunOptions } from '../../src/work/run.ts'
import type { ReportTask, SmokeTask } from '../../src/work/task.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}

/** Requests that a process of its own sends to a server of the test's. */
function smoke(server: Server, requests: number): SmokeTask {
  return {
    kind: 'smoke',
    version: 'v2',
    dataDir: fresh(),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    run: 'run',
    symbol: 'AAAUSDT',
    answeredBy: null,
    requests,
    connections: 2,
    timeoutMs: 600_000,
    rows: null,
  }
}

/** A task that would go on for ten minutes. */
const endless = async (): Promise<SmokeTask> => smoke(await serve(() => undefined), 1)

async function refusalOf(task: SmokeTask | ReportTask, options: Partial<RunOptions>): Promise<OperatorError> {
  const { signal } = new AbortController()
  const error: unknown = await runTask(task, { signal, ...options }).then(
    () => new Error('it came to its end'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof OperatorError) return error
  throw error
}

describe('a task in a process of its own', () => {
  it('says how far it is, never going back, and gives what came of it', async () => {
    const seen: number[] = []
    const server = await serve((_request, response) => response.end('{"model_version":"v2"}'))
    const { signal } = new AbortController()
    const outcome = await runTask(smoke(server, 200), { signal, onProgress: (share) => seen.push(share) })
    expect(outcome).toMatchObject({ requests: 200, success: 200 })
    expect(seen.length).toBeGreaterThan(0)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBe(1)
  })

  it('is ended with its process when it is cancelled, and says so', async () => {
    const abort = new AbortController()
    let disconnected: () => void = () => undefined
    const closed = new Promise<void>((resolve) => {
      disconnected = resolve
    })
    const server = await serve((request) => {
      request.socket.on('close', disconnected)
      abort.abort()
    })
    const error = await refusalOf(smoke(server, 1), { signal: abort.signal })
    expect(error).toMatchObject({
      what: 'validating v2 was cancelled',
      code: 'cancelled',
      next: 'start it again with: onay validate',
    })
    await closed
  })

  it('does not begin when it was cancelled before', async () => {
    let asked = 0
    const server = await serve(() => asked++)
    expect(await refusalOf(smoke(server, 1), { signal: AbortSignal.abort() })).toMatchObject({ code: 'cancelled' })
    expect(asked).toBe(0)
  })

  it('is ended at its limit of time, and says which that was', async () => {
    expect(await refusalOf(await endless(), { timeLimitMs: 300 })).toMatchObject({
      what: 'v2 could not be validated, its smoke test could not be run',
      why: 'it was ended after its limit of 0.3 s',
      code: 'time_limit',
    })
  })

  // A heap of 4 MB is full before the task begins; no process of Node is as small as 40 MB beside a heap that has room.
  it.each([4, 40])('is ended at its limit of %d MB of memory, and says which that was', async (memoryLimitMb) => {
    expect(await refusalOf(await endless(), { memoryLimitMb })).toMatchObject({
      why: `it needed more than its limit of ${memoryLimitMb} MB of memory`,
      code: 'memory_limit',
    })
  })

  it('says what the data do not allow, and what to do about it', async () => {
    const dataDir = fresh()
    openStore(dataDir, 'write').db.close()
    const limits = {
      psi: { warning: 0.1, overall: 0.2, feature: 0.3 },
      p95Ms: 80,
      matchRate: 0.99,
      matchTolerance: 0.05,
      meanDelta: 0.05,
    }
    const figures = {
      outcome: { minRows: 1, margin: 0.005, block: 60, draws: 10 },
      outcomeSeed: 1,
      label: { kind: 'move', horizonMin: 5, thresholdBp: 6 },
    } as const
    const task: ReportTask = { kind: 'report', dataDir, symbol: 'AAAUSDT', date: '2025-05-26', limits, figures }
    expect(await refusalOf(task, {})).toMatchObject({
      what: 'the page of 2025-05-26 could not be made',
      why: 'there is no daily report of 2025-05-26',
      code: 'report_page',
      status: 422,
    })
  })
})
