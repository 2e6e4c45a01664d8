import type { Handles } from '../../control/commands.ts'
import type { ClockView } from '../../control/view.ts'
import type { Clock } from '../../engine/kernel/clock.ts'
import { unavailable } from '../../engine/kernel/errors.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import type { RoomState } from '../desk/room-state.ts'
import type { Player } from '../drivers/player.ts'
import { declareColumns } from '../desk/declarations.ts'
import { foreseenOutcomes, takeOutcomes, takeValues } from '../drivers/own-values.ts'
import { takeFilling, takePushed } from '../drivers/pushed-bars.ts'
import { refusePush } from '../drivers/room-clock.ts'
import type { FeedChoice } from '../drivers/room-feeds.ts'
import type { Timeline } from '../timeline/timeline.ts'
import type { RoomViews } from '../views/room-view.ts'
import { minutesOfOutcomes } from './outcome-keys.ts'
import type { RoomParts } from './room-parts.ts'

export interface FeedParts extends Pick<RoomParts, 'desks' | 'turns'> {
  readonly feed: FeedChoice
  readonly state: RoomState
  readonly timeline: Timeline
  readonly views: RoomViews
  readonly wall: Clock
  /** What plays the recordings. @throws OperatorError where none is played, or not yet */
  readonly player: () => Player
  readonly clock: (symbol: string) => ClockView
}

/** The market clock, and bars that a program of the user's own pushes. */
export function feedCommands(
  parts: FeedParts,
): Handles<'setSpeed' | 'pushBars' | 'fillBars' | 'declareFeatures' | 'pushFeatures' | 'pushOutcomes'> {
  const { desks, turns, feed, state, timeline, views, wall, player, clock } = parts
  return {
    setSpeed: async ({ symbol, speed, untilMs }) => {
      const desk = desks.of(symbol ?? desks.symbols[0])
      let said: string
      if (speed === 'pause' || speed === 'play') {
        said = player().setPaused(speed === 'pause')
        // Paused means that nothing moves: the moment that is being gone through ends first.
        if (speed === 'pause') await turns.settled()
      } else if (speed === 'next') said = player().playTo(views.nextMoment(desk.symbol))
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
      requireOpen(state)
      // A name that comes without a bar takes none of the room's places: it may be a slip.
      const deskOf = (): Desk => (bars.length === 0 ? desks.of(symbol) : desks.forPush(symbol))
      return turns.take(() => takePushed(timeline, deskOf(), bars, wall))
    },
    fillBars: ({ symbol, bars }) => {
      requireOpen(state)
      return turns.take(() => takeFilling({ timeline, desks }, symbol, bars))
    },
    declareFeatures: ({ symbol, columns }) => {
      requireOpen(state)
      return turns.take(() => declareColumns(ownDesk(parts, symbol), columns))
    },
    pushFeatures: ({ symbol, rows }) => {
      requireOpen(state)
      return turns.take(() => takeValues(desks.of(symbol), rows))
    },
    pushOutcomes: async ({ symbol, outcomes, dryRun }) => {
      requireOpen(state)
      const said = await minutesOfOutcomes(desks.of(symbol), outcomes)
      return turns.take(() => {
        const desk = desks.of(symbol)
        return dryRun === true ? foreseenOutcomes(desk, said) : takeOutcomes(desk, desks.evidence, said)
      })
    },
  }
}

/** Where bars are pushed, columns may be declared before the first of them. */
function ownDesk({ desks, feed }: FeedParts, symbol: string): Desk {
  return feed.kind === 'push' ? desks.forPush(symbol) : desks.of(symbol)
}

/** @throws OperatorError 503 while the room starts up or shuts down */
function requireOpen({ phase }: RoomState): void {
  if (phase !== 'open')
    throw unavailable('the room is not open', 'it is starting up or shutting down', 'try again in a moment', 'history')
}
