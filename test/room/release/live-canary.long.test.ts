import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../kit/moments.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { TRADE } from '../../kit/paper-trades.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const POLICY = { enabled: true, fraction: 0.2, min_confidence: 0.58, min_days: 3 }
const LIVE_HOURS = { tried: 60 }
let stand: ReleaseDesk

afterEach(() => stand.close())

function writePolicy(policy: unknown): void {
  writeFileSync(
    join(stand.desks.options.dataDir, 'canary_policy.json'),
    typeof policy === 'string' ? policy : JSON.stringify(policy),
  )
}

/** A canary of days that has just begun. */
function running(policy: object = {}): void {
  stand = new ReleaseDesk(fresh())
  writePolicy({ ...POLICY, ...policy })
  stand.ready()
  stand.approve(stand.release.requestCanary({ symbol: SYMBOL, mode: 'serve' }, 'ada').id)
}

/** What came of the minutes of a day, and what each side earned on it. @param ours of every trade, in quote units */
function day(n: number, ours: number, theirs: number): void {
  const { store } = stand.desks
  const fromMs = BEGAN_MS + n * DAY
  stand.desk.transaction(() => {
    for (let i = 0; i < 500; i++) {
      const tsMs = fromMs + i * 2 * MINUTE
      const label = i % 10 < 9 ? 1 : 0
      // Far from the threshold of every model, and as often right as they say.
      store.predictions.score(SYMBOL, tsMs, 'v2', 0.9)
      store.predictions.score(SYMBOL, tsMs, 'v1', 0.7)
      store.predictions.settle(SYMBOL, tsMs, label, tsMs + 6 * MINUTE)
    }
    for (let i = 0; i < 12; i++)
      for (const [arm, pnl] of [
        ['v2@live', ours],
        ['v1@live', theirs],
      ] as const) {
        const openedMs = fromMs + i * HOUR + MINUTE
        // Not all alike: a Sharpe ratio needs a spread.
        const won = pnl + (i % 2 === 0 ? 1 : -1) * 0.5 + (n % 2) * 0.01
        store.trading.addTrade({
          ...TRADE,
          symbol: SYMBOL,
          arm,
          id: String(openedMs),
          openedMs,
          closedMs: openedMs + 5 * MINUTE,
          pnl: won,
          pnlGross: won,
        })
      }
  })
}

/** Every hour of a day looked at. */
function watch(n: number): void {
  for (let hour = 1; hour <= 24; hour++) {
    const atMs = BEGAN_MS + n * DAY + hour * HOUR
    stand.countHour('v2', atMs - HOUR, LIVE_HOURS)
    const key = stand.desk.canary.phase?.key ?? ''
    if (key !== '') stand.count({ tried: 20, comparisons: 20 }, { model: 'v2', tsMs: atMs - 10 * MINUTE, phase: key })
    stand.at(atMs)
    stand.lookNow()
    if (!stand.desk.canary.running) return
  }
}

const state = () => stand.desk.canary.newest?.state
const status = () => stand.release.status(SYMBOL)
const events = () => stand.desks.store.journal.events(SYMBOL, 50).map(({ text }) => text)

