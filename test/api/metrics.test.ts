import { afterAll, describe, expect, it } from 'vitest'
import { Metrics } from '../../src/api/metrics.ts'
import type { MarketFigures } from '../../src/control/figures.ts'
import { RULES } from '../../src/engine/alerts/rules.ts'

const metrics = new Metrics()
afterAll(() => metrics.close())

const figuresOf = (symbol: string): MarketFigures => ({
  symbol,
  answering: ['v1', 'fallback'],
  psi: null,
  driftLevel: null,
  backupAgeSec: null,
  overdueOutcomes: null,
  drift: null,
  driftEvents: { warning: 0, critical: 0 },
  missingShare: null,
  ece: null,
  matchRate: null,
  meantToMatch: false,
  isRemote: symbol === 'ETHUSDT',
  breakerOpen: false,
  mix: [],
  canary: { share: 0, phase: 0, psi: null, seen: null, sharpe: null },
  gates: [{ gate: 'psi', verdict: 'WAIT' }],
  killSwitch: false,
  stalenessSec: symbol === 'BTCUSDT' ? 60 : 600,
  jobs: [{ name: 'psi hourly', lastOkMs: 60_000 }],
  overdueJobs: 0,
  arm: {
    name: 'v1_backtest',
    trades: 7,
    expectancyBp: -10.5,
    sharpe: null,
    isOpen: true,
    drawdown: 0.4,
    slippagePct: null,
    slippageExcessPct: null,
    retrainFailed: false,
    swapRecommended: true,
  },
})
const SYMBOLS = ['BTCUSDT', 'ETHUSDT']
const samples = (text: string): string[] => text.split('\n').filter((line) => /^\w/.test(line))

describe('the metrics', () => {
  it('have every series that an alert rule reads', async () => {
    const text = await metrics.scrape([figuresOf('BTCUSDT')])
    const exposed = new Set([...text.matchAll(/^# TYPE (ml_\w+) /gm)].map(([, name]) => name))
    const read = RULES.flatMap(({ expr }) => expr.match(/\bml_\w+/g) ?? [])
    expect(read.length).toBeGreaterThan(RULES.length)
    const bare = read.map((series) => series.replace(/_(?:bucket|count|sum)$/, ''))
    expect(bare.filter((series) => !exposed.has(series))).toEqual([])
  })

  it("serve every symbol in one scrape, each sample under its own, and what is the room's once", async () => {
    const room = new Metrics()
    room.answered('BTCUSDT', 'v1', 'ok', 2, 0.5)
    room.shadowRan('ETHUSDT', { kind: 'fault', fault: 'timeout', latencyMs: 3 }, 1)
    const text = await room.scrape(SYMBOLS.map(figuresOf))
    for (const line of samples(text)) expect(line).toMatch(/symbol="(BTC|ETH)USDT"|^ml_event_loop_lag_ms /)
    const at = (series: string): string[] => samples(text).filter((line) => line.startsWith(series))
    expect(at('ml_feature_staleness_seconds')).toEqual([
      'ml_feature_staleness_seconds{symbol="BTCUSDT"} 60',
      'ml_feature_staleness_seconds{symbol="ETHUSDT"} 600',
    ])
    const errors = at('ml_shadow_error_total').filter((line) => line.includes('kind="timeout"'))
    expect(errors.map((line) => [/"(\w+USDT)"/.exec(line)?.[1], line.slice(-2)])).toEqual([
      ['BTCUSDT', ' 0'],
      ['ETHUSDT', ' 1'],
    ])
    const types = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)
    expect(types).toHaveLength(new Set(types).size)
    expect(room.series()).toBe(samples(text).length)
    expect(samples(await room.scrape([figuresOf('ETHUSDT')])).join()).not.toContain('BTCUSDT')
    room.close()
  })

  it('have what the active arm has closed and earned', async () => {
    const text = await metrics.scrape([figuresOf('BTCUSDT')])
    for (const line of [
      'ml_paper_trades_total{arm="v1_backtest",symbol="BTCUSDT"} 7',
      'ml_paper_expectancy_bp{symbol="BTCUSDT"} -10.5',
      'ml_paper_open{symbol="BTCUSDT"} 1',
      'ml_paper_drawdown{symbol="BTCUSDT"} 0.4',
      'ml_execution_slippage_pct{symbol="BTCUSDT"} Nan',
      'ml_ab_swap_recommended{symbol="BTCUSDT"} 1',
    ])
      expect(text).toContain(line)
  })

  it('leave out what cannot be there: faults of a server without one, a canary that does not run, backups of a recording', async () => {
    const at = async (figures: MarketFigures): Promise<string> => {
      const room = new Metrics()
      // What was there goes again.
      await room.scrape([
        {
          ...figures,
          isRemote: false,
          backupAgeSec: 9,
          overdueOutcomes: 4,
          canary: {
            share: 0.1,
            phase: 1,
            psi: 0.2,
            seen: { tried: 9, errors: 1 },
            sharpe: { canary: 1.5, in_charge: null },
          },
        },
      ])
      const text = samples(await room.scrape([figures])).join('\n')
      room.close()
      return text
    }
    const bare = await at(figuresOf('BTCUSDT'))
    for (const part of [
      'unreachable',
      'ml_canary_tries',
      'ml_canary_errors',
      'ml_canary_psi',
      'ml_canary_live',
      'ml_backup_age',
      'ml_outcomes_overdue',
    ])
      expect(bare).not.toContain(part)
    const whole = await at({ ...figuresOf('BTCUSDT'), isRemote: true, backupAgeSec: 7, overdueOutcomes: 0 })
    for (const part of [
      'kind="unreachable"',
      'ml_backup_age_seconds{symbol="BTCUSDT"} 7',
      'ml_outcomes_overdue{symbol="BTCUSDT"} 0',
    ])
      expect(whole).toContain(part)
  })

  it('begin every counter at 0: a first event is a rise', async () => {
    const room = new Metrics()
    const figures = { ...figuresOf('BTCUSDT'), arm: null, isRemote: true }
    const text = samples(await room.scrape([figures])).filter((line) => /^ml_\w+_total/.test(line))
    expect(text.filter((line) => !line.endsWith(' 0'))).toEqual([])
    for (const kind of ['timeout', 'nan', 'range', 'throw', 'unreachable', 'status', 'garbage'])
      expect(text.join('\n')).toContain(`kind="${kind}"`)
    for (const status of ['ok', 'abstain'])
      for (const version of ['v1', 'fallback'])
        expect(text.join('\n')).toContain(`model_version="${version}",status="${status}"`)
    for (const name of ['ml_model_errors', 'ml_shadow_success', 'ml_shadow_match', 'ml_shadow_mismatch'])
      expect(text.join('\n')).toContain(`${name}_total{`)
    room.close()
  })
})
