import type { Handles } from '../control/commands.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { Access } from './access.ts'
import type { RoomParts } from './commands-parts.ts'
import type { NotificationDesk } from './notification-desk.ts'

export interface AccessParts extends Pick<RoomParts, 'core'> {
  readonly access: Access
  /** Left out where the room sends no notifications. */
  readonly notify: NotificationDesk | undefined
}

/** Who may change things, and who is notified. */
export function accessCommands({
  core,
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
        throw new OperatorError(
          'this room sends no notifications',
          'it was not started for serving',
          'run: onay start',
          'no_channel',
          404,
        )
      return { items: await notify.test(core, channel) }
    },
  }
}
