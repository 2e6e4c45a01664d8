import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { idPrefix } from '../../../src/db/predictions.ts'
import { followedAnswers } from '../../../src/room/trading/followed-answer.ts'
import { takeTrades } from '../../../src/room/trading/own-trades.ts'
import type { WrittenTrade } from '../../../src/engine/trading/own-trade.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL, WALL_MS } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const POLICY = { enabled: true, fraction: 0.2, min_confidence: 0.58, min_days: 3 }
/** When the answer was given that trades here follow, by its row. */
const ROW_MS = BEGAN_MS + HOUR
let stand: ReleaseDesk
let asked = 0

afterEach(() => stand.close())

/** A room of v1, with v2 in its shadow. @param isLive whether a canary of days runs */
function open(isLive = true): void {
  stand = new ReleaseDesk(fresh())
  if (!isLive) return
  writeFileSync(join(stand.desks.options.dataDir, 'canary_policy.json'), JSON.stringify(POLICY))
  stand.ready()
  stand.approve(stand.release.requestCanary({ symbol: SYMBOL, mode: 'serve' }, 'ada').id)
}

interface Given {
  readonly tsMs?: number
  readonly model?: string
  readonly key?: string
  readonly source?: string
  readonly decision?: string
}

/** @returns its id */
function answer({ tsMs = ROW_MS, model = 'v2', key, source = 'caller', decision = 'signal' }: Given = {}): string {
  const id = `${idPrefix(tsMs)}-t${String(asked++).padStart(6, '0')}`
  const { store } = stand.desks
  stand.desk.transaction(() =>
    store.predictions.insert({
      symbol: SYMBOL,
      id,
      tsMs,
      wallMs: WALL_MS,
      source,
      key: key ?? null,
      score: 0.9,
      decision,
      model,
      servedBy: model === 'v2' ? 'canary' : 'baseline',
      reason: 'picked by the canary',
      latencyMs: 1,
      modelMs: 1,
      fault: null,
      phase: '',
    }),
  )
  return id
}

function trade(change: Partial<WrittenTrade> = {}): WrittenTrade {
  const openedMs = change.openedMs ?? ROW_MS + 90_000
  return {
    id: `t${asked++}`,
    side: 1,
    openedMs,
    closedMs: openedMs + 5 * MINUTE,
    qty: 1,
    filledEntry: 100,
    filledExit: 100.1,
    expectedEntry: null,
    expectedExit: null,
    notional: null,
    fees: null,
    pnl: null,
    exit: null,
    predictionId: null,
    key: null,
    ...change,
  }
}

const brought = async (written: readonly WrittenTrade[]) =>
  takeTrades(stand.desk, 'mybot', written, await followedAnswers(stand.desk, written))

/** What is stored of the answer that a trade followed. */
async function followed(change: Partial<WrittenTrade>) {
  const one = trade(change)
  const taken = await brought([one])
  expect(taken.added).toBe(1)
  const row = stand.desks.store.trading.closedBy(SYMBOL, 'mybot').find(({ id }) => id === one.id)
  expect(taken.followed).toBe(row?.rowMs === null ? 0 : 1)
  return { model: row?.modelVersion, rowMs: row?.rowMs }
}

const NONE = { model: null, rowMs: null }

describe("a trade of a caller's own", () => {
  it('is joined with the answer whose id it names, with or without a canary', async () => {
    open(false)
    expect(await followed({ predictionId: answer({ model: 'v1' }) })).toEqual({ model: 'v1', rowMs: ROW_MS })
    expect(await followed({})).toEqual(NONE)
  })

  it('is joined by the key with the newest answer before it was opened, in a canary of days', async () => {
    open()
    answer({ key: 'mia', model: 'v1', tsMs: ROW_MS - 3 * MINUTE })
    answer({ key: 'mia', model: 'v1' })
    answer({ key: 'mia', model: 'v2' })
    answer({ key: 'leo', model: 'v1' })
    answer({ key: 'mia', model: 'v1', tsMs: ROW_MS + 3 * MINUTE })
    expect(await followed({ key: 'mia' })).toEqual({ model: 'v2', rowMs: ROW_MS })
    expect(await followed({ key: 'leo' })).toEqual({ model: 'v1', rowMs: ROW_MS })
    expect(await followed({ key: 'ada' })).toEqual(NONE)
    // Ten minutes on, the answer is not what it followed.
    expect(await followed({ key: 'leo', openedMs: ROW_MS + 11 * MINUTE })).toEqual(NONE)
  })

  it('is not joined by its key where no canary of days is compared', async () => {
    open(false)
    answer({ key: 'mia' })
    expect(await followed({ key: 'mia' })).toEqual(NONE)
  })

  it.each<[what: string, given: Given, change?: Partial<WrittenTrade>]>([
    ['nobody asked for', { source: 'minute' }],
    ['abstained', { decision: 'abstain' }],
    ['came after it was opened', { tsMs: ROW_MS + 2 * MINUTE }],
    // The row of the minute in which it was opened was not there yet.
    ['came within its minute', { tsMs: ROW_MS + MINUTE }],
  ])('follows no answer that %s', async (_, given) => {
    open()
    const id = answer({ ...given, key: 'mia' })
    expect([await followed({ predictionId: id }), await followed({ key: 'mia' })]).toEqual([NONE, NONE])
  })

  it('names an answer that is not there, and is stored all the same', async () => {
    open()
    expect(await followed({ predictionId: 'a1b2c3d4e-nothing', key: 'mia' })).toEqual(NONE)
  })
})

