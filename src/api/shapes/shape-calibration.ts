/** The shape of a look at a model's calibration. */
import * as z from 'zod'
import type { CalibrationDocument } from '../../evidence/documents/calibration-document.ts'
import { header, interval, number, shape, text } from './shape.ts'

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
