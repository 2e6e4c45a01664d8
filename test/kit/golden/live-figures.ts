import { readFileSync } from 'node:fs'
import { z } from 'zod'

const byFeature = z.record(z.string(), z.number())
const days = z.tuple([z.string(), z.string()])
const level = z.enum(['ok', 'warning', 'critical'])

const losses = z.object({ members: z.array(z.number()), stacked: z.number(), equal: z.number() })

const Symbol = z.object({
  stacking: z.object({
    fitted_on: days,
    weights: z.array(z.number()),
    log_loss: losses,
    next_week_log_loss: losses,
  }),
  drift_24h: z.object({
    reference: days,
    own_days_p99: z.object({ windows: z.number(), overall_psi: z.number(), psi: byFeature, ks: byFeature }),
    checks: z.array(
      z.object({
        at: z.string(),
        n: z.number(),
        overall_psi: z.number(),
        features: z.record(
          z.string(),
          z.object({ psi: z.number(), ks: z.number(), judged: z.boolean(), psi_level: level, ks_level: level }),
        ),
      }),
    ),
  }),
})

const File = z.object({ symbols: z.object({ BTCUSDT: Symbol, ETHUSDT: Symbol }) })

/** What `live.json` says of each symbol. @throws when it lacks a figure that the schema names */
export function readLiveGolden() {
  const { symbols } = File.parse(JSON.parse(readFileSync(new URL('live.json', import.meta.url), 'utf8')))
  return { btcusdt: symbols.BTCUSDT, ethusdt: symbols.ETHUSDT }
}
