import { LatencyHistogram } from '../db/latency-histogram.ts'

/** A minute's latencies: open while they come in, sealed to a few bytes after (a day of open ones would fill the memory). */
export class Latencies {
  private open: LatencyHistogram | null = null

  constructor(private sealed: Buffer | null = null) {}

  get some(): boolean {
    return this.open !== null || this.sealed !== null
  }

  record(ms: number): void {
    this.open ??= this.sealed === null ? LatencyHistogram.empty() : LatencyHistogram.decode(this.sealed)
    this.open.record(ms)
  }

  read(): LatencyHistogram | null {
    return this.open ?? (this.sealed === null ? null : LatencyHistogram.decode(this.sealed))
  }

  encode(seal: boolean): Buffer | null {
    if (this.open !== null) this.sealed = this.open.encode()
    if (seal) this.open = null
    return this.sealed
  }
}

export function addLatencies(into: LatencyHistogram, from: Latencies): void {
  const histogram = from.read()
  if (histogram !== null) into.add(histogram)
}

export function takeLatencies(out: LatencyHistogram, of: Latencies): void {
  const histogram = of.read()
  if (histogram !== null) out.subtract(histogram)
}

/** Histograms by name, of a model or of a canary's phase; each begins empty when it is first asked for. */
export class LatencyBooks {
  private readonly books = new Map<string, LatencyHistogram>()

  of(name: string): LatencyHistogram {
    let book = this.books.get(name)
    if (book === undefined) {
      book = LatencyHistogram.empty()
      this.books.set(name, book)
    }
    return book
  }
}
