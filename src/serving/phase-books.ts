import { LatencyHistogram } from '../db/latency-histogram.ts'
import { addLatencies } from './histogram.ts'
import type { Entry, EventKey } from './rollup-entry.ts'
import { addTotals, noTotals, type Totals } from './totals.ts'

export interface PhaseBook {
  readonly live: Totals
  readonly probes: Totals
  /** The candidate's latencies. */
  readonly own: LatencyHistogram
}

/** What the phases of canaries have counted, however long they go on: minutes are let go after a day, a canary of days is not. */
export class PhaseBooks {
  private readonly books = new Map<string, PhaseBook>()

  of(phase: string): PhaseBook {
    let book = this.books.get(phase)
    if (book === undefined) {
      book = { live: noTotals(), probes: noTotals(), own: LatencyHistogram.empty() }
      this.books.set(phase, book)
    }
    return book
  }

  totalsOf({ phase, source }: Pick<EventKey, 'phase' | 'source'>): Totals {
    const { live, probes } = this.of(phase)
    return source === 'probe' ? probes : live
  }

  /** A stored minute's sums of one phase; any other counts for none. */
  add(entry: Entry): void {
    if (entry.phase === '') return
    addTotals(this.totalsOf(entry), entry.totals)
    addLatencies(this.of(entry.phase).own, entry.own)
  }
}
