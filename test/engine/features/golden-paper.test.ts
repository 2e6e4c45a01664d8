import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { FeatureStream } from '../../../src/engine/features/stream.ts'
import { differenceFrom, GOLDEN_SYMBOLS } from '../../kit/golden/golden-figures.ts'
import { readSampleBars } from '../../kit/golden/sample-features.ts'

/** What paper trading adds to the features; the file has targets beside them. */
const COLUMNS = ['mid_logret_15m', 'mid_logret_60m', 'range_15m_bp', 'vol1m_log_z_24h', 'zscore_mid_20m'] as const
/** The running variance of pandas rounds at prices of a hundred thousand: exact fractions differ from the reference by 3e-9. */
const ROUNDED = 'zscore_mid_20m'
const Rows = z.object({
  symbols: z.record(z.string(), z.object({ rows_at: z.record(z.string(), z.record(z.string(), z.number())) })),
})
const { symbols } = Rows.parse(
  JSON.parse(readFileSync(new URL('../../kit/golden/paper.json', import.meta.url), 'utf8')),
)

describe.each(GOLDEN_SYMBOLS)('the features that paper trading adds, on %s', (symbol) => {
  it('are those of the reference', () => {
    const stream = new FeatureStream(builtInCatalogue)
    const rows = new Map(readSampleBars(symbol).map((bar) => [bar.tsMs, stream.push(bar)]))
    const wanted = Object.entries(symbols[symbol.toUpperCase()]?.rows_at ?? {})
    expect(wanted).toHaveLength(2)
    for (const [moment, figures] of wanted) {
      const row = rows.get(Date.parse(`${moment}Z`))
      for (const name of COLUMNS) {
        const seen = row?.values[builtInCatalogue.place(name)] ?? Number.NaN
        const difference = differenceFrom(figures[name] ?? Number.NaN, seen)
        expect(difference, `${name} at ${moment}`).toBeLessThan(name === ROUNDED ? 1e-8 : 1e-9)
      }
    }
  })
})
