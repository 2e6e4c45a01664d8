import type { UnixMs } from '../../engine/kernel/units.ts'
import type { Desks } from '../desk/desks.ts'

/** On a real feed: whether the room was gone without having been stopped, and since when. From then on it counts as running. */
export function noticeReturn(desks: Desks, atMs: UnixMs): void {
  const { facts } = desks.store
  const stopped = facts.get('ended') !== 'running'
  for (const { alerts } of desks.all()) {
    const seenMs = alerts.heartbeat?.untilMs ?? null
    alerts.noteReturn(stopped || seenMs === null ? null : { atMs, goneMs: atMs - seenMs })
  }
  facts.set('ended', 'running')
}

/** The room was stopped on purpose: the time until it starts again does not count as an outage. */
export function noteStop(desks: Desks): void {
  desks.store.facts.set('ended', 'stopped')
}
