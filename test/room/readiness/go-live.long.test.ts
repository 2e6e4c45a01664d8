import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../src/engine/kernel/clock.ts'
import { type Channel, refused } from '../../../src/notify/channel.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { sha256Hex } from '../../../src/evidence/canonical.ts'
import { Notifier } from '../../../src/room/notifications/notifier.ts'
import { goLive } from '../../../src/room/readiness/go-live.ts'
import { switchOn } from '../../../src/room/safety/kill-switch.ts'
import { aDesk, type DeskKit, play } from '../../kit/a-desk.ts'
import { Clockwork } from '../../kit/clockwork.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { LoopbackServer } from '../../kit/loopback-server.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const BEGUN = 61

/** Answers as the HTTP API of a healthy room does. */
class HealthyRoom extends LoopbackServer {
  readonly asked: string[] = []
  readonly troubles: string[] = []
  prediction = { served_by: 'baseline', reason: 'ok', latency_ms: 1.5 }

  protected answer({ method, url }: IncomingMessage, body: string, response: ServerResponse): void {
    this.asked.push(`${method} ${url} ${body}`)
    const answer = method === 'GET' ? { ok: true, troubles: this.troubles } : this.prediction
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  }
}

let server: HealthyRoom | null = null
afterEach(() => server?.close())

interface Wellness {
  readonly clockKind?: 'replay' | 'real'
  readonly drilled?: boolean
}

/** A room that is well: a model in charge, an hour of bars, a drill, a token of its own; on a real feed a backup of an hour ago too. */
async function aWellRoom({ clockKind = 'replay', drilled = true }: Wellness = {}) {
  const dir = fresh()
  const wall = new ManualClock(START + BEGUN * MINUTE)
  const kit = aDesk(dir, { serves: true, clockKind, wall })
  registerModel(kit.desk, 'baseline', 'v1')
  // What lies behind it is run through, which costs less than living through it.
  goOn(kit, 0, BEGUN - 1)
  await play(kit, [wanderingBar(START + (BEGUN - 1) * MINUTE)])
  const { evidence, options } = kit.desks
  const subject = evidence.subject(kit.desk.symbol, 'kill_drill_1.json')
  const drill = evidence.stamp('kill_drill/1', START, { abstained: 3 })
  kit.desk.kill.makeFile()
  if (drilled) kit.desk.transaction(() => evidence.writeDocument(subject, drill, START))
  kit.desks.drainOutbox()
  const token = join(options.dataDir, 'token')
  writeFileSync(token, 'onay_secret\n', { mode: 0o600 })
  if (clockKind === 'real') backedUp(options.dataDir, wall.now() - HOUR)
  server = new HealthyRoom()
  const url = await server.listen()
  const parts = {
    desks: kit.desks,
    judge: kit.judging.judge,
    url,
    notify: undefined,
    signal: new AbortController().signal,
  }
  type Change = Partial<Parameters<typeof goLive>[0]>
  return { ...kit, token, server, look: (change: Change = {}) => goLive({ ...parts, ...change }, kit.desk) }
}

/** A backup as the shelf has it, of some moment. */
function backedUp(dataDir: string, atMs: number): void {
  const dir = join(dataDir, 'backups')
  mkdirSync(dir, { recursive: true })
  const at = new Date(atMs).toISOString()
  const name = `onay_${at.slice(0, 19).replaceAll(':', '-')}Z`
  const file = `${name}.tar.gz`
  writeFileSync(join(dir, file), 'archive')
  const head = { seq: 1, hash: 'a'.repeat(64) }
  const said = {
    schema: 'backup/1',
    at,
    onay_version: '0',
    file,
    sha256: sha256Hex('archive'),
    bytes: 7,
    head,
    files: 1,
    seconds: 1,
  }
  writeFileSync(join(dir, `${name}.json`), JSON.stringify(said))
}

/** People elsewhere are told by one channel, which refuses. */
function deaf(): Notifier {
  const channel: Channel = { name: 'webhook', broken: null, send: async () => refused('401 unauthorised') }
  return new Notifier({
    config: defaultConfig().notify,
    channels: [channel],
    ping: null,
    timers: new Clockwork(START),
    log: { info: () => undefined },
  })
}

