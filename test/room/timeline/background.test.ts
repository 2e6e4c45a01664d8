import { describe, expect, it } from 'vitest'
import { OperatorError } from '../../../src/engine/kernel/errors.ts'
import { Troubles } from '../../../src/room/desk/room-state.ts'
import { Background } from '../../../src/room/timeline/background.ts'
import { Turns } from '../../../src/work/turns.ts'

/** Work that ends when the test says so, on a feed that does not wait for it. */
function onRealFeed() {
  const troubles = new Troubles()
  const background = new Background(new Turns(), troubles)
  const work = async (end: () => void): Promise<void> => {
    await background.begin('job', false, () => Promise.resolve(end))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { troubles, work }
}

describe('long work beside the moments of a real feed', () => {
  it('whose outcome cannot be stored is a trouble, until a later one is', async () => {
    const { troubles, work } = onRealFeed()
    await work(() => {
      throw new Error('the disk is full')
    })
    expect(troubles.lines).toEqual(['job: it ended, and its outcome could not be stored: the disk is full'])
    await work(() => undefined)
    expect(troubles.lines).toEqual([])
  })

  it('is no trouble where the room closed: it is begun again', async () => {
    const { troubles, work } = onRealFeed()
    await work(() => {
      throw new OperatorError('the comparison ended', 'the room closes', 'open it again', 'cancelled')
    })
    expect(troubles.lines).toEqual([])
  })

  it('is thrown to whoever waits for it', async () => {
    const background = new Background(null, new Troubles())
    const failing = () =>
      Promise.resolve(() => {
        throw new Error('the disk is full')
      })
    await expect(background.begin('job', false, failing)).rejects.toThrow('the disk is full')
  })
})
