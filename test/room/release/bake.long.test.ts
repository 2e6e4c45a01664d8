import { afterEach, describe, expect, it } from 'vitest'
import type { JudgeCounts } from '../../../src/engine/canary/readings.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HOUR, MINUTE } from '../../kit/moments.ts'
import { ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
let stand: ReleaseDesk
let promotedMs: number

afterEach(() => stand.close())

/** v2 was promoted, v1 watches. */
function promoted(profile: 'equivalent' | 'improve' = 'equivalent'): void {
  stand = new ReleaseDesk(fresh(), { baseline: 'v2', former: 'v1', candidate: null, profile })
  promotedMs = stand.nowMs
  stand.desk.transaction(() =>
    stand.desks.store.release.addPromotion({
      symbol: SYMBOL,
      tsMs: promotedMs,
      kind: 'promotion',
      version: 'v2',
      former: 'v1',
      profile,
      approvalId: 'promote-1',
      reason: 'it is time',
      wallMs: stand.wall.now(),
    }),
  )
  stand.wall.set(stand.wall.now() + 1_000)
}

/** What the model in charge did in the last hour before `atMs`, and how far the former one agreed with it. */
function hourBefore(
  atMs: number,
  own: Partial<JudgeCounts>,
  agrees: Partial<JudgeCounts> = { comparisons: 600 },
): void {
  const tsMs = atMs - 10 * MINUTE
  stand.count({ tried: 600, ...own }, { model: 'v2', tsMs, source: 'minute' })
  stand.count(agrees, { model: 'v1', tsMs, source: 'minute' })
}

/** Settled minutes from the promotion on, on which both models have given a score. @param current of what happened */
function settledMinutes(n: number, current: number, former: number): void {
  const { predictions } = stand.desks.store
  stand.desk.transaction(() => {
    for (let i = 0; i < n; i++) {
      const tsMs = promotedMs + i * MINUTE
      // What happened is drawn by a rule, so that both scores err on some of the minutes.
      const label = i % 3 === 0 ? 1 : 0
      const of = (share: number): number => (label === 1 ? share : 1 - share)
      predictions.score(SYMBOL, tsMs, 'v2', of(current))
      predictions.score(SYMBOL, tsMs, 'v1', of(former))
      predictions.settle(SYMBOL, tsMs, label, tsMs + 6 * MINUTE)
    }
  })
}

/** The hourly look, so long after the promotion. */
function look(afterMs: number): void {
  stand.at(promotedMs + afterMs)
  stand.bake.look(stand.desk, stand.nowMs)
}

const inCharge = () => stand.desk.lineUp.inCharge?.version
const ended = () =>
  stand.desks.store.journal
    .events(SYMBOL, 100)
    .map(({ text }) => text)
    .filter((text) => text.startsWith('the bake of '))
const decision = () => stand.bake.document(stand.desk, stand.nowMs)?.decision

describe('the bake', () => {
  it.each([
    ['errors', { errors: 60 }, undefined, /^last hour: errors 10 % of 600, interval/],
    ['slow answers', { above120Ms: 120 }, undefined, /^last hour: p95 unknown, 20 % of 600 beyond 120 ms/],
    ['mismatches', {}, { comparisons: 600, matched: 300 }, /^last hour: match 50 % of 600/],
  ] as const)(
    'puts the former model back at the next hour after %s, and records it in the chain',
    (_, own, agrees, why) => {
      promoted()
      hourBefore(promotedMs + HOUR, own, agrees)
      expect(inCharge()).toBe('v2')
      look(HOUR)
      expect(inCharge()).toBe('v1')
      expect(stand.desk.lineUp.former).toBeNull()
      const row = stand.desks.store.release.newestPromotion(SYMBOL)
      expect(row).toMatchObject({ kind: 'rollback', version: 'v1', former: 'v2', approvalId: null })
      expect(row?.reason).toMatch(why)
      const entry = stand.desks.store.journal.entries().findLast(({ kind }) => kind === 'rollback')
      expect(JSON.parse(entry?.detail ?? '')).toMatchObject({ model: 'v1', retired: 'v2', by: 'the bake' })
      stand = stand.reopened()
      expect(inCharge()).toBe('v1')
    },
  )

  it('does not judge the match of a model that is meant to differ', () => {
    promoted('improve')
    hourBefore(promotedMs + HOUR, {}, { comparisons: 600, matched: 300 })
    look(HOUR)
    expect(inCharge()).toBe('v2')
  })

  it('puts the former model back once the settled minutes say with certainty that the new one is worse', () => {
    promoted()
    settledMinutes(1_440, 0.5, 0.6)
    look(23 * HOUR + 59 * MINUTE)
    expect(inCharge()).toBe('v2')
    expect(decision()).toContain('1 more settled minutes needed')
    look(24 * HOUR)
    expect(inCharge()).toBe('v1')
    expect(stand.desks.store.release.newestPromotion(SYMBOL)?.reason).toMatch(
      /^log loss \+0.1823 against the former model on 1440 settled minutes, interval .*, limit 0.005$/,
    )
  })

  it('keeps a model that is better, and one that is worse by no more than the margin', () => {
    for (const [current, former] of [
      [0.6, 0.5],
      [0.6, 0.602],
    ] as const) {
      promoted()
      settledMinutes(1_500, current, former)
      hourBefore(promotedMs + 25 * HOUR, {})
      look(25 * HOUR)
      expect(inCharge()).toBe('v2')
      expect(decision()).toMatch(/^it stays in charge: /)
      stand.close()
    }
    promoted()
  })

  it('counts nothing that the model did before it was promoted', () => {
    promoted()
    hourBefore(promotedMs, { errors: 600 })
    look(30 * MINUTE)
    expect(decision()).toMatch(/^nothing speaks against it: /)
  })

  it.each([
    ['errors', { errors: 60 }, /^since the promotion: errors 10 % of 600/],
    ['slow answers', { above120Ms: 120 }, /^since the promotion: p95 unknown, 20 % of 600 beyond 120 ms/],
  ] as const)('looks back on everything since the promotion, not on the last hour alone: %s', (_, own, why) => {
    promoted()
    hourBefore(promotedMs + HOUR, own)
    stand.desk.transaction(() => stand.desk.persist())
    look(5 * HOUR)
    expect(stand.desks.store.release.newestPromotion(SYMBOL)?.reason).toMatch(why)
  })

  it('leaves out the minutes of which only one of the two has given a score', () => {
    promoted()
    settledMinutes(10, 0.5, 0.6)
    const { predictions } = stand.desks.store
    const tsMs = promotedMs + 20 * MINUTE
    stand.desk.transaction(() => {
      predictions.score(SYMBOL, tsMs, 'v2', 0.5)
      predictions.settle(SYMBOL, tsMs, 1, tsMs + 6 * MINUTE)
    })
    look(HOUR)
    expect(decision()).toContain('1430 more settled minutes needed')
  })

  it('says what it still waits for, and that nothing speaks against it', () => {
    promoted()
    expect(decision()).toBe('the first hourly look is still to come')
    look(HOUR)
    expect(decision()).toBe('nothing speaks against it: 100 more comparisons needed; 1440 more settled minutes needed')
  })

  it('is looked at when a room opens: what a process died over is done then', () => {
    promoted()
    hourBefore(promotedMs + HOUR, { errors: 60 })
    stand.at(promotedMs + HOUR)
    stand = stand.reopened()
    expect(inCharge()).toBe('v2')
    stand.release.resume()
    expect(inCharge()).toBe('v1')
  })

  it('says what cannot be measured, and keeps nothing else from going on', () => {
    promoted()
    settledMinutes(10, 0.5, 0.6)
    const { raw } = stand.desks.store.db
    raw.exec('ALTER TABLE scores RENAME TO lost')
    try {
      look(HOUR)
      expect(decision()).toMatch(/^could not be measured: .*scores/)
    } finally {
      raw.exec('ALTER TABLE lost RENAME TO scores')
    }
    expect(inCharge()).toBe('v2')
  })

  it('is over 48 hours after the promotion: nothing is rolled back any more', () => {
    promoted()
    hourBefore(promotedMs + 48 * HOUR + HOUR, { errors: 600 })
    look(49 * HOUR)
    expect(inCharge()).toBe('v2')
    expect(decision()).toBeUndefined()
  })

  it('says once how it ended, with its figures, and keeps that in the chain', () => {
    promoted()
    settledMinutes(2_000, 0.6, 0.5)
    hourBefore(promotedMs + 2 * HOUR, {}, { comparisons: 600, matched: 594 })
    stand.desk.transaction(() => stand.desk.persist())
    look(47 * HOUR)
    expect(ended()).toEqual([])
    look(48 * HOUR + 30 * MINUTE)
    const text =
      /^the bake of v2 has passed; 48 h, errors 0 % of 600, match with v1 99 % of 600, log loss -0\.1823 \(99\.9 % -0\.\d+ to -0\.\d+\) on 2000 settled minutes$/
    expect(ended()).toEqual([expect.stringMatching(text)])
    const entry = stand.desks.store.journal.entries().findLast(({ kind }) => kind === 'bake')
    expect(JSON.parse(entry?.detail ?? '')).toMatchObject({
      model: 'v2',
      former: 'v1',
      status: 'PASSED',
      errors: 0,
      tried: 600,
      settled: 2_000,
    })
    stand = stand.reopened()
    look(49 * HOUR)
    expect(ended()).toHaveLength(1)
  })

  it('says what could not be judged of a model that was hardly asked, and does not call that passed', () => {
    promoted()
    look(48 * HOUR)
    expect(ended()).toEqual([
      'the bake of v2 has ended: nothing speaks against it, 100 more comparisons needed; 1440 more settled minutes needed; 48 h, errors unknown, match with v1 unknown, 0 settled minutes',
    ])
  })

  it('looks at its last hour still', () => {
    promoted()
    hourBefore(promotedMs + 48 * HOUR, { errors: 600 })
    look(48 * HOUR)
    expect(inCharge()).toBe('v1')
  })

  it('does nothing where nothing was promoted, or the promotion has been taken back', () => {
    stand = new ReleaseDesk(fresh(), { baseline: 'v2', former: 'v1', candidate: null })
    promotedMs = stand.nowMs
    hourBefore(promotedMs + HOUR, { errors: 600 })
    look(HOUR)
    expect([inCharge(), decision()]).toEqual(['v2', undefined])
    stand.close()
    promoted()
    stand.release.rollback(SYMBOL, 'ada', 'it loses')
    stand.count({ tried: 600, errors: 600 }, { model: 'v1', tsMs: promotedMs + 30 * MINUTE, source: 'minute' })
    look(HOUR)
    expect([inCharge(), decision()]).toEqual(['v1', undefined])
    expect(stand.chain('rollback')).toHaveLength(1)
  })
})
