import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import type { EnsembleWeights } from '../../../src/engine/models/contract.ts'
import { REGIME_COLUMNS } from '../../../src/engine/models/mix-shares.ts'
import { ensembleAt, stepEnsemble } from '../../../src/room/trading/ensemble.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE } from '../../kit/moments.ts'
import { TRADE } from '../../kit/paper-trades.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'
import { midWeights } from '../../kit/stored.ts'

const fresh = freshDirectories()
const random = seededRandom(5)
let stand: ReleaseDesk

afterEach(() => stand.close())

const mix = (envelope: number, rest: Partial<EnsembleWeights> = {}): EnsembleWeights => ({
  version: 'mix-1',
  kind: 'ensemble',
  features: ['mid'],
  members: ['v1', 'v2'].map((version) => ({ version, sha256: version, weight: 0.5, model: midWeights(version) })),
  envelope,
  threshold: 0.6,
  label: midWeights('v1').label,
  ...rest,
})

/** Eight days of minutes on which v1 knows the truth and v2 says anything; the day on which they are looked at follows. */
function settled(options: { readonly days?: number } = {}): void {
  const { store } = stand.desks
  const { days = 8 } = options
  stand.desk.transaction(() => {
    for (let i = 0; i < days * 1_440; i += 2) {
      const tsMs = BEGAN_MS + i * MINUTE
      const truth = 0.1 + 0.8 * random.next()
      store.predictions.score(SYMBOL, tsMs, 'v1', truth)
      store.predictions.score(SYMBOL, tsMs, 'v2', 0.1 + 0.8 * random.next())
      store.predictions.settle(SYMBOL, tsMs, random.next() < truth ? 1 : 0, tsMs + 6 * MINUTE)
      const values = stand.desk.tape.latest?.values
      if (values !== undefined) store.features.insert(SYMBOL, { tsMs, values: values.map(() => 1e-7) }, 1)
    }
    for (let i = 0; i < days * 6; i++)
      for (const [arm, pnl] of [
        ['v1', 1],
        ['v2', -1],
      ] as const) {
        const openedMs = BEGAN_MS + i * 4 * HOUR
        const won = pnl + (i % 2 === 0 ? 0.5 : -0.5)
        store.trading.addTrade({
          ...TRADE,
          symbol: SYMBOL,
          arm,
          id: `${i}`,
          openedMs,
          closedMs: openedMs + MINUTE,
          pnl: won,
        })
      }
  })
  stand.at(BEGAN_MS + days * DAY)
}

/** A mix that runs in the shadow of v1, with v2 beside it. */
function mixed(envelope: number, rest?: Partial<EnsembleWeights>): void {
  stand = new ReleaseDesk(fresh(), { candidate: null })
  stand.register('v2')
  stand.register('mix-1', mix(envelope, rest))
  stand.place('candidate', 'mix-1')
  const { store } = stand.desks
  stand.desk.transaction(() =>
    store.models.putChallenger({ symbol: SYMBOL, version: 'v2', sinceMs: BEGAN_MS, wallMs: 1 }),
  )
  stand.desk.reloadSlots()
}

const step = (): string => {
  const { desk, desks } = stand
  return desk.transaction(() => stepEnsemble(desk, desks.evidence, stand.nowMs)).result
}
const weights = () => stand.desk.mix.newest?.members.map(({ weight }) => weight)

