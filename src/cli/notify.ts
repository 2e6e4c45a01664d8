import type { Command } from 'commander'
import { askRoom } from '../api/client.ts'
import type { TestedChannel } from '../control/answers.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { machineTimers } from '../notify/timers.ts'
import { channelsOf, pingFor, testChannels } from '../room/notifications/channels.ts'
import { Notifier } from '../room/notifications/notifier.ts'
import type { RoomLog } from '../room/desk/room-state.ts'
import { testMessage } from '../room/notifications/messages.ts'
import { BY } from './ask-room.ts'
import { contextOf, noSuchCommand, withCommon, type CommonOptions, type Context } from './context.ts'
import { stopSignal } from './as-writer.ts'
import type { Io } from './io.ts'

/** `onay notify test`: by the room that runs, with its configuration and environment; else from here. */
export function addNotify(program: Command, io: Io): void {
  withCommon(program.command('notify <test>'))
    .description('notify test: one message through each channel now; exit 1 while one does not work')
    .option('--channel <name>', 'only this one: webhook, telegram or command')
    .action(async (what: string, options: CommonOptions & { channel?: string }) => {
      if (what !== 'test') throw noSuchCommand('notify', what, 'test', 'notify test')
      const context = contextOf(options, io)
      const { channel } = options
      const tested =
        (await askRoom(context.dataDir, { kind: 'testChannels', by: BY, channel })) ??
        ({ items: await testFromHere(context, channel) } as const)
      context.print(tested, () => tested.items.map(line).join('\n'), 'channels/1')
      io.exit(tested.items.every(({ ok }) => ok) ? 0 : 1)
    })
}

/** What a room notifies people elsewhere with. */
export function notifierOf({ config, io }: Context, log: RoomLog): Notifier {
  return new Notifier({
    config: config.notify,
    channels: channelsOf(config.notify, io.env),
    ping: pingFor(config.notify, io.env),
    timers: machineTimers,
    log,
  })
}

function testFromHere(
  { config, io, version }: Context,
  channel: string | undefined,
): Promise<readonly TestedChannel[]> {
  const message = testMessage({ clock: 'real', chainHead: null, wallMs: wallClock.now(), version })
  return testChannels(channelsOf(config.notify, io.env), channel, message, stopSignal(io))
}

function line({ channel, ok, said }: TestedChannel): string {
  return `${channel.padEnd(9)} ${ok ? 'ok' : 'failed'}  ${said}`
}
