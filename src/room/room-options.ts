import type { Clock, Stopwatch } from '../engine/kernel/clock.ts'
import type { Meter } from '../serving/contract.ts'
import type { Config } from './config.ts'
import type { Speed, WorkView } from '../control/view.ts'
import type { NotificationDesk } from './notification-desk.ts'
import type { FeedChoice } from './room-feeds.ts'

/** What a room is opened with. */
export interface RoomOptions {
  readonly dataDir: string
  readonly evidenceDir: string
  readonly config: Config
  readonly version: string
  readonly feed: FeedChoice
  readonly speed: Speed
  readonly wall: Clock
  readonly stopwatch: Stopwatch
  readonly signal: AbortSignal
  readonly meter: Meter
  /** Takes a line for the log. */
  readonly note?: (text: string) => void
  /** Notifies people elsewhere once the room is open; left out, nobody is notified. */
  readonly notify?: NotificationDesk
  /** Takes each step of long work, where no screen shows it. */
  readonly onProgress?: (work: WorkView) => void
}
