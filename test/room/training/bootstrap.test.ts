import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { takeOutcomes } from '../../../src/room/drivers/own-values.ts'
import { takeRow } from '../../../src/room/timeline/intake.ts'
import { Bootstrap } from '../../../src/room/training/bootstrap.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'

const fresh = freshDirectories()
const MIDNIGHT = Math.ceil(START / DAY) * DAY

describe('the first model', () => {
  it('on a label of the user is due once an outcome is known, and after a window that did not train at the next midnight', async () => {
    const usual = defaultConfig()
    const config = {
      ...usual,
      label: { ...usual.label, kind: 'pushed' as const, name: 'moved', horizon_min: 15 },
      training: { ...usual.training, window_days: 1 },
    }
    const { desk, desks } = aDesk(fresh(), { config })
    const first = (MIDNIGHT - START) / MINUTE
    for (const bar of walk([first, first + 1, first + 2 * 1440], first + 2 * 1440))
      desk.transaction(() => takeRow(desk, { line: 0, bar }, bar.tsMs + MINUTE, 1_000))
    const bootstrap = new Bootstrap(desks, new AbortController().signal)
    const now = MIDNIGHT + 2 * DAY + MINUTE
    const warnings = (): number =>
      desks.store.journal.events(desk.symbol, 100).filter(({ kind }) => kind === 'training').length
    expect(bootstrap.due(desk, now)).toBe(false)
    takeOutcomes(desk, desks.evidence, [{ tsMs: MIDNIGHT + DAY + 5 * MINUTE, label: 1 }])
    expect([bootstrap.due(desk, now), warnings()]).toEqual([true, 0])
    await bootstrap.train(desk, now)
    expect([bootstrap.due(desk, now), bootstrap.due(desk, now + 5 * MINUTE), warnings()]).toEqual([false, false, 1])
    takeOutcomes(desk, desks.evidence, [{ tsMs: MIDNIGHT + 2 * DAY, label: 1 }])
    expect(bootstrap.due(desk, now + DAY)).toBe(true)
    desks.close()
  })
})
