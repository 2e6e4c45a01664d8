import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/db/store.ts'
import { freshDirectories } from '../kit/directories.ts'
import { MINUTE, START } from '../kit/moments.ts'

const fresh = freshDirectories()
const SYMBOL = 'AAAUSDT'
let store: Store

beforeEach(() => {
  store = openStore(fresh(), 'write')
})
afterEach(() => store.db.close())

/** Of one row of a user's columns that holds this. @param value an SQL literal */
function digestOf(value: string): string {
  store.db.raw.exec(`DELETE FROM own_rows; INSERT INTO own_rows VALUES ('${SYMBOL}', ${START}, ${value}, 0)`)
  const span = { symbol: SYMBOL, fromMs: START, untilMs: START + MINUTE }
  const { rows, sha256 } = store.digests.digest('own_rows', ['ts_ms', 'columns'], span)
  expect(rows).toBe(1)
  return sha256
}

describe('the digest of rows', () => {
  it('tells bytes from the text that spells them, a number from its text, and each from another value', () => {
    const values = ["x'ab01'", "'ab01'", "x'ab02'", "x'ab0100'", "'1'", '1', '1.5', "''", "x''"]
    const digests = values.map(digestOf)
    expect(new Set(digests).size).toBe(values.length)
    expect(values.map(digestOf)).toEqual(digests)
  })
})
