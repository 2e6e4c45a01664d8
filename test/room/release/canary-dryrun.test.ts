import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AnyModel, RemoteModel } from '../../../src/engine/models/contract.ts'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { runDryRun } from '../../../src/room/release/canary-dryrun.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { loaded, modelOf } from '../../kit/desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'
import { NUMBERED, numberedRows, storeRows } from '../../kit/stored-rows.ts'
import { psiDocument } from '../../kit/stored.ts'

const fresh = freshDirectories()
const MID = builtInCatalogue.place('mid')
const PLANS = {
  brief: [
    { split: 0.05, duration_min: 2 },
    { split: 1, duration_min: 2 },
  ],
  broad: [
    { split: 0.4, duration_min: 2 },
    { split: 1, duration_min: 2 },
  ],
}
let stand: ReleaseDesk
/** The monotonic clock: it moves when a model lets it. */
let clockMs: number

beforeEach(() => {
  clockMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clockMs)
})

afterEach(() => {
  vi.restoreAllMocks()
  // What a test has counted is in memory alone.
  stand.desk.undone()
})

afterAll(() => {
  for (const made of stands.values()) made.close()
})

/** What a model makes of the number of a row. */
type Scores = (n: number) => number

const HALF: Scores = () => 0.5

function model(version: string, score: Scores): AnyModel {
  return modelOf(version, (values) => score(values[MID] ?? Number.NaN), NUMBERED)
}

/** By the number of rows in its last day. */
const stands = new Map<number, ReleaseDesk>()

function standWith(rows: number): ReleaseDesk {
  const known = stands.get(rows)
  if (known !== undefined) return known
  const { canary, ...shipped } = defaultConfig()
  const made = new ReleaseDesk(fresh(), { config: { ...shipped, canary: { ...canary, plans: PLANS } } })
  storeRows(made.desk, numberedRows(rows, BEGAN_MS))
  stands.set(rows, made)
  return made
}

/** A desk with so many rows, and models that say this of them. */
function desk(rows: number, candidate: AnyModel | Scores, baseline: Scores = HALF): void {
  stand = standWith(rows)
  const other = typeof candidate === 'function' ? model('v2', candidate) : candidate
  stand.desk.models.stand(
    new LineUp({ inCharge: loaded(model('v1', baseline)), candidate: { ...loaded(other), profile: 'improve' } }),
  )
}

const rehearse = (options: { plan?: string; profile?: 'equivalent' | 'improve' } = {}) =>
  runDryRun(stand.desks, SYMBOL, { plan: 'brief', profile: 'equivalent', ...options })

function counts(document: Awaited<ReturnType<typeof rehearse>>) {
  return document.phases[0]?.counts
}

