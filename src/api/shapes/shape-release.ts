/** The shapes of documents of taking a model live: canary, approvals, promotion. */
import * as z from 'zod'
import type { KillSwitchesDocument } from '../../control/answers.ts'
import type {
  ApprovalDocument,
  CanaryDocument,
  CanaryRunDocument,
  PreflightDocument,
  PromotionDocument,
} from '../../evidence/documents/release-documents.ts'
import { figure, flag, header, interval, maybeText, number, profile, shape, text, texts } from './shape.ts'

const rate = shape({ lo: number, hi: number }).nullable()
const intervals = shape({ error_rate: rate, match_rate: rate, above_120_ms: rate }).nullable()
const limit = shape({ go_on: number, stop: number })
const limits = shape({ p95_ms: limit, error_rate: limit, match_rate: limit, min_comparisons: number, min_live: number })
const plan = z.array(shape({ split: number, duration_min: number }))
const given = { by: text, person: text.exactOptional(), reason: text, at: text }
const mode = z.enum(['observe', 'serve'])

export const CanaryState = z.enum([
  'idle',
  'awaiting_onay',
  'ramping',
  'holding',
  'succeeded',
  'aborted',
  'inconclusive',
])

const side = shape({
  version: text,
  trades: number,
  sharpe: figure,
  max_drawdown: number,
  net_pnl: number,
  log_loss: figure,
  ece: figure,
  own_trades: number,
  own_mean_bp: figure,
})

const liveCanary = shape({
  at: text,
  policy: shape({ fraction: number, min_confidence: number, min_days: number, sha256: text }),
  policy_changed: flag,
  days: number,
  most_days: number,
  minutes: number,
  canary: side,
  in_charge: side,
  difference: interval.nullable(),
  log_loss_difference: interval.nullable(),
  own_difference_bp: interval.nullable(),
  critical_drift: number,
  verdict: z.enum(['stop', 'promote', 'extend']),
  reason: text,
  missing: texts,
})

export const CanaryShape: z.ZodType<CanaryDocument> = shape({
  ...header,
  symbol: text,
  state: CanaryState,
  run_id: maybeText,
  plan_name: maybeText,
  plan,
  mode,
  candidate: maybeText,
  baseline: maybeText,
  phase: figure,
  share: number,
  realised_share: figure,
  split_p_value: figure,
  since: maybeText,
  until: maybeText,
  live: number,
  probes: number,
  probes_planned: number,
  p95_ms: figure,
  error_rate: figure,
  match_rate: figure,
  psi: figure,
  intervals,
  decision: maybeText,
  reason: maybeText,
  profile,
  limits,
  validation: shape({ needed_h: number, counted_h: number, until: maybeText, missing: text }).nullable(),
  bake: shape({ former: text, until: text, decision: text }).nullable(),
  live_canary: liveCanary.nullable(),
})

const counts = shape({
  tried: number,
  errors: number,
  comparisons: number,
  matched: number,
  timed: number,
  live_compared: number.nullable(),
  above_120_ms: number,
})

export const CanaryRunShape: z.ZodType<CanaryRunDocument> = shape({
  ...header,
  symbol: text,
  run_id: text,
  mode,
  profile,
  dry_run: flag,
  candidate: text,
  baseline: text,
  plan,
  limits,
  approvals: z.array(shape({ ...given, sentence: text })),
  phases: z.array(
    shape({
      phase: number,
      split: number,
      started_at: text,
      ended_at: maybeText,
      requests: number,
      live: number,
      probes: number,
      p95_ms: figure,
      error_rate: figure,
      match_rate: figure,
      psi: figure,
      intervals,
      counts: counts.nullable(),
      decision: text,
      reason: text,
    }),
  ),
  status: z.enum(['SUCCESS', 'ABORTED', 'INCONCLUSIVE']),
  aborted: flag,
  abort_reason: maybeText,
  promote_eligible: flag,
  total_requests: number,
  shadow_errors: figure,
  live_canary: liveCanary.exactOptional(),
})

export const ApprovalShape: z.ZodType<ApprovalDocument> = shape({
  ...header,
  id: text,
  action: z.enum(['canary_start', 'promote', 'ab_swap', 'kill_off', 'kill_drill']),
  symbol: text,
  subject: text,
  sha256: text,
  figures: z.record(text, z.unknown()),
  figures_sha256: text,
  against: texts,
  sentence: text,
  what_happens: text,
  speaks_for: texts,
  stops_it: text,
  asked_by: text,
  needs: number,
  given: z.array(shape(given)),
  expires_at: text,
  state: z.enum(['waiting', 'approved', 'refused', 'expired', 'stale']),
  why: maybeText,
})

export const KillSwitchesShape: z.ZodType<KillSwitchesDocument> = shape({
  ...header,
  items: z.array(shape({ symbol: text, enabled: flag, since: maybeText, by: text, reason: text, stored: flag })),
  approvals: z.array(ApprovalShape),
})

export const PromotionShape: z.ZodType<PromotionDocument> = shape({
  ...header,
  symbol: text,
  baseline: text,
  former: maybeText,
  at: text,
  approval_id: maybeText,
  bake_until: maybeText,
})

export const PreflightShape: z.ZodType<PreflightDocument> = shape({
  ...header,
  symbol: text,
  candidate: text,
  checks: z.array(shape({ check: text, pass: flag, said: text })),
  pass: flag,
})
