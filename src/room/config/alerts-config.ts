import * as z from 'zod'
import { isLimited, LATENCY_BUCKETS_MS, MODEL_BUCKETS_MS, USUAL_LIMITS } from '../../engine/alerts/rule-limits.ts'
import { type AlertSettings, RULES } from '../../engine/alerts/rules.ts'
import type { Rule } from '../../engine/alerts/rule.ts'
import { MINUTE_MS } from '../../engine/kernel/units.ts'

/** Prometheus can only tell a share beyond a bound that its histogram has. */
const BOUNDS: Readonly<Record<string, readonly number[]>> = {
  MLPredictLatencyP95High: LATENCY_BUCKETS_MS,
  MLPredictLatencyP95Critical: LATENCY_BUCKETS_MS,
  MLShadowLatencyP95High: MODEL_BUCKETS_MS,
}

const minutes = (ms: number) =>
  z
    .number()
    .min(0)
    .max(10_080)
    .default(ms / MINUTE_MS)

function limitOf(rule: string): z.ZodType<number | undefined> {
  if (!isLimited(rule)) return z.undefined().optional()
  const usual = USUAL_LIMITS[rule]
  const bounds = BOUNDS[rule]
  if (bounds === undefined) return z.number().positive().default(usual)
  return z
    .number()
    .refine((ms) => bounds.includes(ms), `one of ${bounds.join(', ')} ms is needed`)
    .default(usual)
}

const ruleConfig = ({ name, summary, forMs, clearMs }: Rule) =>
  z
    .strictObject({
      off: z.boolean().default(false),
      limit: limitOf(name),
      for_min: minutes(forMs),
      clear_min: minutes(clearMs),
    })
    .prefault({} as never)
    .describe(summary)

/** Each alert rule: its limit, how long its condition holds before it fires and is over before it is resolved, or that it is off. */
export const Alerts = z
  .strictObject(Object.fromEntries(RULES.map((rule) => [rule.name, ruleConfig(rule)])))
  .prefault({}) as z.ZodType<AlertSettings>
