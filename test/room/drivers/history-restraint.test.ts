import { describe, expect, it } from 'vitest'
import { freshDirectories } from '../../kit/directories.ts'
import { HOUR } from '../../kit/moments.ts'
import { ReleaseDesk } from '../../kit/release-desk.ts'
import { barLines, run, writeRecording } from '../../kit/room.ts'

const fresh = freshDirectories()

/** A directory whose release stands so, and a recording that goes on from there. */
function left(how: (stand: ReleaseDesk) => void): { dir: string; path: string } {
  const dir = fresh()
  const stand = new ReleaseDesk(dir)
  how(stand)
  const path = writeRecording(dir, barLines(30, stand.nowMs))
  stand.close()
  return { dir, path }
}

describe('a recording that is run on at full speed', () => {
  it.each<[string, (stand: ReleaseDesk) => void]>([
    ['a canary runs', (stand) => stand.start()],
    [
      'a prompt waits for a person',
      (stand) => {
        stand.ready()
        stand.request()
      },
    ],
  ])('is refused while %s, and nothing of it is taken in', async (why, how) => {
    const { dir, path } = left(how)
    await expect(run(dir, path)).rejects.toThrow(why)
    const after = new ReleaseDesk(dir)
    expect(after.desk.tape.feed.bars).toBeLessThan(30)
    after.close()
  })

  it.each<[string, (stand: ReleaseDesk) => void]>([
    ['the canary has ended', (stand) => (stand.start(), stand.release.abortCanary(undefined, 'ada', 'enough'))],
    [
      'nobody can answer the prompt any more',
      (stand) => {
        stand.wall.set(stand.wall.now() - HOUR)
        stand.ready()
        stand.request()
      },
    ],
  ])('goes on once %s', async (_, how) => {
    const { dir, path } = left(how)
    expect(await run(dir, path)).toBeGreaterThan(0)
  })
})
