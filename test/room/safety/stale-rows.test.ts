import { describe, expect, it } from 'vitest'
import { type Config, defaultConfig } from '../../../src/room/config/config.ts'
import { watchStaleRows } from '../../../src/room/safety/stale-rows.ts'
import { aDesk, type DeskKit, play } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const BARS = 5
const END = START + BARS * MINUTE

async function aFeed(kill: Partial<Config['kill']>, clockKind: 'real' | 'replay' = 'real'): Promise<DeskKit> {
  const config = defaultConfig()
  const kit = aDesk(fresh(), { config: { ...config, kill: { ...config.kill, ...kill } }, clockKind })
  await bars(kit, 0, BARS)
  return kit
}

const bars = (kit: DeskKit, from: number, until: number): Promise<void> =>
  play(
    kit,
    Array.from({ length: until - from }, (_, i) => wanderingBar(START + (from + i) * MINUTE)),
  )

/** So many minutes of the machine's clock without a bar, the last at that moment. */
function silence({ desk, desks }: DeskKit, from: number, until: number): void {
  for (let minute = from; minute <= until; minute++)
    watchStaleRows(desks.evidence, desk, desks.options.config, END + minute * MINUTE)
}

const told = ({ desk, desks }: DeskKit) =>
  desks.store.journal
    .events(desk.symbol, 50)
    .filter(({ kind }) => kind === 'kill')
    .map(({ text }) => text)

describe('a real feed that stands still', () => {
  // Rows are stale once they are more than 2 minutes old: with the third minute. They have been for 5 with the eighth.
  it('throws the kill switch once rows have been stale for so long, where that is configured', async () => {
    const kit = await aFeed({ staleness: 'on' })
    silence(kit, 1, 7)
    expect(kit.desk.killSwitch).toBe(false)
    silence(kit, 8, 8)
    expect(kit.desk.kill.state).toMatchObject({ on: true, by: 'onay', cause: 'staleness' })
    expect(told(kit)).toEqual([expect.stringMatching(/^the kill switch is on, by onay: the newest row is 480 s old/)])
    kit.desks.close()
  })

  it('asks people, once, where that is configured', async () => {
    const kit = await aFeed({ staleness: 'ask', staleness_for_min: 2 })
    silence(kit, 1, 20)
    expect(kit.desk.killSwitch).toBe(false)
    expect(told(kit)).toEqual([expect.stringMatching(/^the newest row is 300 s old.*onay kill on$/)])
    kit.desks.close()
  })

  it('counts anew from the next bar on, and is not thrown again for rows that a person knows of', async () => {
    const kit = await aFeed({ staleness: 'on' })
    silence(kit, 1, 7)
    await bars(kit, 13, 14)
    silence(kit, 10, 14)
    expect(kit.desk.killSwitch).toBe(false)
    silence(kit, 15, 25)
    expect(kit.desk.killSwitch).toBe(true)
    kit.desk.kill.hold({ ...kit.desk.kill.state, on: false })
    silence(kit, 26, 40)
    expect(kit.desk.killSwitch).toBe(false)
    kit.desks.close()
  })

  it('does nothing where that is off, as it is unless configured, nor in a recording', async () => {
    const kit = await aFeed({})
    silence(kit, 1, 30)
    expect([kit.desk.killSwitch, told(kit)]).toEqual([false, []])
    kit.desks.close()
    const recording = await aFeed({ staleness: 'on' }, 'replay')
    silence(recording, 1, 30)
    expect(recording.desk.killSwitch).toBe(false)
    recording.desks.close()
  })
})
