import type { Handles } from '../control/commands.ts'
import type { ClockView } from '../control/view.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { isoTime } from '../engine/kernel/units.ts'
import type { RoomParts } from './commands-parts.ts'
import type { Desk } from './desk.ts'
import type { Player } from './player.ts'
import { takePushed } from './push.ts'
import { refusePush } from './room-clock.ts'
import type { FeedChoice } from './room-feeds.ts'
import { nextMoment } from './view.ts'

export interface FeedParts extends Pick<RoomParts, 'core' | 'release' | 'inTurn'> {
  readonly feed: FeedChoice
  readonly isOpen: () => boolean
  /** What plays the recordings. @throws OperatorError where none is played, or not yet */
  readonly player: () => Player
  readonly clock: (symbol: string) => ClockView
  readonly score: (desk: Desk) => Promise<void>
}

/** The market clock, and bars that a program of the user's own pushes. */
export function feedCommands(parts: FeedParts): Handles<'setSpeed' | 'pushBars'> {
  const { core, feed, release, inTurn, isOpen, player, clock, score } = parts
  return {
    setSpeed: async ({ symbol, speed, untilMs }) => {
      const { desk } = core.station(symbol ?? core.symbols[0])
      let said: string
      if (speed === 'pause' || speed === 'play') {
        said = player().setPaused(speed === 'pause')
        // Paused means that nothing moves: the moment that is being gone through ends first.
        if (speed === 'pause') await inTurn(() => undefined)
      } else if (speed === 'next') said = player().playTo(nextMoment(core, desk.symbol, release))
      else said = player().setSpeed(speed, untilMs)
      const { paused, speed: now, marketMs, stop } = clock(desk.symbol)
      return {
        said,
        speed: paused ? 'pause' : now,
        market_time: isoTime(marketMs),
        until: stop === null ? null : isoTime(stop.atMs),
      }
    },
    pushBars: ({ symbol, bars }) => {
      refusePush(feed)
      if (!isOpen())
        throw new OperatorError(
          'the room is not open',
          'it is starting up or shutting down',
          'try again in a moment',
          'history',
          503,
        )
      return inTurn(() => takePushed(core, symbol, bars, score))
    },
  }
}
