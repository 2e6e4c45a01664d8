import { afterEach, describe, expect, it } from 'vitest'
import { JUDGE_LIMITS } from '../../src/engine/canary/plan.ts'
import type { CanaryRun } from '../../src/engine/canary/run.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { runDocument } from '../../src/room/canary/canary-document.ts'
import { runningCanary } from '../kit/canary.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'
import { HOUR, START } from '../kit/moments.ts'
import { ReleaseDesk, SYMBOL } from '../kit/release-desk.ts'

const fresh = freshDirectories()
let store: Store

afterEach(() => {
  if (store.db.raw.open) store.db.close()
})

const RUN = runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: START })
const FIGURES = {
  comparisons: 290,
  matched: 280,
  tried: 300,
  errors: 10,
  timed: 300,
  above80Ms: 1,
  above120Ms: 0,
  p95Ms: null,
  live: 20,
  probes: 280,
  liveCompared: 21,
  psi: 0.1,
}

function withRun(run: CanaryRun): void {
  store = openStore(fresh(), 'write')
  store.db.transaction(() => store.release.putRun(run))
}

function edit(sql: string, ...values: readonly unknown[]): void {
  store.db.raw.prepare(sql).run(...values)
}

describe('a canary run in the database', () => {
  it('comes back as it was stored, its phases with their counts', () => {
    const phases = [
      {
        phase: 0,
        split: 0.1,
        sinceMs: START,
        endedMs: START + HOUR,
        decision: 'advance',
        reason: 'all within',
        measured: { kind: 'counts', figures: FIGURES },
      },
    ] as const
    const lastLook = { atMs: START, decision: 'go on', reason: 'r', figures: FIGURES, inside: 3, total: 20 }
    const run = { ...RUN, phases, lastLook, probesSent: 7 }
    withRun(run)
    expect(store.release.newestRun(SYMBOL)).toEqual(run)
    expect(store.release.newestRun('BBBUSDT')).toBeNull()
  })

  it('of before live comparisons were counted comes back without them', () => {
    const { liveCompared: _, ...before } = FIGURES
    const lastLook = { atMs: START, decision: 'go on', reason: 'r', figures: FIGURES, inside: 3, total: 20 }
    withRun({ ...RUN, lastLook })
    edit('UPDATE canary_runs SET last_look = ?', JSON.stringify({ ...lastLook, figures: before }))
    expect(store.release.newestRun(SYMBOL)?.lastLook?.figures).toEqual(before)
  })

  it.each([
    { kind: 'idle' },
    { kind: 'awaitingOnay', promptId: 'p', expiresAtWallMs: 5 },
    { kind: 'holding', phase: 1, sinceMs: 1, untilMs: 2, measureErrors: 1 },
    { kind: 'succeeded', atMs: 3 },
    { kind: 'aborted', reason: { by: 'judge', text: 't' }, atMs: 3, phase: 1 },
    { kind: 'aborted', reason: { by: 'person', who: 'ada', text: '' }, atMs: 3, phase: 1 },
    { kind: 'aborted', reason: { by: 'measuring', text: 't' }, atMs: 3, phase: 1 },
    { kind: 'aborted', reason: { by: 'candidateGone' }, atMs: 3, phase: 1 },
    { kind: 'inconclusive', reason: 'held twice', atMs: 3, phase: 2 },
  ] as const)('comes back in every state: $kind', (state) => {
    withRun({ ...RUN, state })
    expect(store.release.newestRun(SYMBOL)?.state).toEqual(state)
  })

  it('of an earlier version opens still: what its phases showed, without counts, and no errors made up of a missing share', () => {
    const old = {
      phase: 1,
      split: 0.05,
      started_at: '2025-05-05T00:00:00.000Z',
      ended_at: '2025-05-05T00:30:00.000Z',
      requests: 300,
      live: 20,
      probes: 280,
      p95_ms: 1.5,
      error_rate: 0.01,
      match_rate: 0.9,
      psi: null,
      intervals: { error_rate: { lo: 0, hi: 0.1 }, match_rate: null, above_120_ms: null },
      decision: 'abort',
      reason: 'stopped',
    }
    withRun(RUN)
    edit('UPDATE canary_runs SET phases = ?', JSON.stringify([old]))
    const documentOf = (): ReturnType<typeof runDocument> => {
      const run = store.release.newestRun(SYMBOL)
      if (run === null) throw new Error('there is no run')
      return runDocument(run, { status: 'ABORTED', reason: 'stopped', approvals: [], dryRun: false }, JUDGE_LIMITS)
    }
    expect(documentOf()).toMatchObject({ phases: [{ ...old, counts: null }], total_requests: 300, shadow_errors: 3 })
    edit('UPDATE canary_runs SET phases = ?', JSON.stringify([old, { ...old, phase: 2, error_rate: null }]))
    expect(documentOf()).toMatchObject({ total_requests: 600, shadow_errors: null })
  })

  it('that has not ended is the newest, also where the wall clock was set back since the one before it', () => {
    withRun({ ...RUN, runId: 'a', wallMs: 1_000, endedMs: START, state: { kind: 'succeeded', atMs: START } })
    store.db.transaction(() => store.release.putRun({ ...RUN, runId: 'b', wallMs: 10 }))
    expect(store.release.newestRun(SYMBOL)?.runId).toBe('b')
    store.db.transaction(() =>
      store.release.putRun({
        ...RUN,
        runId: 'c',
        tsMs: START + 1,
        wallMs: 5,
        endedMs: START + 1,
        state: { kind: 'idle' },
      }),
    )
    store.db.transaction(() => store.release.putRun({ ...RUN, runId: 'b', wallMs: 10, endedMs: START + 1 }))
    expect(store.release.newestRun(SYMBOL)?.runId).toBe('c')
    // It was withdrawn: what it was asked for beside takes nothing from the one before.
    expect(store.release.newestBegun(SYMBOL)?.runId).toBe('a')
  })

  it.each([
    ['state', '{', /^its state is not JSON/],
    ['state', '{"kind":"flying"}', /^its state /],
    ['state', '{"kind":"ramping","phase":-1,"sinceMs":1,"measureErrors":0}', /^its state .*phase/],
    ['plan', '{"name":"p","phases":[{"split":2,"durationMs":1}]}', /^its plan .*split/],
    ['phases', '{}', /^its phases /],
    ['last_look', '{"atMs":1}', /^its last_look /],
    ['profile', 'whatever', /^its profile .*equivalent/],
    ['probes_sent', 'many', /^its probes_sent .*number/],
  ])('that was tampered with is refused with its table and its name: %s', (column, value, why) => {
    withRun(RUN)
    edit(`UPDATE canary_runs SET ${column} = ?`, value)
    const { what, why: said, code } = refusal(() => store.release.newestRun(SYMBOL))
    expect([what, code]).toEqual([`the row ${SYMBOL}/run-1 of the table canary_runs cannot be used`, 'damaged_row'])
    expect(said).toMatch(why)
  })
})

