import { afterEach, describe, expect, it } from 'vitest'
import type { ApprovalDocument } from '../../../src/evidence/documents/release-documents.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, BRIEF, judgement, ReleaseDesk, SYMBOL, WALL_MS, type DeskOptions } from '../../kit/release-desk.ts'
import { storeRows } from '../../kit/stored-rows.ts'

const fresh = freshDirectories()
/** Since when the candidate of a release desk has been in the shadow. */
const SINCE_MS = BEGAN_MS - DAY
let stand: ReleaseDesk

afterEach(() => stand.close())

function ready(options: DeskOptions = {}): void {
  stand = new ReleaseDesk(fresh(), options)
  stand.ready()
}

/** A settled minute: what came of it, what the two models said, and how restless the market was, which the fallback goes by. */
interface Minute {
  readonly tsMs: number
  readonly label: 0 | 1
  readonly candidate: number
  readonly baseline?: number
  readonly variance?: number
}

function settle(minutes: readonly Minute[]): void {
  const { predictions } = stand.desks.store
  storeRows(
    stand.desk,
    minutes.map(({ tsMs, variance }) => ({ tsMs, values: variance === undefined ? {} : { ewma_var_1m: variance } })),
  )
  stand.desk.transaction(() => {
    for (const { tsMs, label, candidate, baseline } of minutes) {
      predictions.score(SYMBOL, tsMs, 'v2', candidate)
      if (baseline !== undefined) predictions.score(SYMBOL, tsMs, 'v1', baseline)
      predictions.settle(SYMBOL, tsMs, label, tsMs + 6 * MINUTE)
    }
  })
}

const RANKED: readonly Minute[] = (
  [
    [0, 0.1, 0.4, 1e-8],
    [0, 0.2, 0.3, 3e-8],
    [1, 0.3, 0.2, 2e-8],
    [1, 0.4, 0.1, 4e-8],
  ] as const
).map(([label, candidate, baseline, variance], i) => ({
  tsMs: SINCE_MS + i * MINUTE,
  label,
  candidate,
  baseline,
  variance,
}))

const outcomeOf = ({ figures }: ApprovalDocument) => figures.outcome

