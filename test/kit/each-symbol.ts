/** For tests of one book: a database for the file, and a symbol of its own in it for each test. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { openStore, type Store } from '../../src/db/store.ts'
import { freshDirectories } from './directories.ts'

export function eachSymbol(begin: (store: Store, symbol: string) => void): void {
  const fresh = freshDirectories()
  let store: Store
  let symbols = 0
  beforeAll(() => {
    store = openStore(fresh(), 'write')
  })
  beforeEach(() => begin(store, `S${symbols++}`))
  afterAll(() => store.db.close())
}
