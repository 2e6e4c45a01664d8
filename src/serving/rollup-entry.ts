import type { UnixMs } from '../engine/kernel/units.ts'
import type { RollupRow } from '../db/rollups.ts'
import type { Source } from '../engine/shadow/source.ts'
import { Latencies } from './histogram.ts'
import { noTotals, totalsOf, type Totals } from './totals.ts'

/** What one model counted of one source and canary phase. */
export interface Entry {
  readonly model: string
  readonly source: Source
  readonly phase: string
  readonly totals: Totals
  readonly service: Latencies
  readonly own: Latencies
}

/** The entries of a minute; dirty while they are not written. */
export interface Minute {
  readonly tsMs: UnixMs
  readonly entries: Entry[]
  dirty: boolean
}

/** Where something that happened is counted. */
export interface EventKey {
  readonly tsMs: UnixMs
  readonly model: string
  readonly source: Source
  readonly phase: string
}

export function noEntry({ model, source, phase }: Omit<EventKey, 'tsMs'>): Entry {
  return { model, source, phase, totals: noTotals(), service: new Latencies(), own: new Latencies() }
}

export function countsFor(entry: Entry, key: Omit<EventKey, 'tsMs'>): boolean {
  return entry.model === key.model && entry.source === key.source && entry.phase === key.phase
}

/** The entry of a stored row. */
export function entryOf(row: RollupRow): Entry {
  const { model, source, phase, serviceHist, modelHist } = row
  return {
    model,
    source: source as Source,
    phase,
    totals: totalsOf(row),
    service: new Latencies(serviceHist),
    own: new Latencies(modelHist),
  }
}

/** The row to store for an entry; `seal` packs its latencies, once nothing more is expected of its minute. */
export function rowOf(symbol: string, tsMs: UnixMs, entry: Entry, seal: boolean): RollupRow {
  const { model, source, phase, totals } = entry
  return {
    symbol,
    tsMs,
    model,
    source,
    phase,
    ...totals,
    serviceHist: entry.service.encode(seal),
    modelHist: entry.own.encode(seal),
  }
}