describe('the prompt of a canary start', () => {
  it('shows what happens, what speaks for it and what stops it', () => {
    ready()
    const prompt = stand.request()
    expect(prompt).toMatchObject({
      action: 'canary_start',
      needs: 1,
      what_happens: '5 %, 25 %, 100 % of the requests are judged, 2 min each; callers still get every answer from v1',
      speaks_for: ['the preflight passed; offline AUC 0.650'],
      stops_it: 'errors > 2 %, p95 > 120 ms, match < 90 %; a a at any time',
      expires_at: new Date(WALL_MS + 15 * MINUTE).toISOString(),
      sha256: stand.desk.lineUp.candidate?.sha256,
      figures: {
        plan: BRIEF,
        profile: 'equivalent',
        match: null,
        offline: { auc: 0.65, lo: 0.63, hi: 0.67, limit: 0.62 },
      },
    })
    expect(stand.desks.store.release.approval(prompt.id)?.request).toEqual({ plan: BRIEF, profile: 'equivalent' })
    const { text, severity } = stand.desks.store.journal.events(SYMBOL, 1)[0] ?? {}
    expect([severity, text]).toEqual([
      'info',
      `${prompt.id} waits until 03:19 UTC: "ONAY: Canary START 5 %/2 min observe (v2)", asked by ada`,
    ])
  })

  it('of a candidate that is meant to differ does not speak of a match that would stop it', () => {
    ready({ profile: 'improve' })
    expect(stand.request()).toMatchObject({
      stops_it: 'errors > 2 %, p95 > 120 ms; a a at any time',
      figures: { profile: 'improve' },
    })
  })

  it('has the match of the last day, and none of nothing', () => {
    ready()
    const of = (tsMs: number) => ({ model: 'v2', tsMs })
    stand.count({ comparisons: 50, matched: 0 }, of(BEGAN_MS - DAY - MINUTE))
    stand.count({ comparisons: 80, matched: 60 }, of(BEGAN_MS - 10 * MINUTE))
    stand.count({ comparisons: 20, matched: 12 }, { ...of(BEGAN_MS - DAY), source: 'minute' })
    stand.count({ comparisons: 70, matched: 0 }, { ...of(BEGAN_MS - 10 * MINUTE), source: 'probe' })
    stand.count({ comparisons: 70, matched: 0 }, { model: 'v1', tsMs: BEGAN_MS - 10 * MINUTE })
    expect(stand.request().figures.match).toEqual({ rate: 0.72, n: 100 })
  })

  it('has the outcome of the gates, and how each ranks the minutes settled in the shadow', () => {
    ready()
    settle([
      ...RANKED,
      // None of these counts: before the candidate came, without a score of the other, without a word of the fallback, of now.
      { tsMs: SINCE_MS - MINUTE, label: 1, candidate: 0, baseline: 0, variance: 1e-9 },
      { tsMs: SINCE_MS + 10 * MINUTE, label: 1, candidate: 0, variance: 1e-9 },
      { tsMs: SINCE_MS + 11 * MINUTE, label: 1, candidate: 0, baseline: 0 },
      { tsMs: BEGAN_MS, label: 1, candidate: 0, baseline: 0, variance: 1e-9 },
    ])
    const { outcome } = judgement()
    expect(outcomeOf(stand.request())).toEqual({
      verdict: 'better',
      n: 2_000,
      minRows: 1_440,
      logLoss: outcome.logLoss,
      difference: outcome.difference,
      auc: { candidate: 1, baseline: 0, fallback: 0.75 },
    })
  })

  it('ranks nothing where only one thing ever happened', () => {
    ready()
    settle(RANKED.filter(({ label }) => label === 1))
    expect(outcomeOf(stand.request())).toMatchObject({ auc: { candidate: null, baseline: null, fallback: null } })
  })

  it('says that the offline figures are unknown where the artifact has none', () => {
    ready()
    const { inCharge, candidate } = stand.desk.lineUp
    if (candidate === null) throw new Error('there is no candidate')
    stand.desk.models.stand(new LineUp({ inCharge, candidate: { ...candidate, offline: null } }))
    const prompt = stand.request()
    expect([prompt.figures.offline, prompt.speaks_for]).toEqual([null, ['the preflight passed; offline AUC unknown']])
  })
})

describe('the prompt of a promotion', () => {
  it('shows every gate with its value, the canary with its requests, and what the next two days watch', () => {
    stand = new ReleaseDesk(fresh())
    stand.start()
    for (const [callers, probes] of [
      [10, 290],
      [20, 280],
      [5, 300],
    ] as const) {
      stand.countInPhase({ tried: callers, comparisons: callers }, 'caller')
      stand.countInPhase({ tried: probes, comparisons: probes })
      stand.look(2 * MINUTE)
    }
    for (let hour = 0; hour < 24; hour++) stand.countHour('v2', stand.nowMs + hour * 60 * MINUTE)
    stand.at(stand.nowMs + DAY)
    const askedMs = stand.wall.now()
    const prompt = stand.release.requestPromotion(SYMBOL, undefined, 'ada')
    expect(prompt).toMatchObject({
      what_happens: 'v2 answers every caller at once; v1 stays ready, and a rollback is one command',
      speaks_for: [
        'settled log loss 0.6500 against 0.6700 for v1 on 2000 minutes: better (95 % -0.0300 to -0.0100)',
        'six gates pass; canary 3/3, 24 h of validation without a breach',
      ],
      stops_it: 'for 48 h: errors > 2 %, p95 > 120 ms, match < 90 %, outcome worse with certainty',
      expires_at: new Date(askedMs + 15 * MINUTE).toISOString(),
    })
    expect(prompt.figures.gates).toEqual(
      judgement().gates.map(({ gate, name, verdict, value, threshold, reason }) => ({
        gate,
        name,
        verdict,
        value,
        threshold,
        reason,
      })),
    )
    expect(prompt.against).toContain('the canary counted 35 live requests, the other 870 were probes')
    expect(stand.desks.store.release.approval(prompt.id)?.request).toEqual({})
  })
})