describe('prompts and promotions in the database', () => {
  /** A room's own, with a prompt that waits. */
  function waiting(): string {
    const stand = new ReleaseDesk(fresh())
    stand.ready()
    const { id } = stand.request()
    stand.close()
    store = openStore(`${stand.dir}/data`, 'write')
    return id
  }

  it('come back with what was shown and asked for', () => {
    const id = waiting()
    expect(store.release.waiting()).toEqual([store.release.approval(id)])
    expect(store.release.approval(id)).toMatchObject({
      approval: { id, action: 'canary_start', symbol: SYMBOL, state: 'waiting', openedBy: 'ada', needs: 1 },
      request: { plan: 'brief', profile: 'equivalent' },
      why: null,
    })
    const [stored] = store.release.waiting()
    if (stored === undefined) throw new Error('no prompt waits')
    expect(() => store.release.putApproval(stored)).toThrow('this write belongs in a transaction')
  })

  it.each([
    ["document = '[]'", /^its document /],
    ["document = json_set(document, '$.approval.needs', 0)", /^its document .*needs/],
    [
      "document = json_set(document, '$.approval.state', 'approved')",
      /^its state is waiting, its document says approved$/,
    ],
    ["action = 'promote'", /^its action is promote, its document says canary_start$/],
    ["request = 'x'", /^its request is not JSON/],
  ])('are refused when they were tampered with: %s', (change, why) => {
    const id = waiting()
    edit(`UPDATE approvals SET ${change}`)
    const { what, why: said } = refusal(() => store.release.approval(id))
    expect(what).toBe(`the row ${SYMBOL}/${id} of the table approvals cannot be used`)
    expect(said).toMatch(why)
    expect(refusal(() => store.release.waiting()).what).toBe(what)
  })

  it('are refused when a promotion is of a kind that no room makes', () => {
    store = openStore(fresh(), 'write')
    const row = {
      symbol: SYMBOL,
      tsMs: 1,
      version: 'v2',
      former: 'v1',
      profile: 'equivalent',
      approvalId: null,
    } as const
    store.db.transaction(() => store.release.addPromotion({ ...row, kind: 'promotion', reason: '', wallMs: 1 }))
    edit("UPDATE promotions SET kind = 'coup'")
    expect(refusal(() => store.release.newestPromotion(SYMBOL))).toMatchObject({ code: 'damaged_row' })
  })
})

describe('what decides', () => {
  it('is written in a transaction or not at all', () => {
    withRun(RUN)
    const { release } = store
    const promotion = { symbol: SYMBOL, tsMs: 1, kind: 'promotion', version: 'v2', former: null, reason: '' } as const
    const writers: readonly (() => void)[] = [
      () => release.putRun(RUN),
      () => release.addEvent(RUN, { kind: 'candidateGone', atMs: 1 }, 1),
      () => release.addPromotion({ ...promotion, profile: 'equivalent', approvalId: null, wallMs: 1 }),
    ]
    for (const write of writers) {
      expect(write).toThrow('this write belongs in a transaction, and none is open')
      expect(() => store.db.transaction(write)).not.toThrow()
    }
    const stored = release.newestRun(SYMBOL)
    expect(stored).toEqual(RUN)
  })
})