describe("callers' own trades in a canary of days", () => {
  /** Settled minutes of a day, on each of which the candidate was as sure as this. */
  function settle(n: number, score: number): readonly number[] {
    const { store } = stand.desks
    const minutes = Array.from({ length: 40 }, (_, i) => BEGAN_MS + n * DAY + i * 10 * MINUTE)
    stand.desk.transaction(() => {
      for (const tsMs of minutes) {
        store.predictions.score(SYMBOL, tsMs, 'v2', score)
        store.predictions.score(SYMBOL, tsMs, 'v1', 0.7)
        store.predictions.settle(SYMBOL, tsMs, 1, tsMs + 6 * MINUTE)
      }
    })
    return minutes
  }

  /** Ten trades that followed the candidate and thirty that followed the other, by id and by key. @param bp of each */
  async function trades(minutes: readonly number[], ours: number, theirs: number, day = 0): Promise<void> {
    const written = minutes.map((tsMs, i) => {
      const model = i % 4 === 0 ? 'v2' : 'v1'
      const key = `caller-${tsMs}`
      const id = answer({ tsMs, model, key })
      const pnl = ((model === 'v2' ? ours : theirs) + (day % 2) * 0.1) / 100
      const link = i % 2 === 0 ? { predictionId: id } : { key }
      return trade({ openedMs: tsMs + 2 * MINUTE, pnl, ...link })
    })
    expect(await brought(written)).toMatchObject({ added: 40, followed: 40, rejected: [] })
  }

  const lookAt = (atMs: number) => {
    stand.at(atMs)
    stand.lookNow()
    return stand.release.status(SYMBOL)
  }

  it('count on the side of the answer that they followed, on minutes on which the candidate was confident', async () => {
    open()
    await trades(settle(0, 0.9), 3, -1)
    const { threshold } = stand.desk.lineUp.candidate?.model ?? { threshold: Number.NaN }
    await trades(settle(1, threshold), 9, 9)
    // A trade that followed nobody is the bot's own affair.
    await brought([trade({ pnl: -50 })])
    const { live_canary: live } = lookAt(BEGAN_MS + 2 * DAY)
    expect(live).toMatchObject({ own_difference_bp: null, minutes: 40 })
    expect([live?.canary.own_trades, live?.in_charge.own_trades]).toEqual([10, 30])
    expect(live?.canary.own_mean_bp).toBeCloseTo(3, 9)
    expect(live?.in_charge.own_mean_bp).toBeCloseTo(-1, 9)
  })

  it('stop it once there are thirty and the candidate did worse with certainty, also after a restart', async () => {
    open()
    for (const day of [0, 1, 2]) await trades(settle(day, 0.9), -3, 1, day)
    const before = lookAt(BEGAN_MS + 2 * DAY + HOUR)
    expect(before.live_canary).toMatchObject({
      verdict: 'extend',
      own_difference_bp: { value: expect.closeTo(-4, 9) as number },
    })
    expect(before.live_canary?.missing.join()).toContain('own trades of callers that are not certainly worse')
    stand = stand.reopened()
    const { state, live_canary: live } = lookAt(BEGAN_MS + 3 * DAY)
    expect(live?.canary.own_trades).toBe(30)
    expect(state).toBe('aborted')
    expect(live?.reason).toMatch(/^callers' own trades: -3\.0 bp on 30 against \+1\.0 bp on 90/)
  })
})
