/** The golden figures of training, from the same file as those of `golden-figures.ts`. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { GoldenSymbol } from './golden-figures.ts'

const byFeature = z.record(z.string(), z.number())

const trained = z.object({
  window: z.tuple([z.string(), z.string()]),
  rows: z.number(),
  base_rate: z.number(),
  auc: z.number(),
  precision_at_20: z.number(),
  recall_at_20: z.number(),
  log_loss: z.number(),
  brier: z.number(),
  ece_equal_mass_10: z.number(),
  platt: z.object({ a: z.number(), b: z.number() }),
  folds: z.array(
    z.object({
      test_from: z.number(),
      test_to: z.number(),
      train_rows: z.number(),
      test_rows: z.number(),
      auc: z.number(),
    }),
  ),
  final: z.object({
    bias: z.number(),
    weights: byFeature,
    mean: byFeature,
    std: byFeature,
    lo: byFeature,
    hi: byFeature,
  }),
  fallback_auc: z.number().optional(),
  fallback_log_loss: z.number().optional(),
})

const settledScores = z.object({ auc: z.number(), log_loss: z.number(), ece_equal_mass_10: z.number() })

const symbolFigures = z.object({
  'v1.8-b0': trained,
  'v1.8.1': trained,
  'v1.8.1_retrained_2025-06-09': trained,
  'v1.9_trained_2025-06-09': trained,
  shadow: z.array(
    z.object({ day: z.string(), match_rate: z.number(), mean_abs_delta: z.number(), max_abs_delta: z.number() }),
  ),
  settled: z.array(
    z.object({
      days: z.tuple([z.string(), z.string()]),
      rows: z.number(),
      'v1.8-b0': settledScores,
      'v1.8.1': settledScores,
      fallback: settledScores,
      'v1.9': settledScores.optional(),
    }),
  ),
})

export type TrainedFigures = z.infer<typeof trained>
export type TrainingFigures = z.infer<typeof symbolFigures>

export function readTrainingFigures(symbol: GoldenSymbol): TrainingFigures {
  const everything: unknown = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8'))
  return symbolFigures.parse(z.record(z.string(), z.unknown()).parse(everything)[symbol])
}