describe('the weights of a mix', () => {
  it('are of what stands, where no mix has a role, and serve nothing', () => {
    stand = new ReleaseDesk(fresh())
    settled()
    const look = ensembleAt(stand.desk, stand.nowMs)
    expect(look?.members.map(({ version }) => version)).toEqual(['v1', 'v2', 'fallback'])
    expect(look).toMatchObject({ model: null, minutes: 5_040, best_member: 'v1' })
    expect(look?.members[0]?.weight).toBeGreaterThan(1 / 3)
    // v1 is the truth itself: nothing that is mixed with it is better.
    expect(look?.plain).toMatch(/^the mix does not beat its best member v1: log loss \+0/)
    expect(look?.money_kept).toBe('a member has 0 of 30 trades on paper')
    expect(stand.desk.mix.newest).toBeNull()
    expect(step()).toBe('moved')
    expect(weights()).toEqual(look?.members.map(({ weight }) => weight))
  })

  it('of a model move a step a day within its envelope, and what it says moves with them', () => {
    mixed(0.2)
    settled()
    const said = () => {
      const { model } = stand.desk.lineUp.candidate ?? {}
      const values = Float64Array.from(stand.desk.latest?.values ?? [])
      return model?.kind === 'ensemble' ? model.score(values) : Number.NaN
    }
    expect(said()).not.toBeNaN()
    expect(step()).toBe('moved')
    const [first = 0] = weights() ?? []
    expect(first).toBeGreaterThan(0.5)
    expect(first).toBeLessThanOrEqual(0.6)
    expect(stand.desk.mix.newest?.model).toBe('mix-1')
    const [event] = stand.desks.store.journal.events(SYMBOL, 1)
    expect(event?.text).toMatch(/^the weights of mix-1 have moved: v1 0\.\d\d, v2 0\.\d\d$/)
    stand = stand.reopened({ candidate: null })
    expect(weights()?.[0]).toBe(first)
    stand.at(stand.nowMs + DAY)
    step()
    expect(weights()?.[0]).toBeGreaterThanOrEqual(first)
  })

  it('are found for each kind of market where the mix asks for it, serve there, and do so after a restart', () => {
    mixed(0.2, { regimes: true, features: ['mid', ...REGIME_COLUMNS] })
    settled()
    const { catalogue } = stand.desk
    // The first half of each day trends, the second does not, a tenth of both is volatile.
    const write = stand.desks.store.db.raw.prepare(
      'UPDATE feature_rows SET rv_60m_log = ?, efficiency_60m = ? WHERE symbol = ? AND ts_ms = ?',
    )
    const minutes = stand.desks.store.features.times(SYMBOL, BEGAN_MS, stand.nowMs)
    minutes.forEach((tsMs, i) =>
      write.run(i % 10 === 0 ? -5 : -8 - i * 1e-6, (tsMs / HOUR) % 24 < 12 ? 0.4 : 0.1, SYMBOL, tsMs),
    )
    expect(step()).toBe('moved')
    const { newest } = stand.desk.mix
    expect(newest?.regimes).toMatchObject({ volatile_above: expect.any(Number) as number })
    const [trending, ranging, volatile] = newest?.regimes?.of ?? []
    for (const one of [trending, ranging]) {
      expect(one).toMatchObject({ kept: null })
      expect(one?.minutes).toBeGreaterThan(1_440)
      expect(one?.weights?.[0]).toBeGreaterThan(0.5)
    }
    expect(volatile?.regime).toBe('volatile')
    const said = (efficiency: number): number => {
      const { model } = stand.desk.lineUp.candidate ?? {}
      const values = Float64Array.from(stand.desk.latest?.values ?? [])
      values[catalogue.place('mid')] = 100.4
      values[catalogue.place('rv_60m_log')] = -9
      values[catalogue.place('efficiency_60m')] = efficiency
      return model?.kind === 'ensemble' ? model.score(values) : Number.NaN
    }
    const before = [said(0.4), said(0.1), said(Number.NaN)]
    expect(before).not.toContain(Number.NaN)
    stand = stand.reopened({ candidate: null })
    expect([said(0.4), said(0.1), said(Number.NaN)]).toEqual(before)
    const [event] = stand.desks.store.journal.events(SYMBOL, 1)
    expect(event?.text).toMatch(/have moved: v1 0\.\d\d, v2 0\.\d\d; trending v1 0\.\d\d, v2 0\.\d\d; ranging/)
  })

  it('do not leave the envelope without another approval', () => {
    mixed(0.02)
    settled()
    expect(ensembleAt(stand.desk, stand.nowMs)).toMatchObject({
      members: [{ weight: 0.5 }, { weight: 0.5 }],
      kept: 'a step beyond 0.02 from the weights of mix-1 that were approved needs another approval: register it anew',
    })
  })

  it('wait for a member that scores no minutes, and say how it would', () => {
    mixed(0.2)
    const { store } = stand.desks
    stand.desk.transaction(() => store.models.dropChallenger(SYMBOL, 'v2'))
    stand.desk.reloadSlots()
    expect(ensembleAt(stand.desk, stand.nowMs)?.kept).toBe(
      'v2 scores no minutes; let it run beside with: onay models challenge v2',
    )
  })

  it('are not there before a model is in charge', () => {
    stand = new ReleaseDesk(fresh(), { baseline: null, candidate: null })
    expect(ensembleAt(stand.desk, stand.nowMs)).toBeNull()
    expect(step()).toBe('nothing to mix')
  })
})
