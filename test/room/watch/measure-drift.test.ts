import { describe, expect, it, vi } from 'vitest'
import { columnOf } from '../../../src/engine/features/row.ts'
import { ksTwoSample } from '../../../src/engine/stats/ks.ts'
import { type Config, defaultConfig } from '../../../src/room/config/config.ts'
import { measureDrift } from '../../../src/room/watch/measure-drift.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel, type ModelOptions } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const HOURS = 2

/** A desk with two hours of rows after the reference, as an hourly look at the end of them finds it. */
async function measured(drift: Partial<Config['drift']>, model: ModelOptions = {}) {
  const config = defaultConfig()
  const kit = aDesk(fresh(), { config: { ...config, drift: { ...config.drift, ...drift } } })
  registerModel(kit.desk, 'baseline', 'v1', model)
  const bars = Array.from({ length: HOURS * 60 }, (_, i) => wanderingBar(START + i * MINUTE))
  kit.timeline.history(
    kit.desk,
    bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
  const document = look(kit, START + HOURS * HOUR)
  kit.desks.close()
  return document
}

function look({ desk, desks }: DeskKit, atMs: number) {
  desk.transaction(() => measureDrift(desk, desks.evidence, atMs))
  const document = desk.drift.snapshotOf('v1')
  if (document === undefined) throw new Error('there is no snapshot')
  return document
}

/** What two hours come to when they are the whole window and few rows will do. */
const ENOUGH = { window_days: (HOURS * HOUR) / DAY, min_rows: 100 }

describe('the hourly look at drift', () => {
  it('waits for the full window and the rows that the configuration asks for', async () => {
    expect(await measured({})).toMatchObject({ verdict: 'WAIT', current: { n: HOURS * 60 } })
    expect(await measured({ ...ENOUGH, min_rows: 121 })).toMatchObject({ verdict: 'WAIT' })
    expect((await measured(ENOUGH)).verdict).not.toBe('WAIT')
  })

  it('takes its levels and its limits from the configuration', async () => {
    const { overall_psi: psi, worst } = await measured(ENOUGH)
    if (psi === null || worst === null) throw new Error('there is no figure')
    const judged = async (drift: Partial<Config['drift']>) => measured({ ...ENOUGH, ...drift })
    const far = { warning: 2 * psi, critical: 3 * psi, feature: 4 * worst.psi }
    expect(await judged(far)).toMatchObject({ level: 'stable', verdict: 'PASS' })
    expect(await judged({ ...far, warning: psi / 2 })).toMatchObject({ level: 'warning', verdict: 'PASS' })
    expect(await judged({ ...far, warning: psi / 3, critical: psi / 2 })).toMatchObject({
      level: 'critical',
      verdict: 'FAIL',
      slo_check: { threshold: psi / 2, pass: false },
    })
    expect(await judged({ ...far, feature: worst.psi / 2 })).toMatchObject({
      verdict: 'FAIL',
      slo_check: { feature_threshold: worst.psi / 2, pass: false },
    })
  })

  it('counts from hourly sums what it counts from the rows themselves', async () => {
    const kit = aDesk(fresh())
    registerModel(kit.desk, 'baseline', 'v1')
    await play(
      kit,
      Array.from({ length: 65 }, (_, i) => wanderingBar(START + i * MINUTE)),
    )
    const byHours = look(kit, START + HOUR)
    const counts = kit.desk.drift.countsOf('v1')
    expect(byHours.current.n).toBe(60)
    // At a moment within an hour there are no whole hours to sum.
    expect(look(kit, START + 65 * MINUTE).current.n).toBe(65)
    expect(counts?.sum(START, START + HOUR).n).toBe(60)
    kit.desks.close()
  })

  it('has the exact distance of the rows, the same after a restart', async () => {
    const dir = fresh()
    let kit = aDesk(dir)
    const bars = Array.from({ length: 240 }, (_, i) => wanderingBar(START + i * MINUTE))
    await play(kit, bars.slice(0, 120))
    registerModel(kit.desk, 'baseline', 'v1', { sinceMs: START + 2 * HOUR, windowMs: 2 * HOUR })
    await play(kit, bars.slice(120, 190))
    look(kit, START + 3 * HOUR)
    await play(kit, bars.slice(190))
    const { features } = look(kit, START + 4 * HOUR)
    const { features: stored } = kit.desk.parts.store
    const column = (fromMs: number) => columnOf(stored.table(kit.desk.symbol, fromMs, fromMs + 2 * HOUR), 'rsi14_z')
    expect(features['rsi14_z']?.ks).toBe(ksTwoSample(column(START), column(START + 2 * HOUR)).statistic)
    kit.desks.close()
    kit = aDesk(dir)
    expect(look(kit, START + 4 * HOUR).features).toEqual(features)
    kit.desks.close()
  })
})

describe('a model whose drift cannot be measured', () => {
  it('is in error at gate 1 until it can be, and keeps no other model from its snapshot', () => {
    const kit = aDesk(fresh())
    registerModel(kit.desk, 'baseline', 'v1')
    registerModel(kit.desk, 'candidate', 'v2')
    const counts = vi.spyOn(kit.desk.drift, 'countsOf').mockImplementation((version) => {
      if (version === 'v2') throw new Error('no such bin')
      return undefined
    })
    const ended = kit.desk.transaction(() => measureDrift(kit.desk, kit.desks.evidence, START + HOUR))
    expect(ended).toEqual({ ok: false, result: 'failed: PSI of v2 could not be measured: no such bin' })
    const [told] = kit.desks.store.journal.events(kit.desk.symbol, 1)
    expect(told).toMatchObject({ kind: 'drift', severity: 'warning', text: ended.result.replace('failed: ', '') })
    expect([kit.desk.drift.snapshotOf('v1')?.model, kit.desk.drift.snapshotOf('v2')]).toEqual(['v1', undefined])
    const psi = () => kit.judging.judge.judge(kit.desk, START + HOUR).gates[0]
    expect(psi()).toMatchObject({ verdict: 'ERROR', reason: 'it could not be measured: no such bin' })
    counts.mockRestore()
    kit.desk.transaction(() => measureDrift(kit.desk, kit.desks.evidence, START + HOUR))
    expect(psi()?.verdict).toBe('WAIT')
    kit.desks.close()
  })
})