describe('a dry run', () => {
  it('tries as many rows of the last day as the first phase would, without repetition, and changes no state', async () => {
    const seen: number[] = []
    desk(500, (n) => {
      seen.push(n)
      return 0.5
    })
    const document = await rehearse()
    expect(document).toMatchObject({
      status: 'SUCCESS',
      dry_run: true,
      promote_eligible: false,
      candidate: 'v2',
      baseline: 'v1',
      run_id: 'dry-2025-05-26T00:00:00.000Z',
      approvals: [],
      phases: [
        {
          phase: 1,
          split: 0.05,
          started_at: '2025-05-25T00:00:00.000Z',
          ended_at: '2025-05-26T00:00:00.000Z',
          decision: 'advance',
          requests: 300,
          live: 0,
          probes: 300,
          p95_ms: 0,
          counts: { tried: 300, errors: 0, comparisons: 300, matched: 300, timed: 300, above_120_ms: 0 },
        },
      ],
    })
    expect(new Set(seen).size).toBe(300)
    expect(stand.desk.canary.newest).toBeNull()
    expect(stand.release.waiting()).toEqual([])
    seen.length = 0
    await rehearse({ plan: 'broad' })
    expect(seen).toHaveLength(400)
  })

  it('is a file, an entry of the chain and an event', async () => {
    desk(300, HALF)
    await rehearse()
    const { evidence, store } = stand.desks
    expect(evidence.standing('ml/canary_dryrun_observe_v2.json')).toBe('whole')
    const file = evidence.pathOf('ml/canary_dryrun_observe_v2.json')
    expect(readFileSync(evidence.pathOf('ml/canary_dryrun_observe.json'), 'utf8')).toBe(readFileSync(file, 'utf8'))
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ schema: 'canary_run/1', status: 'SUCCESS' })
    const entry = store.journal.entryOf('ml/canary_dryrun_observe_v2.json')
    expect(JSON.parse(entry?.detail ?? '')).toEqual({ model: 'v2', model_sha256: 'v2', status: 'SUCCESS' })
    const [event] = store.journal.events(SYMBOL, 1)
    expect(event).toMatchObject({ kind: 'canary', severity: 'info' })
    expect(event?.text).toMatch(/^canary dry run of v2 SUCCESS: all within/)
  })

  it.each([
    ['ABORTED', 'abort', 300],
    ['INCONCLUSIVE', 'hold', 0],
  ] as const)('that ends %s is a warning', async (status, decision, rows) => {
    desk(rows, () => 0.9)
    const document = await rehearse()
    expect([document.status, document.phases[0]?.decision]).toEqual([status, decision])
    expect(document.aborted).toBe(status === 'ABORTED')
    expect(stand.desks.store.journal.events(SYMBOL, 1)[0]).toMatchObject({ severity: 'warning' })
  })

  it('compares what both have scored, within the tolerance, and counts what the candidate fails at', async () => {
    desk(
      300,
      (n) => (n <= 30 ? Number.NaN : n <= 60 ? 0.56 : n <= 90 ? 0.54 : 0.5),
      (n) => (n > 290 ? Number.NaN : 0.5),
    )
    expect(counts(await rehearse())).toEqual({
      tried: 300,
      errors: 30,
      comparisons: 260,
      matched: 230,
      timed: 300,
      live_compared: 0,
      above_120_ms: 0,
    })
  })

  it('judges by the profile that is asked for, and by that of the candidate where none is', async () => {
    desk(300, () => 0.9)
    const { desks } = stand
    expect(await rehearse()).toMatchObject({ profile: 'equivalent', status: 'ABORTED' })
    const own = await runDryRun(desks, undefined, { plan: 'brief' })
    expect(own).toMatchObject({ profile: 'improve', status: 'SUCCESS' })
  })

  it('rehearses the plan full where none is named', async () => {
    desk(300, HALF)
    const { plan, phases } = await runDryRun(stand.desks, SYMBOL, {})
    expect(plan.map(({ split }) => split)).toEqual([0.05, 0.1, 0.25, 0.5, 1])
    expect(phases).toHaveLength(1)
  })

  it('adds what was recorded of the candidate in the last day, of probes and of the day before nothing', async () => {
    desk(300, HALF)
    const counted = { tried: 20, errors: 4, comparisons: 16, matched: 12, above120Ms: 3 }
    const at = { model: 'v2', tsMs: BEGAN_MS - 10 * MINUTE } as const
    stand.count(counted, { ...at, source: 'caller', latencyMs: 90 })
    stand.count({ tried: 500, errors: 500 }, { ...at, source: 'probe' })
    stand.count({ tried: 500, errors: 500 }, { ...at, model: 'v1' })
    stand.count({ tried: 500, errors: 500 }, { ...at, tsMs: BEGAN_MS - DAY - MINUTE })
    const document = await rehearse()
    expect(document.phases[0]).toMatchObject({
      requests: 320,
      live: 20,
      probes: 300,
      counts: { tried: 320, errors: 4, comparisons: 316, matched: 312, timed: 320, above_120_ms: 3 },
    })
  })

  it('takes the slower of callers and probes, and says how many took longer than 120 ms', async () => {
    const slow = new Set([80, 120])
    desk(300, (n) => {
      clockMs += n <= 20 ? 121 : slow.has(n) ? n : 10
      return 0.5
    })
    const alone = await rehearse()
    expect(alone.phases[0]).toMatchObject({ p95_ms: 121, counts: { above_120_ms: 20, timed: 300 } })
    stand.count({ tried: 100 }, { model: 'v2', tsMs: BEGAN_MS - 10 * MINUTE, latencyMs: 5 })
    expect((await rehearse()).phases[0]?.p95_ms).toBe(121)
    stand.count({ tried: 1_000 }, { model: 'v2', tsMs: BEGAN_MS - 10 * MINUTE, latencyMs: 400 })
    expect((await rehearse()).phases[0]?.p95_ms).toBeGreaterThan(350)
  })

  it('rests on callers alone where the day has no rows', async () => {
    desk(0, HALF)
    stand.count({ tried: 150, comparisons: 150 }, { model: 'v2', tsMs: BEGAN_MS - 10 * MINUTE, latencyMs: 4 })
    const document = await rehearse()
    expect(document).toMatchObject({ status: 'SUCCESS', total_requests: 150 })
    expect(document.phases[0]?.p95_ms).toBeGreaterThan(3)
    stand.desk.undone()
    desk(0, HALF)
    expect((await rehearse()).phases[0]).toMatchObject({ p95_ms: null, requests: 0, error_rate: null })
  })

  it('shows the PSI of the candidate, and none where it was not measured', async () => {
    desk(0, HALF)
    expect((await rehearse()).phases[0]?.psi).toBeNull()
    stand.desk.transaction(() => stand.desk.drift.take(psiDocument({ symbol: SYMBOL, model: 'v2' }), BEGAN_MS, 0))
    expect((await rehearse()).phases[0]?.psi).toBe(0.05)
  })

  it('asks a model behind HTTP twenty rows at a time: one that hangs holds it up once a batch', async () => {
    let under = 0
    const waves: number[] = []
    const asked: (() => void)[] = []
    const remote: RemoteModel = {
      ...modelOf('v2', () => 0.5, NUMBERED),
      kind: 'http',
      ask: (_values, onReply) => {
        under++
        asked.push(() => onReply({ ok: false, fault: 'timeout', latencyMs: 60 }))
        if (under > 1) return
        // All of a batch are on their way before the first of them is answered.
        setImmediate(() => {
          waves.push(under)
          under = 0
          for (const reply of asked.splice(0)) reply()
        })
      },
    }
    desk(50, remote)
    expect(counts(await rehearse())).toMatchObject({ tried: 50, errors: 50, comparisons: 0 })
    expect(waves).toEqual([20, 20, 10])
  })
})
