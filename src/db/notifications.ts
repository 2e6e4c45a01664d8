import { and, asc, count, desc, eq, gt, inArray, lt, lte, min, ne, notInArray, or, sql } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Message } from '../notify/channel.ts'
import type { Database } from './connect.ts'
import { notifications } from './schema-record.ts'
import { MessageShape } from './shapes-room.ts'
import { jsonColumn, rowCheck } from './stored.ts'

type Row = typeof notifications.$inferSelect

/** A message on its way to one channel. */
export type StoredNotification = Omit<Row, 'message'> & { readonly message: Message }
type NewNotification = Pick<StoredNotification, 'channel' | 'message' | 'tsMs' | 'wallMs'>

interface NotificationCount {
  readonly channel: string
  readonly state: Row['state']
  readonly n: number
}

/** Messages to people elsewhere: one row a channel, until it was sent or given up. */
export interface NotificationRepo {
  /** Due at once. Inside the transaction of what it is about. */
  enqueue(row: NewNotification): void
  /**
   * The row of a channel that is to be tried now, those tried least often first: one that nobody will take does not stand in
   * the way of the others. A row due later than any pause explains was put off before the machine's clock went back. @throws OperatorError when the row is not a message
   */
  due(channel: string, nowMs: UnixMs, longestPauseMs: number): StoredNotification | null
  /** When the next row of a channel is due; null when none waits. */
  nextDueMs(channel: string): UnixMs | null
  sent(id: number): void
  failed(id: number, error: string, nextWallMs: UnixMs): void
  givenUp(id: number, error: string): void
  /** Gives up the oldest beyond so many that wait. Returns how many. */
  shed(channel: string, keep: number, why: string): number
  /** Gives up what waits for channels that are no longer there. Returns how many. */
  abandon(channels: readonly string[], why: string): number
  counts(): NotificationCount[]
  /** What the newest row of a channel that failed says; null when none did. */
  lastError(channel: string): string | null
  /** Removes what was sent or given up and is older. */
  prune(beforeWallMs: UnixMs): number
}

export function notificationRepo(db: Database): NotificationRepo {
  const { orm } = db
  const check = rowCheck(notifications)
  const message = jsonColumn(notifications, 'message', MessageShape)
  const waitingIn = (channel: string) => and(eq(notifications.channel, channel), eq(notifications.state, 'waiting'))
  const end = (id: number, change: Partial<Row>): void => {
    orm
      .update(notifications)
      .set({ ...change, tries: sql`${notifications.tries} + 1` })
      .where(eq(notifications.id, id))
      .run()
  }
  return {
    enqueue: (row) => {
      db.assertTransaction()
      orm
        .insert(notifications)
        .values({ ...row, message: message.text(row.message), state: 'waiting', nextWallMs: row.wallMs })
        .run()
    },
    due: (channel, nowMs, longestPauseMs) => {
      const row = orm
        .select()
        .from(notifications)
        .where(
          and(
            waitingIn(channel),
            or(lte(notifications.nextWallMs, nowMs), gt(notifications.nextWallMs, nowMs + longestPauseMs)),
          ),
        )
        .orderBy(asc(notifications.tries), asc(notifications.id))
        .limit(1)
        .get()
      return row === undefined ? null : { ...check(row), message: message.value(row) }
    },
    nextDueMs: (channel) =>
      orm
        .select({ ms: min(notifications.nextWallMs) })
        .from(notifications)
        .where(waitingIn(channel))
        .get()?.ms ?? null,
    sent: (id) => end(id, { state: 'sent', lastError: null }),
    failed: (id, error, nextWallMs) => end(id, { lastError: error, nextWallMs }),
    givenUp: (id, error) => end(id, { state: 'given_up', lastError: error }),
    shed: (channel, keep, why) => {
      const kept = orm
        .select({ id: notifications.id })
        .from(notifications)
        .where(waitingIn(channel))
        .orderBy(desc(notifications.id))
        .limit(keep)
        .all()
      const oldest = kept.at(-1)?.id
      if (oldest === undefined || kept.length < keep) return 0
      return orm
        .update(notifications)
        .set({ state: 'given_up', lastError: why })
        .where(and(waitingIn(channel), lt(notifications.id, oldest)))
        .run().changes
    },
    abandon: (channels, why) =>
      orm
        .update(notifications)
        .set({ state: 'given_up', lastError: why })
        .where(and(eq(notifications.state, 'waiting'), notInArray(notifications.channel, [...channels])))
        .run().changes,
    counts: () =>
      orm
        .select({ channel: notifications.channel, state: notifications.state, n: count() })
        .from(notifications)
        .groupBy(notifications.channel, notifications.state)
        .all(),
    lastError: (channel) =>
      orm
        .select({ error: notifications.lastError })
        .from(notifications)
        .where(
          and(eq(notifications.channel, channel), ne(notifications.state, 'sent'), gt(notifications.lastError, '')),
        )
        .orderBy(desc(notifications.id))
        .limit(1)
        .get()?.error ?? null,
    prune: (beforeWallMs) =>
      orm
        .delete(notifications)
        .where(and(inArray(notifications.state, ['sent', 'given_up']), lt(notifications.wallMs, beforeWallMs)))
        .run().changes,
  }
}
