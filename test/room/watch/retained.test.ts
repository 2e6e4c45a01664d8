import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { floorTo, isoTime } from '../../../src/engine/kernel/units.ts'
import { retain } from '../../../src/room/watch/retain.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { runningCanary } from '../../kit/canary.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'
import { driftDocument } from '../../kit/stored.ts'
import { aDayOfBars } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const MIDNIGHT = START + 10 * DAY

const retained = ({ desk, desks }: DeskKit, rawDays = 3) =>
  desk.transaction(() => retain(desk, desks.evidence, rawDays, MIDNIGHT))

describe('retention', () => {
  it('removes the feature logs of days that are over, says so in the chain, and counts them', () => {
    const kit = aDesk(fresh())
    const { evidence, store } = kit.desks
    const logs = ['2025-05-10', '2025-05-11', '2025-05-12'].map((day) =>
      evidence.subject(SYMBOL, `features_raw_${day}.log`),
    )
    kit.desk.transaction(() => logs.forEach((log) => evidence.writeText(log, 'a row\n', START)))
    kit.desks.drainOutbox()

    aDayOfBars(kit, MIDNIGHT - DAY)
    expect(retained(kit)).toEqual({ ok: true, result: '0 rows, 2 logs' })
    kit.desks.drainOutbox()
    expect(logs.map((log) => existsSync(evidence.pathOf(log)))).toEqual([false, false, true])
    expect(logs.map((log) => store.journal.entryOf(log)?.kind)).toEqual(['pruned', 'pruned', 'file'])
    // What is gone is not removed twice.
    expect(retained(kit)).toEqual({ ok: true, result: '0 rows' })
    kit.desks.close()
  })

  it('drops hours of drift that neither the window nor the day before it can reach, and keeps all later ones', () => {
    const kit = aDesk(fresh())
    const { drift } = kit.desks.store
    const reachable = MIDNIGHT - 8 * DAY
    const hours = [reachable - DAY, reachable - HOUR, reachable, reachable + HOUR, MIDNIGHT - HOUR]
    kit.desk.transaction(() => {
      for (const hourMs of hours) drift.putHour(SYMBOL, 'v1', { hourMs, n: 60, counts: { mid: [60, 0] } })
    })
    retained(kit)
    expect(drift.hours(SYMBOL, 'v1', 0).map(({ hourMs }) => hourMs)).toEqual(hours.slice(2))
    kit.desks.close()
  })

  it('keeps the checks of drift of the days that are kept, and every one since a canary of days began', () => {
    const kit = aDesk(fresh())
    const { desk, desks } = kit
    const days = [6, 5, 4, 3, 2].map((ago) => MIDNIGHT - ago * DAY)
    desk.transaction(() => {
      for (const day of days) desk.drift.days.take(driftDocument({ symbol: SYMBOL, at: isoTime(day + 6 * HOUR) }), 0)
    })
    aDayOfBars(kit, MIDNIGHT - DAY)
    const kept = (): number[] =>
      desks.store.drift.checks(SYMBOL, 0, MIDNIGHT).map(({ at }) => floorTo(Date.parse(at), DAY))
    const run = runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: MIDNIGHT - 5 * DAY + HOUR })
    desk.canary.take(run)
    retained(kit)
    expect(kept()).toEqual(days.slice(1))
    desk.canary.take({ ...run, state: { kind: 'idle' } })
    retained(kit)
    expect(kept()).toEqual(days.slice(3))
    desks.close()
  })

  it('forgets the minutes that no day which is still reported on can reach', () => {
    const kit = aDesk(fresh())
    const { desk } = kit
    const agoH = [26, 24.5, 23.5, 1]
    for (const hours of agoH) {
      const key = { tsMs: MIDNIGHT - hours * HOUR, model: 'v1', source: 'caller', phase: '' } as const
      desk.rollups.answered(key, false, 5)
    }
    desk.transaction(() => desk.persist())
    retained(kit)
    const known = agoH.map((hours) => {
      const tsMs = MIDNIGHT - hours * HOUR
      return desk.rollups.totals(tsMs, tsMs + MINUTE, ['caller']).requests
    })
    expect(known).toEqual([0, 1, 1, 1])
    expect(desk.rollups.serviceDay().count).toBe(3)
    expect(kit.desks.store.rollups.between(SYMBOL, 0, MIDNIGHT)).toHaveLength(4)
    kit.desks.close()
  })
})
