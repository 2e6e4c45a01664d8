import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { JudgeCounts } from '../../../src/engine/canary/readings.ts'
import { phaseDocument } from '../../../src/room/canary/canary-document.ts'
import { noTotals } from '../../../src/serving/totals.ts'
import { NO_FIGURES } from '../../kit/canary.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { MINUTE } from '../../kit/moments.ts'
import { type DeskOptions, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const FINE = { tried: 300, comparisons: 300 }
let stand: ReleaseDesk

afterEach(() => stand.close())

const Run = z.object({
  status: z.string(),
  shadow_errors: z.number().nullable(),
  total_requests: z.number(),
  approvals: z.array(z.object({ by: z.string(), sentence: z.string() })),
  phases: z.array(z.object({ phase: z.number(), decision: z.string(), requests: z.number(), counts: z.unknown() })),
})

function running(canary: DeskOptions['canary'] = {}): void {
  stand = new ReleaseDesk(fresh(), { canary })
  stand.start()
}

const state = () => stand.desk.canary.newest?.state
const aborted = (): string => {
  const now = state()
  return now?.kind === 'aborted' && 'text' in now.reason ? `${now.reason.by}: ${now.reason.text}` : (now?.kind ?? '')
}

/** The newest event, and the newest entry of the chain. */
const said = () => stand.desks.store.journal.events(SYMBOL, 1).flatMap(({ severity, text }) => [severity, text])
const chained = () => JSON.parse(stand.desks.store.journal.entries().at(-1)?.detail ?? '') as unknown
const stepsStored = () => stand.desks.store.db.raw.prepare('SELECT count(*) FROM canary_events').pluck().get()

/** The file of the newest run. */
function record(): z.infer<typeof Run> {
  stand.desks.drainOutbox()
  const dir = join(stand.dir, 'evidence/ml')
  const name = readdirSync(dir).find((file) => file.startsWith('canary_run_'))
  if (name === undefined) throw new Error('no run is recorded')
  return Run.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')))
}

describe('a canary', () => {
  it('goes through its phases to success, and its record has who approved it and the counts of each phase', () => {
    stand = new ReleaseDesk(fresh())
    stand.succeed(0)
    expect(stand.chain('approval', 'canary')).toEqual([
      'approval asked',
      'approval approved',
      'canary phase',
      'canary phase end',
      'canary phase',
      'canary phase end',
      'canary phase',
      'canary phase end',
      'canary ended SUCCESS',
    ])
    const events = stand.desks.store.journal.events(SYMBOL, 3).map(({ severity, text }) => `${severity}: ${text}`)
    expect(events.toReversed()).toEqual([
      'info: canary phase 3: 100 %, until 00:06 UTC',
      expect.stringMatching(/^info: canary phase 3 passed: all within/),
      expect.stringMatching(/^info: canary of v2 SUCCESS: /),
    ])
    const counts = { tried: 300, errors: 0, comparisons: 300, matched: 300, timed: 300, above_120_ms: 0 }
    expect(record()).toMatchObject({
      status: 'SUCCESS',
      shadow_errors: 0,
      total_requests: 900,
      approvals: [{ by: 'grace', sentence: 'ONAY: Canary START 5 %/2 min observe (v2)' }],
      phases: [1, 2, 3].map((phase) => ({ phase, decision: 'advance', requests: 300, counts })),
    })
  })

  it('passes a phase at its end and not a moment before', () => {
    running()
    stand.countInPhase(FINE)
    stand.look(2 * MINUTE - 1)
    expect(state()).toMatchObject({ kind: 'ramping', phase: 0 })
    stand.look(1)
    expect(state()).toMatchObject({ kind: 'ramping', phase: 1 })
  })

  it.each([
    ['fail', { tried: 300, errors: 300 }, 1, /^judge: errors 100 % of 300, interval /],
    ['fail here and there', { tried: 300, errors: 30, comparisons: 270 }, 1, /^judge: errors 10 % of 300, interval /],
    ['do not match', { ...FINE, matched: 150 }, 1, /^judge: match 50 % of 300, interval /],
    [
      'are slow',
      { ...FINE, above120Ms: 60 },
      1,
      /20 % of 300 beyond 120 ms, interval .*, below 80 ms, abort above 120 ms$/,
    ],
  ] as const)('is aborted at a look by probes alone that %s', (_, counts, latencyMs, why) => {
    running()
    stand.countInPhase(counts, 'probe', latencyMs)
    stand.look(10_000)
    expect(aborted()).toMatch(why)
    expect(stand.desk.canary.share(false)).toBe(0)
    expect(said()).toEqual(['critical', expect.stringMatching(/^canary of v2 ABORTED: stopped by the judge: /)])
    const { phases, status, shadow_errors } = record()
    expect([status, phases.map(({ decision }) => decision), shadow_errors]).toEqual([
      'ABORTED',
      ['abort'],
      'errors' in counts ? counts.errors : 0,
    ])
  })

  it('is aborted by callers alone in the same way, and by both together where each is too few', () => {
    running()
    stand.countInPhase({ tried: 300, errors: 300 }, 'caller')
    stand.look(10_000)
    expect(aborted()).toMatch(/^judge: errors 100 % of 300/)
    stand.close()
    running()
    stand.countInPhase({ tried: 60, errors: 60 }, 'caller')
    stand.look(10_000)
    expect(state()?.kind).toBe('ramping')
    stand.countInPhase({ tried: 60, errors: 60 }, 'probe')
    stand.look(10_000)
    expect(aborted()).toMatch(/^judge: errors 100 % of 120/)
  })

  it('is not aborted at a look by what is not certain, and is by the same at the end of its phase', () => {
    running()
    const counts: Partial<JudgeCounts> = { tried: 300, errors: 7, comparisons: 293 }
    stand.countInPhase(counts)
    stand.look(10_000)
    expect(state()?.kind).toBe('ramping')
    stand.look(2 * MINUTE - 10_000)
    expect(aborted()).toMatch(/^judge: errors 2.3 % of 300, below 1 %, abort above 2 %$/)
  })

  it('counts nothing of another phase or of no phase', () => {
    running()
    stand.count({ tried: 300, errors: 300 }, { model: 'v2', tsMs: stand.nowMs - MINUTE, source: 'caller' })
    stand.count({ tried: 300, errors: 300 }, { model: 'v2', tsMs: stand.nowMs - MINUTE, source: 'probe', phase: 'x/1' })
    stand.look(10_000)
    expect(state()?.kind).toBe('ramping')
  })

  it('is held at the end of a phase that saw too little, and ends inconclusive when it is held again', () => {
    running()
    stand.countInPhase({ tried: 50, comparisons: 50 })
    stand.look(2 * MINUTE)
    expect(state()).toMatchObject({ kind: 'holding', phase: 0 })
    expect(said()).toEqual(['warning', 'canary phase 1 is held: 50 more comparisons needed, 50 so far'])
    expect(chained()).toMatchObject({ step: 'held', phase: 1, model: 'v2' })
    expect(stand.desk.canary.share(false)).toBe(0.05)
    stand.look(2 * MINUTE)
    expect(state()?.kind).toBe('inconclusive')
    expect(stand.desk.canary.share(false)).toBe(0)
    expect(stand.chain('canary').slice(1)).toEqual(['canary held', 'canary phase end', 'canary ended INCONCLUSIVE'])
  })

  it('is held on probes alone, and passes with live comparisons within the share or not', () => {
    running({ min_live: 20 })
    const place = { model: 'v2', tsMs: stand.nowMs, source: 'minute' } as const
    stand.countInPhase(FINE)
    stand.count({ tried: 19, comparisons: 19 }, { ...place, tsMs: stand.nowMs - MINUTE })
    stand.count({ tried: 19, comparisons: 19 }, place)
    stand.look(2 * MINUTE)
    expect(state()).toMatchObject({ kind: 'holding', phase: 0 })
    expect(said()).toEqual(['warning', 'canary phase 1 is held: 1 more live comparisons needed, 19 so far'])
    stand.count({ tried: 1, comparisons: 1 }, { ...place, source: 'caller' })
    stand.look(2 * MINUTE)
    expect(state()).toMatchObject({ kind: 'ramping', phase: 1 })
  })

  it('is aborted by the third measurement in a row whose counts are impossible, and its record shows no share of them', () => {
    running()
    const { desk } = stand
    const place = { symbol: SYMBOL, tsMs: stand.nowMs - 5 * MINUTE, model: 'v2', phase: desk.canary.phase?.key ?? '' }
    const impossible = { ...noTotals(), matched: 2, serviceHist: null, modelHist: null }
    const { db, rollups } = stand.desks.store
    db.transaction(() => rollups.put({ ...place, source: 'probe', ...impossible }))
    desk.undone()
    for (const look of [1, 2]) {
      stand.look(10_000)
      expect(state()).toMatchObject({ kind: 'ramping', measureErrors: look })
      const why = '2 matched of 0 comparisons is impossible'
      expect(said()).toEqual(['warning', `canary: ${look} measurements in a row have failed: ${why}`])
    }
    stand.look(10_000)
    expect(aborted()).toBe('measuring: 3 in a row, last 2 matched of 0 comparisons is impossible')
    expect(stand.chain('canary').slice(1)).toEqual([
      'canary not measured',
      'canary not measured',
      'canary phase end',
      'canary ended ABORTED',
    ])
  })

  it('goes on in its phase after a restart, with its salt and its counts', () => {
    running()
    const before = stand.desk.canary.newest
    stand.countInPhase(FINE)
    stand.look(MINUTE)
    stand = stand.reopened()
    stand.release.resume()
    expect(stand.desk.canary.newest).toMatchObject({ runId: before?.runId, salt: before?.salt, state: before?.state })
    expect(chained()).toMatchObject({ step: 'resumed', phase: 1 })
    stand.look(MINUTE)
    expect(state()).toMatchObject({ kind: 'ramping', phase: 1 })
  })

  it('ends when its candidate has left the slot', () => {
    running()
    stand.register('v3')
    stand.place('candidate', 'v3')
    stand.desk.reloadSlots()
    stand.look(10_000)
    expect(state()).toMatchObject({ kind: 'aborted', reason: { by: 'candidateGone' } })
  })

  it('has nothing to abort when none is under way', () => {
    stand = new ReleaseDesk(fresh())
    expect(refusal(() => stand.release.abortCanary(SYMBOL, 'ada', ''))).toMatchObject({
      status: 409,
      code: 'no_canary',
    })
  })

  it('shows the figures of its last look, and the shares that follow from the counts', () => {
    running()
    expect(stand.release.status(SYMBOL)).toMatchObject({
      state: 'ramping',
      error_rate: null,
      match_rate: null,
      live: 0,
    })
    stand.countInPhase({ tried: 200, errors: 1, comparisons: 199, matched: 190 })
    stand.countInPhase({ tried: 10, comparisons: 10 }, 'caller')
    const steps = stepsStored()
    stand.look(10_000)
    // What finds nothing wrong decides nothing, and is kept with the run alone.
    expect(stepsStored()).toBe(steps)
    expect(stand.desks.store.release.newestRun(SYMBOL)?.lastLook?.decision).toBe('go on')
    expect(stand.release.status(SYMBOL)).toMatchObject({
      phase: 1,
      share: 0.05,
      live: 10,
      probes: 200,
      probes_planned: 300,
      error_rate: 1 / 210,
      match_rate: 200 / 209,
      decision: 'go on',
      until: '2025-05-26T00:02:00.000Z',
    })
  })
})

describe('the document of a phase', () => {
  const ended = { phase: 0, split: 0.05, sinceMs: 0, endedMs: MINUTE, decision: 'abort', reason: 'r' } as const
  it('has no share of nothing, and none of impossible counts', () => {
    expect(phaseDocument({ ...ended, measured: { kind: 'counts', figures: NO_FIGURES } })).toMatchObject({
      error_rate: null,
      match_rate: null,
      intervals: { error_rate: null, match_rate: null, above_120_ms: null },
      counts: { tried: 0, errors: 0 },
    })
    const impossible = { ...NO_FIGURES, comparisons: 10, matched: 20, tried: 10, errors: 1 }
    expect(phaseDocument({ ...ended, measured: { kind: 'counts', figures: impossible } })).toMatchObject({
      error_rate: 0.1,
      match_rate: null,
      counts: { matched: 20, comparisons: 10 },
    })
  })
})
