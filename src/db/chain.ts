import type { z } from 'zod'
import type { ChainEntry } from '../evidence/chain.ts'
import type { Database } from './connect.ts'
import { damagedRow, jsonOf } from './stored.ts'

/** The chain as somebody who checks it reads it: row by row, whatever stands in the rows. */
interface ChainReader {
  /** Ascending by `seq`, never all of them in memory. */
  each(): IterableIterator<ChainEntry>
  at(seq: number): ChainEntry | null
  withHash(hash: string): ChainEntry | null
  /** The newest entry of these kinds on a subject. */
  newest(subject: string, kinds: readonly [string, string]): ChainEntry | null
  last(): ChainEntry | null
}

const COLUMNS = 'seq, kind, subject, sha256, detail, ts_ms AS tsMs, wall_ms AS wallMs, prev, hash'

export function chainReader({ raw }: Database): ChainReader {
  const each = raw.prepare<[], ChainEntry>(`SELECT ${COLUMNS} FROM chain ORDER BY seq`)
  const at = raw.prepare<[number], ChainEntry>(`SELECT ${COLUMNS} FROM chain WHERE seq = ?`)
  const withHash = raw.prepare<[string], ChainEntry>(`SELECT ${COLUMNS} FROM chain WHERE hash = ? LIMIT 1`)
  const last = raw.prepare<[], ChainEntry>(`SELECT ${COLUMNS} FROM chain ORDER BY seq DESC LIMIT 1`)
  const newest = raw.prepare<[string, string, string], ChainEntry>(
    `SELECT ${COLUMNS} FROM chain WHERE subject = ? AND kind IN (?, ?) ORDER BY seq DESC LIMIT 1`,
  )
  return {
    each: () => each.iterate(),
    at: (seq) => at.get(seq) ?? null,
    withHash: (hash) => withHash.get(hash) ?? null,
    newest: (subject, [one, other]) => newest.get(subject, one, other) ?? null,
    last: () => last.get() ?? null,
  }
}

/** What an entry says of its subject. @throws OperatorError when it has not the shape that its kind has */
export function chainDetail<T>({ seq, detail }: Pick<ChainEntry, 'seq' | 'detail'>, shape: z.ZodType<T>): T {
  return jsonOf(detail, shape, (why) => damagedRow('chain', String(seq), `its detail ${why}`))
}
