import type { UnixMs } from '../engine/kernel/units.ts'
import type { Core } from './core.ts'

const HOW_IT_ENDED = 'how_it_ended'

/** On a real feed: whether the room was gone without having been stopped, and since when. From then on it counts as running. */
export function noticeReturn(core: Core, atMs: UnixMs): void {
  const { access, db } = core.store
  const stopped = access.getMeta(HOW_IT_ENDED) !== 'running'
  for (const { desk } of core.stations.values()) {
    const seenMs = desk.heartbeat?.untilMs ?? null
    desk.back = stopped || seenMs === null ? null : { atMs, goneMs: atMs - seenMs }
  }
  db.transaction(() => access.setMeta(HOW_IT_ENDED, 'running'))
}

/** The room was stopped by somebody: being gone from now on is no outage. */
export function noteStop(core: Core): void {
  core.store.access.setMeta(HOW_IT_ENDED, 'stopped')
}