/** Minutes of history, each with its bar. */
function goOn({ timeline, desk }: Pick<DeskKit, 'timeline' | 'desk'>, from: number, minutes: number): void {
  const bars = Array.from({ length: minutes }, (_, i) => wanderingBar(START + (from + i) * MINUTE))
  timeline.history(
    desk,
    bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
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

  it('is READY on a real feed with a backup of today', async () => {
    const room = await aWellRoom({ clockKind: 'real' })
    const document = await room.look()
    expect([document.verdict, failing(document)]).toEqual(['READY', []])
    const passed = document.checks.flatMap(({ check, verdict }) => (verdict === 'PASS' ? [check] : []))
    expect(passed).toEqual(expect.arrayContaining(['backup', 'clock', 'rows']))
    room.desks.close()
  })

  type Room = Awaited<ReturnType<typeof aWellRoom>>
  interface Fault {
    /** The checks that name it. */
    readonly names: readonly string[]
    readonly says: RegExp
    readonly plant: (room: Room) => unknown
    readonly of?: Wellness
    readonly change?: Parameters<Room['look']>[0]
  }
  const job = { symbol: 'AAAUSDT', name: 'retention', lastMs: 0, nextMs: 0, wallMs: 0 }

  it.each<[fault: string, Fault]>([
    [
      'a file of a model was changed',
      {
        names: ['artifacts'],
        says: /model_weights_v1\.json is changed/,
        plant: ({ desk, desks: { evidence }, desks }) => {
          const subject = evidence.artifactSubject(desk.symbol, 'v1', 'model_weights_v1.json')
          desk.transaction(() => evidence.writeDocument(subject, { bias: 1 }, START))
          desks.drainOutbox()
          writeFileSync(evidence.pathOf(subject), '{"bias":2}')
        },
      },
    ],
    ...['psi_snapshot.json', 'daily/report_2025-05-18.json'].map((name): [string, Fault] => [
      `${name} was changed`,
      {
        names: ['artifacts'],
        says: /\.json is changed/,
        plant: ({ desk, desks: { evidence }, desks }) => {
          const subject = evidence.subject(desk.symbol, name)
          desk.transaction(() => evidence.writeDocument(subject, { psi: 1 }, START))
          desks.drainOutbox()
          writeFileSync(evidence.pathOf(subject), '{"psi":0}')
        },
      },
    ]),
    [
      'nothing answers',
      { names: ['api', 'prediction'], says: /it did not answer/, plant: ({ server: own }) => own.close() },
    ],
    [
      'an answer takes longer than its limit',
      {
        names: ['prediction'],
        says: /81\.0 ms, limit 80/,
        plant: ({ server: own }) => (own.prediction = { ...own.prediction, latency_ms: 81 }),
      },
    ],
    [
      'the fallback answers for the model in charge',
      {
        names: ['prediction'],
        says: /a feature is missing/,
        plant: ({ server: own }) =>
          (own.prediction = { ...own.prediction, served_by: 'fallback', reason: 'a feature is missing' }),
      },
    ],
    [
      // The candidate is not eligible then, either.
      'a candidate is in the shadow and nothing of it is recorded',
      {
        names: ['shadow', 'gates'],
        says: /v2: 0 runs, 0 comparisons/,
        plant: ({ desk }) => registerModel(desk, 'candidate', 'v2'),
      },
    ],
    [
      'the kill switch was never drilled',
      { names: ['kill switch'], says: /never drilled/, of: { drilled: false }, plant: () => undefined },
    ],
    [
      'nobody asked during the drill',
      {
        names: ['kill switch'],
        says: /nobody asked during its drill/,
        plant: ({ desks: { evidence }, desks, desk }) => {
          const subject = evidence.subject(desk.symbol, 'kill_drill_1.json')
          desk.transaction(() => evidence.writeDocument(subject, { abstained: 0 }, START))
          desks.drainOutbox()
        },
      },
    ],
    [
      'the file of the kill switch is damaged',
      {
        names: ['kill switch'],
        says: /its file is damaged/,
        plant: ({ desks: { options }, desk }) =>
          writeFileSync(join(options.dataDir, 'kill-switch', `${desk.symbol}.json`), 'garbage'),
      },
    ],
    [
      'the newest backup has changed',
      {
        names: ['backup'],
        says: /changed since it was verified/,
        of: { clockKind: 'real' },
        plant: ({ desks: { options } }) => {
          const dir = join(options.dataDir, 'backups')
          for (const name of readdirSync(dir)) if (name.endsWith('.tar.gz')) writeFileSync(join(dir, name), 'ARCHIVE')
        },
      },
    ],
    [
      'the room is in trouble while it serves',
      {
        names: ['api'],
        says: /evidence cannot be written/,
        plant: ({ server: own }) => own.troubles.push('evidence cannot be written'),
      },
    ],
    [
      'the kill switch is on',
      {
        names: ['kill switch'],
        says: /fills look wrong/,
        plant: ({ desks, desk }) => switchOn(desks.evidence, desk, { by: 'mia', reason: 'fills look wrong' }),
      },
    ],
    [
      'the feed has stalled',
      {
        // Without bars nothing is judged, and the jobs of each minute do not run.
        names: ['gates', 'rows', 'jobs'],
        says: /the newest is 540 s old/,
        of: { clockKind: 'real' },
        plant: ({ wall }) => wall.set(START + (BEGUN + 9) * MINUTE),
      },
    ],
    [
      'the gates are not judged',
      {
        names: ['gates'],
        says: /never judged/,
        plant: ({ desks: { store } }) => vi.spyOn(store.watch, 'newestGates').mockReturnValue(null),
      },
    ],
    [
      'a job has failed',
      {
        names: ['jobs'],
        says: /retention: failed: x/,
        plant: ({ desk }) => desk.jobs.ran({ ...job, lastOkMs: START, result: 'failed: x', ok: 0 }),
      },
    ],
    [
      'a job is overdue',
      {
        names: ['jobs'],
        says: /overdue: retention/,
        plant: ({ desk }) => desk.jobs.ran({ ...job, lastOkMs: START - 3 * DAY, result: 'ok', ok: 1 }),
      },
    ],
    [
      'the newest backup is old',
      {
        names: ['backup'],
        says: /27 h old/,
        of: { clockKind: 'real' },
        plant: ({ desks: { options }, wall }) => {
          // Of the archive of an hour ago a part is missing: it was never restored as a whole, and does not count.
          writeFileSync(join(options.dataDir, 'backups', 'onay_2025-05-05T00-01-00Z.tar.gz'), 'arch')
          backedUp(options.dataDir, wall.now() - 27 * HOUR)
        },
      },
    ],
    [
      'the clock is off',
      {
        names: ['clock'],
        says: /9 s behind/,
        plant: ({ desks }) => desks.troubles.report('clock', "this machine's clock is 9 s behind"),
      },
    ],
    [
      'the disk will soon be full',
      {
        names: ['disk'],
        says: /0 days at this growth/,
        // As if the whole database were of a millionth of a bar.
        plant: ({ desk: { tape } }) => vi.spyOn(tape, 'feed', 'get').mockReturnValue({ ...tape.feed, bars: 1e-6 }),
      },
    ],
    [
      'a channel does not deliver',
      { names: ['delivery'], says: /webhook: .*401 unauthorised/, plant: () => undefined, change: { notify: deaf() } },
    ],
    [
      'others may read the token',
      { names: ['token'], says: /others may read it \(644\)/, plant: ({ token }) => chmodSync(token, 0o644) },
    ],
    [
      // Its alert is a critical one.
      'the last 24 hours have drifted critically',
      {
        names: ['drift', 'alerts'],
        says: /beyond every limit; MLDriftCritical/,
        plant: (room) => goOn(room, BEGUN, 510),
      },
    ],
  ])('names it when %s', async (_, { names, says, plant, of, change }) => {
    const room = await aWellRoom(of)
    if (of?.drilled !== false) expect(failing(await room.look())).toEqual([])
    await plant(room)
    const document = await room.look(change)
    expect([document.verdict, failing(document)]).toEqual(['NOT READY', names])
    const found = document.checks.filter(({ check, verdict }) => verdict === 'FAIL' && names.includes(check))
    expect(found.map(({ said }) => said).join('; ')).toMatch(says)
    expect(found.filter(({ next }) => next === null)).toEqual([])
    vi.restoreAllMocks()
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
