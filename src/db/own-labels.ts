import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { ownLabels } from './schema-own.ts'
import { rowWriter } from './statements.ts'
import { damagedRow } from './stored.ts'

/** What a user says came of minutes. Reads throw an OperatorError where a row is not one. */
export interface OwnLabelRepo {
  /** Inside the caller's transaction. */
  put(symbol: string, name: string, tsMs: UnixMs, label: 0 | 1, wallMs: number): void
  /** Null where nothing was said of that minute. */
  at(symbol: string, name: string, tsMs: UnixMs): 0 | 1 | null
  /** By minute, of [fromMs, untilMs). */
  between(symbol: string, name: string, fromMs: UnixMs, untilMs: UnixMs): ReadonlyMap<UnixMs, 0 | 1>
}

type StoredLabel = readonly [tsMs: number, label: unknown]

export function ownLabelRepo(db: Database): OwnLabelRepo {
  const write = rowWriter(db, ownLabels, 'fail')
  const of = 'SELECT ts_ms, label FROM own_labels WHERE symbol = ? AND name = ?'
  const at = db.raw.prepare<[string, string, number], StoredLabel>(`${of} AND ts_ms = ?`).raw(true)
  const between = db.raw
    .prepare<[string, string, number, number], StoredLabel>(`${of} AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms`)
    .raw(true)
  return {
    put: (symbol, name, tsMs, label, wallMs) => write({ symbol, name, tsMs, label, wallMs }),
    at: (symbol, name, tsMs) => {
      const row = at.get(symbol, name, tsMs)
      return row === undefined ? null : labelIn(row, symbol, name)
    },
    between: (symbol, name, fromMs, untilMs) =>
      new Map(between.all(symbol, name, fromMs, untilMs).map((row) => [row[0], labelIn(row, symbol, name)])),
  }
}

function labelIn([tsMs, label]: StoredLabel, symbol: string, name: string): 0 | 1 {
  if (label === 0 || label === 1) return label
  throw damagedRow('own_labels', `${symbol}/${name}/${tsMs}`, `its label is neither 0 nor 1: ${String(label)}`)
}
