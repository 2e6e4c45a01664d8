import type { Handles } from '../../control/commands.ts'
import { notFound } from '../../engine/kernel/errors.ts'
import type { Notifier } from '../notifications/notifier.ts'
import type { Desks } from '../desk/desks.ts'
import { TOKEN, tokenMark } from '../record/token-audit.ts'
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
    addToken: ({ name, person = name, by }) =>
      desks.store.db.decision(() => {
        const made = access.add(name, person)
        recordToken(desks, name, { step: 'added', person, by })
        return made
      }),
    revokeToken: ({ name, by }) =>
      desks.store.db.decision(() => {
        access.revoke(name)
        recordToken(desks, name, { step: 'revoked', by })
        return { said: `the token of ${name} is revoked` }
      }),
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

/** A token belongs to no symbol: its entry is dated with the market clock that is furthest. */
function recordToken(desks: Desks, name: string, detail: object): void {
  const { store, evidence } = desks
  const row = store.access.tokens().find((token) => token.name === name)
  if (row === undefined) return
  const moments = desks.all().map((desk) => desk.tape.momentMs)
  const atMs = moments.length === 0 ? evidence.parts.wallNow() : Math.max(...moments)
  evidence.recordFact(TOKEN, name, atMs, { ...detail, ...tokenMark(row) })
}
