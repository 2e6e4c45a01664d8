// The two files that are used of it: its index makes a number format for a log writer at once, a tenth of a command's start.
import type { Histogram } from 'hdr-histogram-js'
import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js/dist/encoding.js'
import { build } from 'hdr-histogram-js/dist/HistogramBuilder.js'

const HIGHEST_US = 120_000_000
const MICROSECONDS = 1_000

/**
 * Latencies as a roll-up stores them, in a high-dynamic-range histogram: microseconds with three significant digits, up to two minutes. Merging and
 * taking away are exact, being sums of whole counts.
 */
export class LatencyHistogram {
  private constructor(private readonly inner: Histogram) {}

  static empty(): LatencyHistogram {
    return new LatencyHistogram(
      build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: 2_048,
        autoResize: true,
        numberOfSignificantValueDigits: 3,
        bitBucketSize: 32,
        useWebAssembly: false,
      }),
    )
  }

  static decode(stored: Buffer): LatencyHistogram {
    const inner = decodeFromCompressedBase64(stored.toString('base64'), 32, false)
    // A histogram that comes back holds what it held and no more, and would throw at the first slower answer.
    inner.autoResize = true
    return new LatencyHistogram(inner)
  }

  record(ms: number): void {
    this.inner.recordValue(Math.min(HIGHEST_US, Math.max(1, Math.round(ms * MICROSECONDS))))
  }

  get count(): number {
    return this.inner.totalCount
  }

  /** The latency in ms below or at which the share `q` lies; null without any. */
  quantileMs(q: number): number | null {
    return this.count === 0 ? null : this.inner.getValueAtPercentile(q * 100) / MICROSECONDS
  }

  add(other: LatencyHistogram): void {
    this.inner.add(other.inner)
  }

  subtract(other: LatencyHistogram): void {
    this.inner.subtract(other.inner)
  }

  encode(): Buffer {
    return Buffer.from(encodeIntoCompressedBase64(this.inner), 'base64')
  }
}
