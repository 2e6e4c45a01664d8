/** The shapes of evidence documents: what a model is worth, and how the gates judge it. */
import type { GoLiveDocument, RehearsalDocument } from '../../control/checklist.ts'
import { CHECK_VERDICTS } from '../../engine/approval/go-live.ts'
import { REHEARSED_GATES, REHEARSED_RULES } from '../../engine/kernel/rehearsed-rules.ts'
import { DRIFT_LEVELS, DRIFT_VERDICTS } from '../../engine/drift/check.ts'
import { GATE_NAMES } from '../../engine/gates/catalogue.ts'
import { SLOT_NAMES } from '../../engine/models/roles.ts'
import * as z from 'zod'
import { OwnFeaturesShape } from './shape-own.ts'
import type {
  DriftDocument,
  FeaturesDocument,
  GatesDocument,
  ModelDocument,
  OfflineReport,
  PsiDocument,
  SmokeDocument,
} from '../../evidence/documents/documents.ts'
import type { EvalResultDocument } from '../../evidence/documents/validation-documents.ts'
import { fitFigures } from '../../db/shapes-reports.ts'
import {
  figure,
  figures,
  flag,
  header,
  interval,
  maybeText,
  number,
  profile,
  shape,
  span,
  text,
  texts,
  verdict,
} from './shape.ts'

const driftLevel = z.enum(['stable', 'warning', 'critical'])
const slot = z.enum([...SLOT_NAMES, 'fallback', 'retired'])
const worst = shape({ feature: text, psi: number }).nullable()
const gap = shape({ ...span, minutes: number })
const offlineFigures = shape({ auc: number, precision_at_20: number })
const offlineCheck = shape({ auc: number, precision_at_20: number, pass: flag })

const checkLevel = z.enum(DRIFT_LEVELS)
const checkedFigure = shape({ value: number, warning: number, critical: number, level: checkLevel })

export const DriftShape: z.ZodType<DriftDocument> = shape({
  ...header,
  symbol: text,
  model: text,
  at: text,
  reference: shape({ ...span, n: number }),
  current: shape({ ...span, n: number }),
  overall_psi: figure,
  kill_limit: number,
  level: checkLevel.nullable(),
  beyond_kill: flag,
  verdict: z.enum(DRIFT_VERDICTS),
  asks_kill: flag,
  features: z.record(
    text,
    shape({ psi: checkedFigure, ks: checkedFigure.nullable(), judged: flag, level: checkLevel }),
  ),
  own_days: figure,
})

export const GoLiveShape: z.ZodType<GoLiveDocument> = shape({
  ...header,
  symbol: text,
  at: text,
  verdict: z.enum(['READY', 'NOT READY']),
  checks: z.array(shape({ check: text, verdict: z.enum(CHECK_VERDICTS), said: text, next: maybeText })),
})

const rehearsedDays = z.array(
  shape({
    date: text,
    n: number,
    log_loss: number,
    fallback_log_loss: number,
    worse_than_promise: flag.nullable(),
    worse_than_fallback: flag,
  }),
)

export const RehearsalShape: z.ZodType<RehearsalDocument> = shape({
  ...header,
  ...span,
  symbol: text,
  model: text,
  promise: figure,
  days: rehearsedDays,
  canary: shape({
    candidate: text,
    plan: text,
    profile,
    promise: figure,
    minutes: number,
    timed_minutes: number,
    days: rehearsedDays,
  }).nullable(),
  gates: shape({ model: text, judged: z.array(shape({ gate: z.enum(REHEARSED_GATES), moments: number })) }),
  variants: z.array(
    shape({
      name: text,
      canaries: shape({ begun: number, succeeded: number, stopped: number, inconclusive: number }).nullable(),
      rules: z.array(
        shape({
          rule: z.enum(REHEARSED_RULES),
          fired: number,
          minutes: number,
          dates: texts,
          worse_than_promise: number,
          worse_than_fallback: number,
          answers: number,
          signals: number,
          right: number,
        }),
      ),
    }),
  ),
})

export const PsiShape: z.ZodType<PsiDocument> = shape({
  ...header,
  symbol: text,
  model: text,
  at: text,
  reference: shape({ ...span, n: number }),
  current: shape({ ...span, n: number }),
  overall_psi: figure,
  verdict,
  level: driftLevel.nullable(),
  worst,
  features: z.record(
    text,
    shape({
      psi: number,
      level: driftLevel,
      n_reference: number,
      n_current: number,
      chance_mean: number,
      chance_p95: number,
      within_reference_p95: figure,
      ks: number.exactOptional(),
    }),
  ),
  within_reference_p95: figure,
  reason: text,
  ready_at: maybeText,
  slo_check: shape({ threshold: number, feature_threshold: number, pass: flag }),
})

