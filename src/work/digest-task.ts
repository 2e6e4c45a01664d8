import { openStore } from '../db/store.ts'
import type { DigestOutcome, DigestTask } from './task.ts'

/** Hashes the rows of some tables over one span, which takes a second a million of them. */
export function digestRows({ dataDir, tables, span }: DigestTask): DigestOutcome {
  const store = openStore(dataDir, 'read')
  try {
    const digestOf = (name: string) => {
      const table = store.digests.tables.find((known) => known.name === name)
      return store.digests.digest(name, table?.columns ?? [], span)
    }
    return { tables: Object.fromEntries(tables.map((name) => [name, digestOf(name)])) }
  } finally {
    store.db.close()
  }
}
