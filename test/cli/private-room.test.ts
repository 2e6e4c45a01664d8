import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { contextOf } from '../../src/cli/context.ts'
import { inPrivateRoom } from '../../src/cli/private-room.ts'
import { lockDirectory } from '../../src/db/lock.ts'
import { aDesk } from '../kit/a-desk.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()

function contextFor(dir: string) {
  return contextOf(
    { dataDir: `${dir}/data`, evidenceDir: `${dir}/evidence` },
    {
      cwd: dir,
      env: {},
      isTerminal: { out: false, err: false },
      confirm: null,
      signals: new EventEmitter(),
      endHungUp: () => undefined,
      out: () => undefined,
      err: () => undefined,
      exit: () => undefined,
    },
  )
}

describe('a private room', () => {
  it('has its directory for itself while it works, and gives it back', async () => {
    const dir = fresh()
    aDesk(dir).desks.close()
    const context = contextFor(dir)
    await inPrivateRoom(context, 'validate', () => {
      expect(() => lockDirectory(context.dataDir, 'serve')).toThrow(/validate/)
      return Promise.resolve()
    })
    lockDirectory(context.dataDir, 'serve').release()
  })

  it('is refused while another process has the directory', async () => {
    const dir = fresh()
    aDesk(dir).desks.close()
    const context = contextFor(dir)
    const lock = lockDirectory(context.dataDir, 'serve')
    await expect(inPrivateRoom(context, 'validate', () => Promise.resolve())).rejects.toThrow(/serve/)
    lock.release()
  })

  it('is refused where there is no room', async () => {
    await expect(inPrivateRoom(contextFor(fresh()), 'smoke', () => Promise.resolve())).rejects.toThrow(/no room/)
  })
})
