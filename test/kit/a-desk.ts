/** A desk over a database of its own, with what a test needs on it, in some tens of milliseconds. */
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import type { Bar } from '../../src/engine/market/bar.ts'
import { judgingOf, timelineOf, type Judging } from '../../src/room/timeline/assemble.ts'
import { type Config, defaultConfig } from '../../src/room/config/config.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import type { Desks } from '../../src/room/desk/desks.ts'
import { NO_SCORING, type Scoring, ServiceScoring } from '../../src/room/timeline/scoring.ts'
import type { Timeline } from '../../src/room/timeline/timeline.ts'
import { PredictionService } from '../../src/serving/service.ts'
import { MINUTE } from './moments.ts'
import { openDesks, SYMBOL } from './room.ts'

const WALL_MS = Date.parse('2026-01-02T03:04:05Z')

export interface DeskOptions {
  readonly config?: Config
  readonly clockKind?: 'replay' | 'real'
  /** Whether minutes are scored by a service, as in a room that is open; otherwise nobody scores them live. */
  readonly serves?: boolean
  readonly wall?: ManualClock
}

export interface DeskKit {
  readonly desks: Desks
  readonly desk: Desk
  readonly judging: Judging
  readonly timeline: Timeline
  readonly wall: ManualClock
  readonly service: PredictionService
}

/** Opens the desk of a directory, new or where an earlier one left it. */
export function aDesk(dir: string, options: DeskOptions = {}): DeskKit {
  const { config = defaultConfig(), clockKind = 'replay', serves = false } = options
  const wall = options.wall ?? new ManualClock(WALL_MS)
  const desks = openDesks(dir, { config, clockKind, wall })
  const service = serviceOf({ desks, wall })
  const judging = judgingOf(desks)
  const scoring: Scoring = serves ? new ServiceScoring(service, () => 0) : NO_SCORING
  const { signal } = new AbortController()
  const timeline = timelineOf(desks, judging, { scoring, meter: null, pages: null, signal })
  return { desks, desk: desks.of(SYMBOL), judging, timeline, wall, service }
}

/** Lets the moments of these bars happen, each at its own time and one at a time, as an open room does. */
export async function play({ timeline, desk }: DeskKit, bars: readonly Bar[]): Promise<void> {
  for (const bar of bars) await timeline.live(desk, [{ line: 0, bar }], bar.tsMs + MINUTE)
}

/** The service of a room in which no time passes. */
export function serviceOf({ desks, wall }: { readonly desks: Desks; readonly wall: ManualClock }): PredictionService {
  return new PredictionService({
    store: desks.store,
    wall,
    // It stands still: no answer takes any time.
    stopwatch: () => 0,
    random: seededRandom(7),
    limits: desks.limits.serving,
    meter: { answered: () => undefined, baselineRan: () => undefined, shadowRan: () => undefined },
    onTrouble: (text) => desks.troubles.report('predictions', text),
    onStored: () => desks.troubles.clear('predictions'),
  })
}
