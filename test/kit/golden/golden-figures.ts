import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** Symbols that have a recording in `samples/` and figures in `golden.json`. */
export const GOLDEN_SYMBOLS = ['btcusdt', 'ethusdt'] as const
export type GoldenSymbol = (typeof GOLDEN_SYMBOLS)[number]

const days = z.tuple([z.string(), z.string()])
const byFeature = z.record(z.string(), z.number())

const symbolFigures = z.object({
  bars: z.object({ rows: z.number(), first_ts_ms: z.number(), last_ts_ms: z.number() }),
  features: z.array(z.record(z.string(), z.number().nullable())),
  psi: z.array(
    z.object({
      reference: days,
      current: days,
      per_feature: byFeature,
      overall_b0: z.number(),
      overall_v181: z.number(),
      ks: z.record(z.string(), z.object({ statistic: z.number(), p_value: z.number() })),
    }),
  ),
  psi_v181_own_reference: z.array(
    z.object({ reference: days, current: days, overall: z.number(), per_feature: byFeature }),
  ),
  within_reference_p95: z.object({ 'v1.8-b0': byFeature, 'v1.8.1': byFeature }),
})

/** What the tests of features, statistics and drift need of a symbol's golden figures. */
export type SymbolFigures = z.infer<typeof symbolFigures>

const everything = z.object({ btcusdt: symbolFigures, ethusdt: symbolFigures })

/** @throws when `golden.json` lacks a figure that the schema names */
export function readGolden(): Record<GoldenSymbol, SymbolFigures> {
  return everything.parse(JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')))
}

/** The difference, relative where the expected figure is above 1. */
export function differenceFrom(expected: number, actual: number): number {
  return Math.abs(actual - expected) / Math.max(1, Math.abs(expected))
}
