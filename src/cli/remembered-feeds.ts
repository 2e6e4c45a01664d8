import type { ClockKind } from '../engine/kernel/clock.ts'
import { existsSync } from 'node:fs'
import { lockDirectory } from '../db/lock.ts'
import { databasePath, openStore, type Store } from '../db/store.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { RecordingChoice } from '../room/drivers/recordings.ts'

/** The recordings that a data directory was played from, so that a room can go on where it was without any option. */
export function rememberedFeeds(dataDir: string): RecordingChoice[] {
  return remembered(dataDir, (store) =>
    store.feeds.all().flatMap((feed) => (feed.path === null ? [] : [{ symbol: feed.symbol, path: feed.path }])),
  )
}

/** The markets that an exchange feeds a data directory from, in the order in which they came. */
export function rememberedMarkets(dataDir: string): { readonly exchange: string; readonly market: string }[] {
  return remembered(dataDir, (store) =>
    store.feeds.all().flatMap(({ symbol }) => store.facts.of(symbol, 'market') ?? []),
  )
}

/** The clock that a data directory is on; a recording's where none has been chosen yet. */
export function rememberedClock(dataDir: string): ClockKind {
  return remembered(dataDir, (store) => store.feeds.all())[0]?.clockKind ?? 'replay'
}

function remembered<T>(dataDir: string, read: (store: Store) => T[]): T[] {
  if (!existsSync(databasePath(dataDir))) return []
  const store = openUpToDate(dataDir)
  try {
    return read(store)
  } finally {
    store.db.close()
  }
}

/** Who asks what a room remembers is about to start one, which brings an older database up to date: that is done here. */
function openUpToDate(dataDir: string): Store {
  try {
    return openStore(dataDir, 'read')
  } catch (error) {
    // A process that was killed as it made the database leaves what only a connection that may write can take back.
    if (!(error instanceof OperatorError && ['older_database', 'no_access'].includes(error.code))) throw error
    const lock = lockDirectory(dataDir, 'start')
    try {
      openStore(dataDir, 'write').db.close()
    } finally {
      lock.release()
    }
    return openStore(dataDir, 'read')
  }
}
