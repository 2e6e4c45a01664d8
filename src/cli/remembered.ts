import { existsSync } from 'node:fs'
import { databasePath, openStore } from '../db/store.ts'
import type { RecordingChoice } from '../room/drivers/recordings.ts'

/** The recordings that a data directory was played from, so that a room goes on where it was without being told. */
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
    return store.feeds.all().flatMap(({ symbol }) => store.facts.of(symbol, 'market') ?? [])
  } finally {
    store.db.close()
  }
}
