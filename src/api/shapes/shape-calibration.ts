/** The shapes of looks at a model's calibration, and at the weights of a mix. */
import * as z from 'zod'
import { REGIMES } from '../../engine/market/regime.ts'
import type { CalibrationDocument } from '../../evidence/documents/calibration-document.ts'
import type { EnsembleDocument } from '../../evidence/documents/ensemble-document.ts'
import { figure, header, interval, maybeText, number, shape, text } from './shape.ts'

const pair = shape({ before: number, after: number })
const bins = z.array(shape({ n: number, mean_score: number, mean_label: number }))

export const CalibrationShape: z.ZodType<CalibrationDocument> = shape({
  ...header,
  symbol: text,
  model: text,
  model_sha256: text,
  at: text,
  n: number,
  verdict: z.enum(['taken', 'kept', 'wait']),
  reason: text,
  tried: shape({
    kind: z.enum(['platt', 'isotonic']),
    fitted: number,
    tested: number,
    log_loss: pair,
    ece: pair,
    difference: interval,
  }).nullable(),
  day: shape({
    n: number,
    ece: number,
    mean_score: number,
    mean_label: number,
    artifact: bins,
    answers: bins,
  }).nullable(),
  kind: z.enum(['platt', 'isotonic']).nullable(),
  raised_by: number,
  threshold: number,
  sha256: text,
})

export const EnsembleShape: z.ZodType<EnsembleDocument> = shape({
  ...header,
  symbol: text,
  at: text,
  model: maybeText,
  minutes: number,
  members: z.array(
    shape({
      version: text,
      weight: number,
      money_weight: number,
      target: figure,
      money_target: figure,
      log_loss: figure,
      sharpe: figure,
      trades: number,
    }),
  ),
  kept: maybeText,
  money_kept: maybeText,
  regimes: z.exactOptional(
    shape({
      volatile_above: figure,
      of: z.array(
        shape({
          regime: z.enum(REGIMES),
          minutes: number,
          weights: z.array(number).nullable(),
          kept: maybeText,
        }),
      ),
    }).nullable(),
  ),
  best_member: maybeText,
  difference: interval.nullable(),
  plain: text,
})
