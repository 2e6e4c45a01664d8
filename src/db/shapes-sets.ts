/** The shape of what is stored of a set. */
import * as z from 'zod'
import type { SetMemberReport } from '../engine/training/set-member.ts'
import type { SetReport } from '../engine/training/set-report.ts'

const number = z.number()
const member: z.ZodType<SetMemberReport> = z.object({
  loss: z.enum(['log loss', 'squared error']),
  value: number,
  naive: number,
  naive_predictor: z.string(),
  gain: z.object({ value: number, lo: number, hi: number }),
  auc: number.nullable(),
  useful: z.boolean(),
  plain: z.string(),
  trees: number,
  importance: z.record(z.string(), number),
  partial_dependence: z.array(z.object({ feature: z.string(), x: z.array(number), y: z.array(number) })),
})

export const SetReportShape: z.ZodType<SetReport> = z.object({
  version: z.string(),
  window: z.object({ from: z.string(), until: z.string() }),
  features: z.array(z.string()),
  horizon_min: number,
  rows: number,
  train_rows: number,
  aside_rows: number,
  test_rows: number,
  train_until: z.string(),
  test_from: z.string(),
  embargo_hours: number,
  seed: number,
  models: z.object({ direction: member, price: member, risk: member, momentum: member, volatility: member }),
})