describe('a canary of days', () => {
  it('is what a canary that serves goes by where a policy is enabled, and its prompt says what it is', () => {
    stand = new ReleaseDesk(fresh())
    writePolicy(POLICY)
    stand.ready()
    const asked = stand.release.requestCanary({ symbol: SYMBOL, mode: 'serve' }, 'ada')
    expect(asked.sentence).toBe('ONAY: Canary START 20 %/3 d serve (v2)')
    expect(asked.what_happens).toBe(
      "20 % of the callers' keys get v2's answer where its score is 0.08 or more from its threshold, for 3 days, 28 days at the most; all others get v1's",
    )
    expect(asked.against).toContain('callers are exposed: what v2 gets wrong, those in its share act on')
    expect(asked.figures).toMatchObject({ plan: 'live', policy: { fraction: 0.2, days: 3, minConfidence: 0.58 } })
    expect(asked.stops_it).toContain('earns less with certainty')
    stand.approve(asked.id)
    expect(status()).toMatchObject({ state: 'ramping', mode: 'serve', plan_name: 'live', share: 0.2 })
  })

  it('asks for the promotion once it was better for its days, and its last day is the validation', () => {
    running()
    for (let n = 0; n < 3; n++) {
      day(n, 1, 0.2)
      watch(n)
      stand.release.askAfterLiveCanary(stand.desk)
    }
    expect(state()).toMatchObject({ kind: 'succeeded', atMs: BEGAN_MS + 3 * DAY })
    const [prompt, ...others] = stand.release.waiting()
    expect(others).toEqual([])
    expect(prompt).toMatchObject({
      action: 'promote',
      asked_by: 'the live canary',
      sentence: 'ONAY: Promote v2 to production',
    })
    expect(prompt?.against).not.toContain('no caller was exposed in the canary: it only watched')
    // It asks once: a refusal is not asked again.
    stand.release.answer(prompt?.id ?? '', { decision: 'reject', reason: 'not today' }, 'grace')
    stand.release.askAfterLiveCanary(stand.desk)
    expect(stand.release.waiting()).toEqual([])
    // What was measured is in the record of the run, and of each day.
    stand.desks.drainOutbox()
    const dir = join(stand.dir, 'evidence/ml')
    expect(readdirSync(dir).filter((name) => name.startsWith('canary_live_'))).toEqual([
      'canary_live_2025-05-26.json',
      'canary_live_2025-05-27.json',
      'canary_live_2025-05-28.json',
    ])
    const run = JSON.parse(
      readFileSync(join(dir, readdirSync(dir).find((n) => n.startsWith('canary_run_')) ?? ''), 'utf8'),
    ) as object
    expect(run).toMatchObject({
      status: 'SUCCESS',
      mode: 'serve',
      live_canary: {
        verdict: 'promote',
        days: 3,
        minutes: 1_500,
        canary: { trades: 36 },
        in_charge: { trades: 36 },
        // Nine in ten came true, of which one said 0.9 and the other 0.7.
        log_loss_difference: {
          value: expect.closeTo(0.9 * Math.log(0.7 / 0.9) + 0.1 * Math.log(0.3 / 0.1), 9) as number,
          hi: expect.any(Number) as number,
        },
      },
    })
  })

  it('goes on by a day where something is missing, and says what', () => {
    running()
    for (let n = 0; n < 3; n++) {
      day(n, 0.2, 0.2)
      watch(n)
    }
    expect(state()).toMatchObject({ kind: 'holding', untilMs: BEGAN_MS + 4 * DAY })
    const { live_canary: live, reason } = status()
    expect(live).toMatchObject({ verdict: 'extend', days: 3, policy_changed: false })
    expect(live?.missing[0]).toMatch(/^a Sharpe ratio of /)
    expect(reason).toMatch(/^still missing: a Sharpe ratio of /)
  })

  it('is judged on all that its days have counted, also after a restart', () => {
    running()
    for (let n = 0; n < 2; n++) watch(n)
    // 20 tries an hour for two days, of which the roll-ups of minutes hold the last one.
    expect(status().live).toBe(960)
    stand = stand.reopened()
    expect(status().live).toBe(960)
  })

  it('is stopped at the next look, whatever a page has shown before', () => {
    running({ min_days: 20 })
    for (let n = 0; n < 3; n++) day(n, -0.5, 0.5)
    stand.at(BEGAN_MS + 3 * DAY + 30 * MINUTE)
    stand = stand.reopened()
    status()
    stand.lookNow()
    expect(state()?.kind).toBe('aborted')
  })

  it('is stopped within the hour in which it is certainly worse, long before its end', () => {
    running({ min_days: 20 })
    for (let n = 0; n < 3 && stand.desk.canary.running; n++) {
      day(n, -0.5, 0.5)
      watch(n)
    }
    // Two full days tell little, but for days that are as alike as these.
    expect(state()).toMatchObject({ kind: 'aborted', reason: { by: 'judge' } })
    expect(stand.desk.canary.share(false)).toBe(0)
    expect(events().join('\n')).toMatch(/canary of v2 ABORTED: stopped by the judge: Sharpe ratio .* after \d+ trades/)
  })

  it('counts as a confident minute what is as far from the threshold as the policy asks, and no other', () => {
    running()
    const { threshold } = stand.desk.lineUp.candidate?.model ?? { threshold: Number.NaN }
    stand.desk.transaction(() => {
      for (const [i, score] of [threshold + 0.09, threshold - 0.09, threshold + 0.05, threshold].entries()) {
        const tsMs = BEGAN_MS + i * MINUTE
        stand.desks.store.predictions.score(SYMBOL, tsMs, 'v2', score)
        stand.desks.store.predictions.score(SYMBOL, tsMs, 'v1', 0.5)
        stand.desks.store.predictions.settle(SYMBOL, tsMs, 1, tsMs + 6 * MINUTE)
      }
    })
    stand.look(HOUR)
    expect(status().live_canary).toMatchObject({ minutes: 2, log_loss_difference: null })
  })

  it('does not go by a policy that was changed while it runs, and says so once', () => {
    running()
    stand.look(HOUR)
    writePolicy({ ...POLICY, fraction: 1 })
    stand.look(HOUR)
    stand.look(HOUR)
    const told = events().filter((text) => text.startsWith('canary_policy.json'))
    expect(told).toEqual(['canary_policy.json was changed; the canary goes on by the policy that was approved'])
    expect(status()).toMatchObject({ share: 0.2, live_canary: { policy_changed: true } })
    rmSync(join(stand.desks.options.dataDir, 'canary_policy.json'))
    stand.look(HOUR)
    expect(events()[0]).toMatch(/^canary_policy.json cannot be read any more/)
  })

  it('is not approved by who saw another policy', () => {
    stand = new ReleaseDesk(fresh())
    writePolicy(POLICY)
    stand.ready()
    const asked = stand.release.requestCanary({ symbol: SYMBOL, mode: 'serve' }, 'ada')
    writePolicy({ ...POLICY, fraction: 0.5 })
    expect(refusal(() => stand.approve(asked.id)).why).toMatch(/a verdict among its figures has changed/)
    expect(stand.desk.canary.running).toBe(false)
  })

  it('goes on with all that it has settled after a restart', () => {
    running()
    for (let n = 0; n < 2; n++) {
      day(n, 1, 0.2)
      watch(n)
    }
    const before = status().live_canary
    stand = stand.reopened()
    // Nothing is read for a page: the next look has it all.
    expect(status().live_canary).toBeNull()
    stand.lookNow()
    expect(status().live_canary).toEqual(before)
    day(2, 1, 0.2)
    watch(2)
    expect(state()?.kind).toBe('succeeded')
    expect(status().live_canary).toMatchObject({ days: 3, minutes: 1_500 })
  })
})

