import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { KillSwitches } from '../../../src/room/safety/kill-switches.ts'
import { aDesk, type DeskKit, play } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
/** The first check with 500 rows is at 510 minutes; the one after it gives a verdict. */
const VERDICT = 525

/** A desk whose drift is beyond every limit from the second check with rows enough on; history ends before it. */
function aDriftingDesk(kill: 'off' | 'ask' | 'on', history = VERDICT - 1): DeskKit {
  const config = defaultConfig()
  const kit = aDesk(fresh(), { config: { ...config, drift: { ...config.drift, kill_psi: 0.001, kill } } })
  registerModel(kit.desk, 'baseline', 'v1')
  kit.timeline.history(
    kit.desk,
    bars(0, history).map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
  return kit
}

const bars = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => wanderingBar(START + (from + i) * MINUTE))

function rehearseNow({ desks, desk }: DeskKit): void {
  const { evidence } = desks
  desk.transaction(() =>
    evidence.writeDocument(
      evidence.subject(desk.symbol, 'rehearsal_1.json'),
      evidence.stamp('rehearsal/1', START, {}),
      START,
    ),
  )
}

const told = ({ desks, desk }: DeskKit) =>
  desks.store.journal.events(desk.symbol, 50).flatMap(({ kind, text }) => (kind === 'kill' ? [text] : []))

describe('drift beyond every limit', () => {
  it('throws the switch where that is configured and was rehearsed, and once', async () => {
    const kit = aDriftingDesk('on')
    rehearseNow(kit)
    await play(kit, bars(VERDICT - 1, 1))
    expect(kit.desk.kill.state).toMatchObject({ on: true, by: 'onay', cause: 'drift' })
    expect(kit.desk.kill.state.reason).toMatch(/^overall PSI of the last 24 hours \d\.\d{3}, limit 0\.001$/)
    const [prompt] = new KillSwitches(kit.desks).askOff(undefined, 'mia').approvals
    kit.judging.release.answer(prompt?.id ?? '', { decision: 'approve', phrase: 'ONAY', reason: 'seen' }, 'mia')
    expect(kit.desk.kill.on).toBe(false)
    // Whoever took it back is not overruled while the drift lasts.
    await play(kit, bars(VERDICT, 31))
    expect(kit.desk.drift.days.newestOf('v1')).toMatchObject({ asks_kill: true })
    expect(kit.desk.kill.on).toBe(false)
    kit.desks.close()
  })

  it('says so where nothing was rehearsed within a week, and throws nothing', async () => {
    const kit = aDriftingDesk('on')
    rehearseNow(kit)
    kit.wall.set(kit.wall.now() + 7 * DAY)
    await play(kit, bars(VERDICT - 1, 1))
    expect(kit.desk.kill.on).toBe(false)
    expect(told(kit)).toEqual([
      expect.stringMatching(/the switch is not thrown, for nothing was rehearsed in the last 7 days/),
    ])
    kit.desks.close()
  })

  it.each(['ask', 'off'] as const)('throws nothing where it is %s', async (kill) => {
    const kit = aDriftingDesk(kill)
    rehearseNow(kit)
    await play(kit, bars(VERDICT - 1, 1))
    expect([kit.desk.kill.on, told(kit)]).toEqual([false, []])
    kit.desks.close()
  })

  it('is thrown once it is rehearsed, though it has asked before: in history, or while nothing was rehearsed', async () => {
    const kit = aDriftingDesk('on', VERDICT + 14)
    expect(kit.desk.drift.days.newestOf('v1')).toMatchObject({ asks_kill: true })
    await play(kit, bars(VERDICT + 14, 1))
    expect([kit.desk.kill.on, told(kit).length]).toEqual([false, 1])
    await play(kit, bars(VERDICT + 15, 15))
    // It says so once.
    expect([kit.desk.kill.on, told(kit).length]).toEqual([false, 1])
    rehearseNow(kit)
    await play(kit, bars(VERDICT + 30, 15))
    expect(kit.desk.kill.state).toMatchObject({ on: true, cause: 'drift' })
    kit.desks.close()
  })

  it('throws nothing for what is history', () => {
    const kit = aDriftingDesk('on', VERDICT - 1)
    rehearseNow(kit)
    kit.timeline.history(
      kit.desk,
      bars(VERDICT - 1, 5).map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
    )
    expect(kit.desk.drift.days.newestOf('v1')).toMatchObject({ asks_kill: true })
    expect([kit.desk.kill.on, told(kit)]).toEqual([false, []])
    kit.desks.close()
  })
})
