import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/engine/kernel/units.ts'
import { dailyReport } from '../../../src/room/reports/daily-report.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { TRADE } from '../../kit/paper-trades.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const THRESHOLDS = { completeness: 0.9, missingShare: 1, gapMin: 5 }
const MIDNIGHT = START + DAY

/** A desk with a bar for each minute of these spans, as it stands at `atMs`. */
function played(spans: readonly (readonly [fromMs: number, untilMs: number])[], atMs: number): DeskKit {
  const kit = aDesk(fresh())
  registerModel(kit.desk, 'baseline', 'v1')
  kit.desk.transaction(() => {
    for (const [fromMs, untilMs] of spans)
      for (let tsMs = fromMs; tsMs < untilMs; tsMs += MINUTE) {
        const row = kit.desk.tape.accept(wanderingBar(tsMs))
        kit.desks.store.bars.insert(kit.desk.symbol, wanderingBar(tsMs), 0, false)
        kit.desks.store.features.insert(kit.desk.symbol, row, 0)
      }
  })
  kit.desk.tape.enterMoment(atMs)
  return kit
}

const report = ({ desk }: DeskKit, dayMs: number, gapMin = 5) =>
  dailyReport(desk, dayMs, null, { ...THRESHOLDS, gapMin })
const gapsOf = (kit: DeskKit, dayMs: number) =>
  report(kit, dayMs).data_quality.gaps.map(({ from, minutes }) => [from, minutes])

describe('the gaps of a day', () => {
  it('have the one over midnight: as far as it went in the day in which it began, whole in the one in which it ended', () => {
    const kit = played(
      [
        [MIDNIGHT - 2 * HOUR, MIDNIGHT - 20 * MINUTE],
        [MIDNIGHT + 10 * MINUTE, MIDNIGHT + 2 * HOUR],
      ],
      MIDNIGHT + 2 * HOUR,
    )
    const from = isoTime(MIDNIGHT - 20 * MINUTE)
    expect(gapsOf(kit, START)).toEqual([[from, 20]])
    expect(gapsOf(kit, MIDNIGHT)).toEqual([[from, 30]])
    expect(report(kit, MIDNIGHT).anomalies).toContain(`gap of 30 minutes from ${from}`)
    expect(report(kit, MIDNIGHT, 30).anomalies.join()).not.toContain('gap of')
    kit.desks.close()
  })

  it('have none where the last bar is still on its way at midnight, nor before the first bar of all', () => {
    const kit = played([[MIDNIGHT - 2 * HOUR, MIDNIGHT - MINUTE]], MIDNIGHT)
    expect(gapsOf(kit, START)).toEqual([])
    kit.desks.close()
  })

  it('have every one within the day, however short', () => {
    const kit = played(
      [
        [START, START + HOUR],
        [START + HOUR + MINUTE, START + 2 * HOUR],
      ],
      START + 2 * HOUR,
    )
    expect(gapsOf(kit, START)).toEqual([[isoTime(START + HOUR), 1]])
    kit.desks.close()
  })
})

describe('what was promised', () => {
  it('is what the offline report of the model in charge said, figure for figure of those that came true', () => {
    const kit = played([[START, START + HOUR]], START + HOUR)
    const { offline } = kit.desk.lineUp.inCharge ?? {}
    expect(report(kit, START).promised).toEqual({
      auc: offline?.auc,
      precision_at_20: offline?.precisionAt20,
      log_loss: offline?.logLoss,
      ece: offline?.ece,
      base_rate: offline?.baseRate,
    })
    expect(offline?.logLoss).toBeGreaterThan(0)
    kit.desks.close()
  })
})

describe('the arms of a day', () => {
  it('are those that closed a trade on it, with what all of these came to', () => {
    const kit = played([[START, START + HOUR]], START + HOUR)
    const { desk, desks } = kit
    desk.transaction(() => {
      const closed = (arm: string, closedMs: number, pnl: number, notional = 1_000) =>
        desks.store.trading.addTrade({
          ...TRADE,
          symbol: desk.symbol,
          arm,
          id: `${closedMs}`,
          closedMs,
          pnl,
          notional,
          fees: 1,
        })
      closed('b', START, 3)
      closed('b', START + HOUR, 0, 3_000)
      closed('b', START + DAY - 1, -1)
      closed('a', START + DAY - 1, 2)
      closed('a', START - 1, 100)
      closed('c', START + DAY, 100)
    })
    expect(report(kit, START).arms).toEqual([
      { arm: 'a', active: false, trades: 1, win_rate: 1, net: 2, fees: 1, expectancy_bp: 20 },
      { arm: 'b', active: false, trades: 3, win_rate: 1 / 3, net: 2, fees: 3, expectancy_bp: 4 },
    ])
    kit.desks.close()
  })
})

describe('the parts of a day', () => {
  it('are none where the model in charge stayed, and one for each that was in charge where it changed', () => {
    const kit = played([[START, START + 4 * HOUR]], START + 4 * HOUR)
    expect(report(kit, START).parts).toEqual([])
    const { desk, desks } = kit
    const row = { symbol: desk.symbol, profile: 'equivalent', approvalId: null, reason: 'a test', wallMs: 1 } as const
    const rollups = (model: string, tsMs: number, errors: number) => {
      const key = { tsMs, model, source: 'minute', phase: '' } as const
      for (let i = 0; i < 10; i++) desk.rollups.tried(key, i >= errors, null)
    }
    desk.transaction(() => {
      const { release } = desks.store
      release.addPromotion({ ...row, tsMs: START + HOUR, kind: 'promotion', version: 'v2', former: 'v1' })
      release.addPromotion({ ...row, tsMs: START + 3 * HOUR, kind: 'rollback', version: 'v1', former: 'v2' })
      rollups('v1', START + 30 * MINUTE, 0)
      // In the shadow then, and not in charge.
      rollups('v1', START + 2 * HOUR, 9)
      rollups('v2', START + 2 * HOUR, 5)
      rollups('v1', START + 3 * HOUR, 1)
      for (const taken of desk.rollups.takeDirty()) desks.store.rollups.put(taken)
    })
    const unknown = { settled: 0, auc: null, log_loss: null }
    expect(report(kit, START).parts).toEqual([
      { from: isoTime(START), until: isoTime(START + HOUR), baseline: 'v1', tried: 10, error_rate: 0, ...unknown },
      {
        from: isoTime(START + HOUR),
        until: isoTime(START + 3 * HOUR),
        baseline: 'v2',
        tried: 10,
        error_rate: 0.5,
        ...unknown,
      },
      {
        from: isoTime(START + 3 * HOUR),
        until: isoTime(START + DAY),
        baseline: 'v1',
        tried: 10,
        error_rate: 0.1,
        ...unknown,
      },
    ])
    kit.desks.close()
  })
})
