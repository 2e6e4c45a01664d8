import { chmodSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { goLive } from '../../../src/room/readiness/go-live.ts'
import { switchOn } from '../../../src/room/safety/kill-switch.ts'
import { aDesk, play } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { LoopbackServer } from '../../kit/loopback-server.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()

/** Answers as the HTTP API of a healthy room does. */
class HealthyRoom extends LoopbackServer {
  readonly asked: string[] = []

  protected answer({ method, url }: IncomingMessage, body: string, response: ServerResponse): void {
    this.asked.push(`${method} ${url} ${body}`)
    const answer =
      method === 'GET' ? { ok: true, troubles: [] } : { served_by: 'baseline', reason: 'ok', latency_ms: 1.5 }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  }
}

let server: HealthyRoom | null = null
afterEach(() => server?.close())

/** A room over a recording that is well: a model in charge, an hour of bars, a drill, a token of its own. */
async function aWellRoom() {
  const dir = fresh()
  const kit = aDesk(dir, { serves: true })
  registerModel(kit.desk, 'baseline', 'v1')
  await play(
    kit,
    Array.from({ length: 61 }, (_, i) => wanderingBar(START + i * MINUTE)),
  )
  const { evidence, options } = kit.desks
  kit.desk.transaction(() =>
    evidence.writeDocument(
      evidence.subject(kit.desk.symbol, 'kill_drill_1.json'),
      evidence.stamp('kill_drill/1', START, {}),
      START,
    ),
  )
  kit.desks.drainOutbox()
  const token = join(options.dataDir, 'token')
  writeFileSync(token, 'onay_secret\n', { mode: 0o600 })
  server = new HealthyRoom()
  const url = await server.listen()
  const parts = {
    desks: kit.desks,
    judge: kit.judging.judge,
    url,
    notify: undefined,
    signal: new AbortController().signal,
  }
  return { ...kit, token, server, look: (change = {}) => goLive({ ...parts, ...change }, kit.desk) }
}

const failing = ({ checks }: Awaited<ReturnType<typeof goLive>>): string[] =>
  checks.flatMap(({ check, verdict }) => (verdict === 'FAIL' ? [check] : []))

describe('the go-live checklist of a room', () => {
  it('is READY where all is well, and says what a recording leaves untried', async () => {
    const room = await aWellRoom()
    const document = await room.look()
    expect(failing(document)).toEqual([])
    expect(document.verdict).toBe('READY')
    const untried = document.checks.flatMap(({ check, verdict }) => (verdict === 'NOT TRIED' ? [check] : []))
    expect(untried).toEqual(['artifacts', 'shadow', 'drift', 'delivery', 'backup', 'clock'])
    expect(room.server.asked).toEqual([
      'GET /healthz?symbol=AAAUSDT ',
      'POST /ml/predict {"symbol":"AAAUSDT","key":"checklist"}',
    ])
    room.desks.close()
  })

  it.each<[fault: string, checks: string[], plant: (room: Awaited<ReturnType<typeof aWellRoom>>) => unknown]>([
    [
      'the kill switch is on',
      ['kill switch'],
      ({ desks, desk }) => switchOn(desks.evidence, desk, { by: 'mia', reason: 'x' }),
    ],
    ['others may read the token', ['token'], ({ token }) => chmodSync(token, 0o644)],
    ['nothing answers', ['api', 'prediction'], ({ server: own }) => own.close()],
    [
      'a job has failed',
      ['jobs'],
      ({ desk }) =>
        desk.jobs.ran({
          symbol: desk.symbol,
          name: 'retention',
          lastMs: 0,
          lastOkMs: START,
          nextMs: 0,
          result: 'failed: x',
          ok: 0,
          wallMs: 0,
        }),
    ],
    ['the clock is off', ['clock'], ({ desks }) => desks.troubles.report('clock', '9 s behind')],
  ])('says so when %s', async (_, checks, plant) => {
    const room = await aWellRoom()
    await plant(room)
    const document = await room.look()
    expect([document.verdict, failing(document)]).toEqual(['NOT READY', checks])
    room.desks.close()
  })

  it('fails where the room does not listen, and where it was never drilled', async () => {
    const room = await aWellRoom()
    expect(failing(await room.look({ url: null }))).toEqual(['api', 'prediction'])
    const bare = aDesk(fresh())
    const parts = {
      desks: bare.desks,
      judge: bare.judging.judge,
      url: null,
      notify: undefined,
      signal: new AbortController().signal,
    }
    expect(failing(await goLive(parts, bare.desk))).toEqual([
      'api',
      'prediction',
      'model',
      'gates',
      'rows',
      'kill switch',
      'token',
    ])
    bare.desks.close()
    room.desks.close()
  })
})