const evidenceCount = shape({ present: number, required: number, missing: z.array(shape({ file: text, make: text })) })

export const GatesShape: z.ZodType<GatesDocument> = shape({
  ...header,
  label: text,
  symbol: text,
  model: maybeText,
  at: text,
  verdict: z.enum(['BLOCKED', 'ELIGIBLE']),
  passed: number,
  of: number,
  gates: z.array(
    shape({
      gate: number,
      name: z.enum(GATE_NAMES),
      verdict,
      value: z.union([number, offlineFigures, evidenceCount]).nullable(),
      threshold: z.union([number, offlineFigures]).nullable(),
      reason: text,
      ready_at: maybeText,
    }),
  ),
  outcome: shape({
    verdict: z.enum(['too_early', 'better', 'worse', 'no_worse', 'undecided']),
    n: number,
    log_loss: shape({ candidate: figure, baseline: figure, fallback: figure }),
    difference: interval.nullable(),
    against_fallback: interval.nullable(),
    text,
  }),
})

const scores = { rows: number, ...fitFigures }
const besideCandidate = { ...scores, candidate_auc: number }

export const OfflineShape: z.ZodType<OfflineReport> = shape({
  ...header,
  ...scores,
  version: text,
  timestamp: text,
  base_rate: number,
  dropped: shape({ missing_features: number, unknown_label: number }),
  window: shape(span),
  folds: z.array(
    shape({
      ...fitFigures,
      test_from: number,
      test_to: number,
      train_rows: number,
      test_rows: number,
      base_rate: number,
    }),
  ),
  forward: shape({ rows: number, auc: number }).nullable(),
  calibration: z.array(shape({ n: number, mean_score: number, mean_label: number })),
  auc_interval: interval,
  against: shape({
    baseline: shape({ ...besideCandidate, version: text }).nullable(),
    fallback: shape(besideCandidate).nullable(),
  }),
  beats_baseline: flag.nullable(),
  beats_fallback: flag.nullable(),
  auc_difference: interval.nullable(),
  log_loss_difference: interval.nullable(),
  auc_difference_fallback: interval.nullable(),
  log_loss_difference_fallback: interval.nullable(),
  plain: text,
  slo_check: offlineCheck,
})

export const FeaturesShape: z.ZodType<FeaturesDocument> = shape({
  ...header,
  symbol: text,
  rows: number,
  from: maybeText,
  until: maybeText,
  completeness: figure,
  gaps: z.array(gap),
  missing: figures,
  duplicates: number,
  late: number,
  bad_rows: number,
  anomalies: texts,
  own: OwnFeaturesShape.exactOptional(),
})

export const SmokeShape: z.ZodType<SmokeDocument> = shape({
  ...header,
  symbol: text,
  model: text,
  requests: number,
  success: number,
  success_rate: number,
  latency_ms: shape({ p50: number, p95: number, p99: number, max: number }),
  seconds: number,
  match_rate: figure,
  mean_delta: figure,
  max_delta: figure,
  shadow_errors: figure,
  shadow_error_rate: figure,
  slo_check: shape({ pass: flag, why: texts }),
})

export const ModelShape: z.ZodType<ModelDocument> = shape({
  ...header,
  symbol: text,
  version: text,
  kind: text,
  sha256: text,
  slot: slot.nullable(),
  profile,
  features: texts,
  window: shape(span).nullable(),
  offline: OfflineShape.nullable(),
  weights: z.record(text, z.unknown()).nullable(),
})

const driftFigure = shape({
  model: text,
  overall_psi: figure,
  level: driftLevel.nullable(),
  verdict,
  worst,
})

export const EvalResultShape: z.ZodType<EvalResultDocument> = shape({
  ...header,
  symbol: text,
  version: text,
  sha256: text,
  slot: maybeText,
  profile,
  verdict: z.enum(['PASS', 'FAIL']),
  auc: number,
  precision_at_20: number,
  slo_check: offlineCheck,
  checks: z.array(shape({ check: z.enum(['offline', 'smoke', 'shadow_smoke']), pass: flag, said: text })),
  psi: shape({ own: driftFigure, halves: driftFigure.nullable(), former: driftFigure.nullable() }),
  plain: text,
  files: texts,
  missing: z.array(shape({ file: text, why: text })),
})