describe('the policy of a canary of days', () => {
  const start = (plan?: string, mode: 'observe' | 'serve' = 'serve') =>
    refusal(() => stand.release.requestCanary({ symbol: SYMBOL, mode, plan }, 'ada'))

  it('that does not fit is named, and starts nothing', () => {
    stand = new ReleaseDesk(fresh())
    stand.ready()
    for (const [policy, named] of [
      ['{', 'JSON'],
      [{ ...POLICY, fraction: 0 }, 'fraction'],
      [{ ...POLICY, fraction: 1.1 }, 'fraction'],
      [{ ...POLICY, min_confidence: 0.49 }, 'min_confidence'],
      [{ ...POLICY, min_days: 29 }, 'min_days'],
      [{ ...POLICY, min_days: 1.5 }, 'min_days'],
      [{ ...POLICY, days: 7 }, 'days'],
      [{ fraction: 0.1 }, 'enabled'],
    ] as const) {
      writePolicy(policy)
      expect(`${start().what} ${start().why}`).toContain(named)
    }
    expect(stand.desk.canary.newest).toBeNull()
  })

  it('is needed for a canary of days, and has nothing to say of others', () => {
    stand = new ReleaseDesk(fresh())
    stand.ready()
    expect(start('live')).toMatchObject({ what: 'no policy for a canary of days is enabled' })
    writePolicy({ ...POLICY, enabled: false })
    expect(start('live').why).toBe('canary_policy.json says enabled: false')
    expect(start('live', 'observe').what).toBe('a canary of days answers callers')
    expect(existsSync(join(stand.desks.options.dataDir, 'canary_policy.json'))).toBe(true)
    const asked = stand.release.requestCanary({ symbol: SYMBOL, mode: 'serve' }, 'ada')
    expect(asked.sentence).toBe('ONAY: Canary START 5 %/30 min serve (v2)')
    expect(asked.what_happens).toMatch(
      /^5 %, 10 %, 25 %, 50 %, 100 % of the callers' requests get v2's answer, 30 min each/,
    )
  })
})
