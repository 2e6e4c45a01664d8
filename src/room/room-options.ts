import type { RoomLog } from './desk/room-state.ts'
import type { Clock, Stopwatch } from '../engine/kernel/clock.ts'
import type { Meter } from '../serving/contract.ts'
import type { Config } from './config/config.ts'
import type { Speed, WorkView } from '../control/view.ts'
import type { Notifier } from './notifications/notifier.ts'
import type { FeedChoice } from './drivers/room-feeds.ts'

/** What a room is opened with. */
export interface RoomOptions {
  readonly dataDir: string
  readonly evidenceDir: string
  readonly config: Config
  readonly version: string
  readonly feed: FeedChoice
  /** Null when nobody named one: then a room that was paused stays so. */
  readonly speed: Speed | null
  readonly wall: Clock
  readonly stopwatch: Stopwatch
  readonly signal: AbortSignal
  readonly meter: Meter
  readonly log?: RoomLog
  /** What starts this program again, for what it does in a process of its own. */
  readonly program?: readonly string[]
  /** Notifies people elsewhere once the room is open; left out, no notifications are sent. */
  readonly notify?: Notifier
  /** Takes each step of long work, where no screen shows it. */
  readonly onProgress?: (work: WorkView) => void
}
