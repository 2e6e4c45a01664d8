/** The shapes of stored looks at a model's calibration, and at the weights of a mix; what an earlier version lacks is optional. */
import * as z from 'zod'
import { REGIMES } from '../engine/market/regime.ts'
import type { CalibrationDocument } from '../evidence/documents/calibration-document.ts'
import type { EnsembleDocument } from '../evidence/documents/ensemble-document.ts'

const number = z.number()
const text = z.string()
const orNull = number.nullable()
const interval = z.object({ value: number, lo: number, hi: number })
const pair = z.object({ before: number, after: number })
const curve = z.array(z.object({ n: number, mean_score: number, mean_label: number }))

export const CalibrationShape: z.ZodType<CalibrationDocument> = z.object({
  symbol: text,
  model: text,
  model_sha256: text,
  at: text,
  n: number,
  verdict: z.enum(['taken', 'kept', 'wait']),
  reason: text,
  tried: z
    .object({
      kind: z.enum(['platt', 'isotonic']),
      fitted: number,
      tested: number,
      log_loss: pair,
      ece: pair,
      difference: interval,
    })
    .nullable(),
  day: z
    .object({ n: number, ece: number, mean_score: number, mean_label: number, artifact: curve, answers: curve })
    .nullable(),
  kind: z.enum(['platt', 'isotonic']).nullable(),
  raised_by: number,
  threshold: number,
  sha256: text,
})

export const EnsembleShape: z.ZodType<EnsembleDocument> = z.object({
  symbol: text,
  at: text,
  model: text.nullable(),
  minutes: number,
  members: z.array(
    z.object({
      version: text,
      weight: number.gte(0).lte(1),
      money_weight: number,
      target: orNull,
      money_target: orNull,
      log_loss: orNull,
      sharpe: orNull,
      trades: number,
    }),
  ),
  kept: text.nullable(),
  money_kept: text.nullable(),
  regimes: z.exactOptional(
    z
      .object({
        volatile_above: orNull,
        of: z.array(
          z.object({
            regime: z.enum(REGIMES),
            minutes: number,
            weights: z.array(number.gte(0).lte(1)).nullable(),
            kept: text.nullable(),
          }),
        ),
      })
      .nullable(),
  ),
  best_member: text.nullable(),
  difference: interval.nullable(),
  plain: text,
})
