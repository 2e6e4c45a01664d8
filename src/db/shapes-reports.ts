/**
 * The shapes of stored reports and drift snapshots. What a document of an earlier version may lack is optional here, and what
 * a later one adds is kept: documents are read back to be shown and summed up again.
 */
import * as z from 'zod'
import { DRIFT_LEVELS, DRIFT_VERDICTS } from '../engine/drift/check.ts'
import type { DriftDocument, OfflineReport, PsiDocument, StoredDailyReport } from '../evidence/documents/documents.ts'
import type { WeeklyReport } from '../evidence/documents/weekly-document.ts'

const number = z.number()
const text = z.string()
const orNull = number.nullable()
const numbers = z.record(text, number)
const texts = z.record(text, text)
const span = { from: text, until: text }
const interval = z.object({ value: number, lo: number, hi: number })
const level = z.enum(['stable', 'warning', 'critical'])
const status = z.enum(['OK', 'WARNING', 'CRITICAL'])

export const PsiShape: z.ZodType<PsiDocument> = z.object({
  symbol: text,
  model: text,
  at: text,
  reference: z.object({ ...span, n: number }),
  current: z.object({ ...span, n: number }),
  overall_psi: orNull,
  verdict: z.enum(['PASS', 'FAIL', 'WAIT', 'ERROR']),
  level: level.nullable(),
  worst: z.object({ feature: text, psi: number }).nullable(),
  features: z.record(
    text,
    z.object({
      psi: number,
      level,
      n_reference: number,
      n_current: number,
      chance_mean: number,
      chance_p95: number,
      within_reference_p95: orNull,
      ks: z.exactOptional(number),
    }),
  ),
  within_reference_p95: orNull,
  reason: text,
  ready_at: text.nullable(),
  slo_check: z.object({ threshold: number, feature_threshold: number, pass: z.boolean() }),
})

const driftLevel = z.enum(DRIFT_LEVELS)
const driftFigure = z.object({ value: number, warning: number, critical: number, level: driftLevel })

export const DriftShape: z.ZodType<DriftDocument> = z.object({
  symbol: text,
  model: text,
  at: text,
  reference: z.object({ ...span, n: number }),
  current: z.object({ ...span, n: number }),
  overall_psi: orNull,
  kill_limit: number,
  level: driftLevel.nullable(),
  beyond_kill: z.boolean(),
  verdict: z.enum(DRIFT_VERDICTS),
  asks_kill: z.boolean(),
  features: z.record(
    text,
    z.object({ psi: driftFigure, ks: driftFigure.nullable(), judged: z.boolean(), level: driftLevel }),
  ),
  own_days: orNull,
})

const metrics = z.object({
  psi_score: orNull,
  psi_by_feature: numbers.nullable(),
  error_rate: orNull,
  match_rate: orNull,
  predict_p95_ms: orNull,
  mean_delta: orNull,
  requests: orNull,
  auc_live: orNull,
  precision_at_20_live: orNull,
  log_loss_live: orNull,
  ece: orNull,
  base_rate: orNull,
})

export const DailyShape: z.ZodType<StoredDailyReport> = z.object({
  symbol: text,
  date: text,
  models: z.exactOptional(
    z.object({ baseline: text.nullable(), candidate: text.nullable(), candidate_since: text.nullable() }),
  ),
  parts: z.exactOptional(
    z.array(
      z.object({
        ...span,
        baseline: text.nullable(),
        tried: number,
        error_rate: orNull,
        settled: number,
        auc: orNull,
        log_loss: orNull,
      }),
    ),
  ),
  arms: z.exactOptional(
    z.array(
      z.object({
        arm: text,
        active: z.boolean(),
        trades: number,
        win_rate: number,
        net: number,
        fees: number,
        expectancy_bp: orNull,
      }),
    ),
  ),
  metrics,
  n: numbers,
  unmeasured: texts,
  promised: z
    .object({
      auc: number,
      precision_at_20: z.exactOptional(number),
      log_loss: z.exactOptional(number),
      ece: number,
      base_rate: number,
    })
    .nullable(),
  data_quality: z.object({
    rows: number,
    completeness: orNull,
    gaps: z.array(z.object({ ...span, minutes: number })),
    missing: numbers,
  }),
  alerts: z.array(z.object({ rule: text, severity: text, at: text })),
  gates: z.object({ verdict: text, passed: number, verdicts: z.array(text) }).nullable(),
  anomalies: z.array(text),
  overall_status: status,
  promote_eligible: z.boolean(),
  action_required: z.array(text),
  chain_head: text.nullable(),
  chain: z.exactOptional(z.object({ seq: number, hash: text }).nullable()),
})

const at = { at: text }
const day = z.object({
  date: text,
  overall_status: status.nullable(),
  until: text,
  metrics,
  n: numbers,
  unmeasured: texts,
})

export const WeeklyShape: z.ZodType<WeeklyReport> = z.object({
  symbol: text,
  date: text,
  week: z.object(span),
  models: z.object({ baseline: text.nullable(), candidate: text.nullable() }),
  metrics: z.object({
    requests: number,
    match_rate: orNull,
    mean_delta: orNull,
    auc_live: orNull,
    ece: orNull,
    log_loss_live: orNull,
    base_rate: orNull,
  }),
  n: z.object({ days: number, requests: number, comparisons: number, settled: number }),
  unmeasured: texts,
  shadow: z.array(z.object({ model: text, comparisons: number, match_rate: number, mean_delta: number })),
  psi: z.object({
    model: text.nullable(),
    n: number,
    first: orNull,
    last: orNull,
    lowest: orNull,
    highest: orNull,
    course: z.array(z.object({ ...at, overall_psi: orNull, n: number })),
  }),
  days: z.array(day),
  alerts: z.array(z.object({ ...at, rule: text, change: text, severity: text, text })),
  gates: z.array(z.object({ ...at, gate: text, model: text, from: text.nullable(), to: text, reason: text })),
  decisions: z.array(
    z.object({ ...at, kind: text, subject: text, what: text, by: z.array(text), reason: text.nullable() }),
  ),
  overall_status: status.nullable(),
})

/** How well scores fitted what came: of one fold, or of all. */
export const fitFigures = {
  auc: number,
  precision_at_20: number,
  recall_at_20: number,
  log_loss: number,
  brier: number,
  ece: number,
}
const scored = { rows: number, ...fitFigures }

export const OfflineShape: z.ZodType<OfflineReport> = z.object({
  version: text,
  timestamp: text,
  ...scored,
  base_rate: number,
  dropped: z.object({ missing_features: number, unknown_label: number }),
  window: z.object(span),
  folds: z.array(
    z.object({
      test_from: number,
      test_to: number,
      train_rows: number,
      test_rows: number,
      base_rate: number,
      ...fitFigures,
    }),
  ),
  forward: z.object({ rows: number, auc: number }).nullable(),
  calibration: z.array(z.object({ n: number, mean_score: number, mean_label: number })),
  auc_interval: interval,
  against: z.object({
    baseline: z.object({ ...scored, version: text, candidate_auc: number }).nullable(),
    fallback: z.object({ ...scored, candidate_auc: number }).nullable(),
  }),
  beats_baseline: z.boolean().nullable(),
  beats_fallback: z.boolean().nullable(),
  auc_difference: interval.nullable(),
  log_loss_difference: interval.nullable(),
  auc_difference_fallback: interval.nullable(),
  log_loss_difference_fallback: interval.nullable(),
  plain: text,
  slo_check: z.object({ auc: number, precision_at_20: number, pass: z.boolean() }),
})
