import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { inPrivateRoom } from '../../src/cli/private-room.ts'
import { databasePath } from '../../src/db/store.ts'
import { lockDirectory } from '../../src/db/lock.ts'
import { aDesk } from '../kit/a-desk.ts'
import { commandContext } from '../kit/command-context.ts'
import { freshDirectories } from '../kit/directories.ts'
import { SYMBOL } from '../kit/room.ts'

const fresh = freshDirectories()

describe('a private room', () => {
  it('has its directory for itself while it works, and gives it back', async () => {
    const dir = fresh()
    aDesk(dir).desks.close()
    const context = commandContext(dir)
    await inPrivateRoom(context, 'validate', () => {
      expect(() => lockDirectory(context.dataDir, 'serve')).toThrow(/validate/)
      return Promise.resolve()
    })
    lockDirectory(context.dataDir, 'serve').release()
  })

  it('is refused while another process has the directory', async () => {
    const dir = fresh()
    aDesk(dir).desks.close()
    const context = commandContext(dir)
    const lock = lockDirectory(context.dataDir, 'serve')
    await expect(inPrivateRoom(context, 'validate', () => Promise.resolve())).rejects.toThrow(/serve/)
    lock.release()
  })

  it('brings a database of an earlier version up to date before it takes the directory', async () => {
    const dir = fresh()
    aDesk(dir).desks.close()
    const context = commandContext(dir)
    const raw = new Sqlite(databasePath(context.dataDir))
    raw.pragma('user_version = 1')
    raw.close()
    const bars = await inPrivateRoom(context, 'ab', (room) => Promise.resolve(room.desks.store.bars.span(SYMBOL).rows))
    expect(bars).toBe(0)
  })

  it('is refused where there is no room', async () => {
    await expect(inPrivateRoom(commandContext(fresh()), 'smoke', () => Promise.resolve())).rejects.toThrow(/no room/)
  })
})
