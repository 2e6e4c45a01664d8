import { conflict, OperatorError, unavailable } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { ClockView } from '../../control/view.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import type { FeedChoice } from './room-feeds.ts'

/**
 * A directory has one clock: a recording's or the machine's. Closes the desks when the feed is on the other one.
 * @throws OperatorError then
 */
export function refuseOtherClock(desks: Desks, feed: FeedChoice): void {
  const replayed = desks.clockKind === 'replay'
  if (replayed === (feed.kind === 'recording')) return
  desks.close()
  throw replayed
    ? conflict(
        'this directory plays a recording',
        'live bars run on another clock',
        `use another --data-dir for --feed ${feed.kind}`,
        'clock',
      )
    : conflict(
        'this directory is fed in real time',
        'a recording runs on another clock',
        'use --feed push or --feed exchange, or another --data-dir',
        'clock',
      )
}

/** @throws OperatorError unless it is the user's own program that feeds the room */
export function refusePush(feed: FeedChoice): void {
  if (feed.kind === 'push') return
  throw conflict(
    'bars cannot be pushed',
    feed.kind === 'recording' ? 'this room plays a recording' : `this room is fed by ${feed.exchange}`,
    'start a room with --feed push',
    'not_push',
  )
}

/** The clock of a room that plays nothing. */
export function realClockView(desk: Desk, wallMs: UnixMs): ClockView {
  return {
    kind: desk.tape.feed.clockKind,
    marketMs: desk.nowMs(),
    wallMs,
    speed: desk.tape.feed.clockKind === 'real' ? 1 : 'max',
    paused: false,
    ended: false,
    stop: null,
    nextMoment: null,
  }
}

/** @param step what of the history is being done, or empty */
export function notOpenYet(step: string, next: string): OperatorError {
  return unavailable(
    'the room is not open yet',
    `the recorded history is still being replayed${step === '' ? '' : `: ${step}`}`,
    next,
    'history',
  )
}

export function realClockSpeed(): OperatorError {
  return conflict(
    'the speed cannot be changed',
    'a live feed runs in real time',
    'the speed applies to recordings only',
    'real_clock',
  )
}
