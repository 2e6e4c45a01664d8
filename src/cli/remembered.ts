import { existsSync } from 'node:fs'
import { databasePath, openStore } from '../db/store.ts'
import { rememberedMarket } from '../room/drivers/exchange-memory.ts'
import type { RecordingChoice } from '../room/drivers/recordings.ts'

/** The recordings that a data directory was played from, so that a room can go on where it was without any option. */
export function rememberedFeeds(dataDir: string): RecordingChoice[] {
  if (!existsSync(databasePath(dataDir))) return []
  const store = openStore(dataDir, 'read')
  try {
    return store.feeds.all().flatMap((feed) => (feed.path === null ? [] : [{ symbol: feed.symbol, path: feed.path }]))
  } finally {
    store.db.close()
  }
}

/** The markets that an exchange feeds a data directory from, in the order in which they came. */
export function rememberedMarkets(dataDir: string): { readonly exchange: string; readonly market: string }[] {
  if (!existsSync(databasePath(dataDir))) return []
  const store = openStore(dataDir, 'read')
  try {
    return store.feeds.all().flatMap(({ symbol }) => rememberedMarket(store, symbol) ?? [])
  } finally {
    store.db.close()
  }
}

/** The clock that a data directory is on; a recording's where none has been chosen yet. */
export function rememberedClock(dataDir: string): 'replay' | 'real' {
  if (!existsSync(databasePath(dataDir))) return 'replay'
  const store = openStore(dataDir, 'read')
  try {
    return store.feeds.all()[0]?.clockKind ?? 'replay'
  } finally {
    store.db.close()
  }
}
