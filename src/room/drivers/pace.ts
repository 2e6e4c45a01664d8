import type { Clock } from '../../engine/kernel/clock.ts'
import type { Turns } from '../../work/turns.ts'
import type { Desks } from '../desk/desks.ts'
import type { Timeline } from '../timeline/timeline.ts'

/** What every driver needs to bring moments. */
export interface Pacing {
  readonly desks: Desks
  readonly timeline: Timeline
  readonly wall: Clock
  readonly turns: Turns
  readonly signal: AbortSignal
}
