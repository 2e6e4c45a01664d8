import type { UnixMs } from '../../engine/kernel/units.ts'
import { standstill } from '../../engine/market/market-clock.ts'
import type { Desk } from '../desk/desk.ts'
import { standstillOf } from '../desk/room-state.ts'

/** Says that a real feed stands still, and takes that back as soon as its bars go on. */
export function tellStandstill({ symbol, tape, parts }: Desk, wallMs: UnixMs): void {
  const why = standstill(tape.newestBar, tape.feed.clockMs, wallMs)
  if (why === null) parts.troubles.clear(standstillOf(symbol))
  else parts.troubles.report(standstillOf(symbol), why)
}
