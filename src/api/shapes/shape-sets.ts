/** The shapes of sets of five: what trained them, which is active, and what it says. */
import * as z from 'zod'
import type { AbStatusDocument, RetrainRunDocument, SetDocument, SignalDocument } from '../../control/set-answers.ts'
import { RetrainGatesShape } from './shape-paper.ts'
import { figure, flag, header, interval, maybeText, number, shape, text, texts } from './shape.ts'

const name = z.enum(['v1_backtest', 'v2_paper', 'v2_paper_prev'])

const member = shape({
  loss: z.enum(['log loss', 'squared error']),
  value: number,
  naive: number,
  naive_predictor: text,
  gain: interval,
  auc: figure,
  useful: flag,
  plain: text,
  trees: number,
  importance: z.record(text, number),
  partial_dependence: z.array(shape({ feature: text, x: z.array(number), y: z.array(number) })),
})

export const SetShape: z.ZodType<SetDocument> = shape({
  name,
  version: text,
  sha256: text,
  report: shape({
    version: text,
    window: shape({ from: text, until: text }),
    features: texts,
    horizon_min: number,
    rows: number,
    train_rows: number,
    aside_rows: number,
    test_rows: number,
    train_until: text,
    test_from: text,
    embargo_hours: number,
    seed: number,
    models: shape({ direction: member, price: member, risk: member, momentum: member, volatility: member }),
  }),
})

export const RetrainRunShape: z.ZodType<RetrainRunDocument> = shape({
  ...header,
  symbol: text,
  at: text,
  outcome: z.enum(['trained', 'waits', 'checked', 'failed']),
  trigger: z.enum(['first set', 'daily', 'asked', 'forced', 'smoke test']),
  by: text,
  gates: RetrainGatesShape.nullable(),
  slippage_mult: number,
  set: SetShape.nullable(),
  error: maybeText,
  seconds: number,
})

export const AbStatusShape: z.ZodType<AbStatusDocument> = shape({
  ...header,
  symbol: text,
  active: maybeText,
  swapped_at: maybeText,
  swap_run: figure,
  sets: z.array(shape({ name, version: text, sha256: text, since: text, useful: texts })),
  newest: shape({
    run: number,
    at: text,
    arm_a: text,
    arm_b: text,
    swap_recommended: flag,
    reason: text,
  }).nullable(),
  waiting: maybeText,
})

export const SignalShape: z.ZodType<SignalDocument> = shape({
  ...header,
  symbol: text,
  id: text,
  row_at: maybeText,
  arm: maybeText,
  set: maybeText,
  side: z.enum(['long', 'short', 'none']),
  direction: figure,
  price_bp: figure,
  risk_bp: figure,
  momentum: figure,
  volatility: figure,
  size_multiplier: number,
  expected_cost_bp: number,
  worth_it: flag,
  reason: text,
})
