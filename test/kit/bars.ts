/** Bars for tests of the feature stream, and what to do with the rows they yield. */
import * as fc from 'fast-check'
import { bytesOfDoubles } from '../../src/engine/kernel/doubles.ts'
import type { FeatureRow } from '../../src/engine/features/row.ts'
import { FeatureStream } from '../../src/engine/features/stream.ts'
import { builtInCatalogue, type Column } from '../../src/engine/features/catalogue.ts'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import { MINUTE_MS } from '../../src/engine/kernel/units.ts'
import type { Bar } from '../../src/engine/market/bar.ts'
import { START } from './moments.ts'

/** The bar of a minute counted from `START`; flat unless told otherwise. */
export function barAt(minute: number, close: number, more: Partial<Bar> = {}): Bar {
  const high = close * 1.0005
  const low = close * 0.9995
  return { tsMs: START + minute * MINUTE_MS, open: close, high, low, close, volume: 10, ...more }
}

/** A random walk over those minutes. */
export function walk(minutes: readonly number[], seed: number): Bar[] {
  const random = seededRandom(seed)
  let close = 100
  return minutes.map((minute) => {
    // Whole ticks, so that some returns are exactly zero.
    close = Math.max(1, close + Math.round(random.next() * 8 - 4) / 10)
    return barAt(minute, close, { high: close + random.next(), low: close * 0.99, volume: random.next() * 100 })
  })
}

/** Ascending minutes with gaps: mostly none, some of minutes, a few longer than a day. */
export const minutesWithGaps = fc
  .array(
    fc.oneof(
      { weight: 60, arbitrary: fc.constant(1) },
      { weight: 4, arbitrary: fc.integer({ min: 2, max: 20 }) },
      { weight: 1, arbitrary: fc.integer({ min: 60, max: 1500 }) },
    ),
    { minLength: 2, maxLength: 300, size: 'max' },
  )
  .map((steps) => {
    let minute = 0
    return steps.map((step) => (minute += step))
  })

export function rowsOf(
  bars: readonly Bar[],
  stream: FeatureStream = new FeatureStream(builtInCatalogue),
): FeatureRow[] {
  return bars.map((bar) => stream.push(bar))
}

export function valueOf(row: FeatureRow | undefined, name: Column): number {
  return row?.values[builtInCatalogue.place(name)] ?? Number.NaN
}

/** The bits of each row's values, so that equality is to the last bit and NaN equals NaN. */
export function bitsOf(rows: readonly FeatureRow[]): string[] {
  return rows.map(({ tsMs, values }) => `${tsMs} ${bytesOfDoubles(values).toString('hex')}`)
}
