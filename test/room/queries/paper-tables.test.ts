import { describe, expect, it } from 'vitest'
import { SET_TARGETS } from '../../../src/engine/models/tree-set.ts'
import { standSets } from '../../kit/stored-sets.ts'
import { PAPER_PAGES } from '../../../src/control/panels.ts'
import { paperTable } from '../../../src/room/queries/paper-tables.ts'
import { takeTrades } from '../../../src/room/trading/own-trades.ts'
import { AB_RUN } from '../../kit/ab-runs.ts'
import { aDesk, play } from '../../kit/a-desk.ts'
import { barAt } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { ReleaseDesk } from '../../kit/release-desk.ts'

const fresh = freshDirectories()

describe('the pages of paper trading', () => {
  it.each(PAPER_PAGES)('say that nothing trades before the first model: %s', async (page) => {
    const kit = aDesk(fresh())
    await play(kit, [barAt(0, 100)])
    expect(paperTable(kit.desk, page)).toMatchObject({ rows: [], note: expect.stringContaining('No model') as string })
    kit.desks.close()
  })

  it('have every arm with its figures, the one in charge marked, and why a retraining may not begin', () => {
    const room = new ReleaseDesk(fresh())
    const { desk } = room
    const nowMs = desk.nowMs()
    const written = { side: 1, qty: 1, filledEntry: 100, expectedEntry: 99.9, expectedExit: null } as const
    const rest = { notional: null, fees: 0.1, pnl: null, exit: 'roi', predictionId: null, key: null } as const
    const trades = [101, 99].map((filledExit, i) => ({
      ...written,
      ...rest,
      filledExit,
      id: String(i),
      openedMs: nowMs - 3_600_000,
      closedMs: nowMs - (2 - i) * 60_000,
    }))
    takeTrades(desk, 'mybot', trades, new Map())
    const { rows } = paperTable(desk, 'arms')
    const version = desk.lineUp.inCharge?.version ?? ''
    expect(rows.find(({ arm }) => arm === `${version} *`)).toMatchObject({ role: 'in charge', trades: '0', open: '-' })
    expect(rows.find(({ arm }) => arm === 'mybot')).toMatchObject({
      role: 'your own bot',
      trades: '2',
      net: '-0.20',
      win: '50.0 %',
      'bp a trade': '-10.0',
    })
    const gates = paperTable(desk, 'retrain')
    expect(gates.rows.map(({ gate }) => gate)).toEqual(['paper_age', 'trade_count', 'regime_diversity'])
    expect(gates.rows[1]).toMatchObject({ verdict: 'WAIT', value: '0.0', threshold: '75.0' })
    expect(paperTable(desk, 'costs').note).toContain('Too few closed trades')
    expect(paperTable(desk, 'ab')).toMatchObject({ rows: [], note: expect.stringContaining('onay ab') as string })
    desk.transaction(() => {
      desk.parts.store.trading.addAbRun({ ...AB_RUN, symbol: desk.symbol })
      desk.parts.store.trading.addAbRun({ ...AB_RUN, symbol: desk.symbol, armBLabel: 'f80', dryRun: 1, k: 2 })
    })
    expect(paperTable(desk, 'ab').rows).toMatchObject([
      { A: 'f60', B: 'f80', look: '2, dry', swap: 'no' },
      { A: 'f60', B: 'f70', look: '1', trades: '120 and 110', Sharpe: '1.50 and -', reason: 'f70 does not earn' },
    ])
    room.desks.close()
  })

  it('have each model of a set beside its naive predictor, and the active arm marked', () => {
    const room = new ReleaseDesk(fresh())
    const { desk } = room
    expect(paperTable(desk, 'sets')).toMatchObject({ rows: [], note: expect.stringContaining('13:00 UTC') as string })
    standSets(desk, { v1_backtest: 'set-1' })
    const { rows } = paperTable(desk, 'sets')
    expect(rows.map(({ set, model }) => [set, model])).toEqual(SET_TARGETS.map((target) => ['v1_backtest', target]))
    expect(rows[0]).toMatchObject({ useful: 'no', loss: '0.6900', naive: '0.7000', 'most by': 'rsi14_z' })
    const arms = paperTable(desk, 'arms').rows
    expect(arms.find(({ arm }) => arm === 'v1_backtest *')).toMatchObject({ role: 'active' })
    expect(arms.find(({ role }) => role === 'in charge')?.arm).not.toContain('*')
    room.close()
  })
})
