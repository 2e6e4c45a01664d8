import type { UnixMs } from '../../engine/kernel/units.ts'
import type { Desks } from '../desk/desks.ts'

const HOW_IT_ENDED = 'how_it_ended'

/** On a real feed: whether the room was gone without having been stopped, and since when. From then on it counts as running. */
export function noticeReturn(desks: Desks, atMs: UnixMs): void {
  const { access, db } = desks.store
  const stopped = access.getMeta(HOW_IT_ENDED) !== 'running'
  for (const { alerts } of desks.all()) {
    const seenMs = alerts.heartbeat?.untilMs ?? null
    alerts.noteReturn(stopped || seenMs === null ? null : { atMs, goneMs: atMs - seenMs })
  }
  db.transaction(() => access.setMeta(HOW_IT_ENDED, 'running'))
}

/** The room was stopped on purpose: the time until it starts again does not count as an outage. */
export function noteStop(desks: Desks): void {
  desks.store.access.setMeta(HOW_IT_ENDED, 'stopped')
}
