import type { Handles } from '../../control/commands.ts'
import { notFound } from '../../engine/kernel/errors.ts'
import type { Notifier } from '../notifications/notifier.ts'
import type { Access } from '../safety/access.ts'
import type { RoomParts } from './room-parts.ts'

export interface AccessParts extends Pick<RoomParts, 'desks'> {
  readonly access: Access
  /** Left out where the room sends no notifications. */
  readonly notify: Notifier | undefined
}

/** Who may change things, and who is notified. */
export function accessCommands({
  desks,
  access,
  notify,
}: AccessParts): Handles<'addToken' | 'revokeToken' | 'testChannels'> {
  return {
    addToken: ({ name }) => access.add(name),
    revokeToken: ({ name }) => {
      access.revoke(name)
      return { said: `the token of ${name} is revoked` }
    },
    testChannels: async ({ channel }) => {
      if (notify === undefined)
        throw notFound(
          'this room sends no notifications',
          'it was not started for serving',
          'run: onay start',
          'no_channel',
        )
      return { items: await notify.test(desks, channel) }
    },
  }
}
