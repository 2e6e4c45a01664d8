/** The shapes of reports: how a day and a week were. */
import * as z from 'zod'
import type { StoredDailyReport } from '../../evidence/documents/documents.ts'
import type { WeeklyReport } from '../../evidence/documents/weekly-document.ts'
import { figure, figures, flag, header, maybeText, number, shape, span, text, texts } from './shape.ts'

const status = z.enum(['OK', 'WARNING', 'CRITICAL'])
const gap = shape({ ...span, minutes: number })

const dayMetrics = shape({
  psi_score: figure,
  psi_by_feature: figures.nullable(),
  error_rate: figure,
  match_rate: figure,
  predict_p95_ms: figure,
  mean_delta: figure,
  requests: figure,
  auc_live: figure,
  precision_at_20_live: figure,
  log_loss_live: figure,
  ece: figure,
  base_rate: figure,
})

export const DailyShape: z.ZodType<StoredDailyReport & { readonly page?: string | undefined }> = shape({
  ...header,
  symbol: text,
  date: text,
  models: z.exactOptional(shape({ baseline: maybeText, candidate: maybeText, candidate_since: maybeText })),
  parts: z.exactOptional(
    z.array(
      shape({
        from: text,
        until: text,
        baseline: maybeText,
        tried: number,
        error_rate: figure,
        settled: number,
        auc: figure,
        log_loss: figure,
      }),
    ),
  ),
  arms: z.exactOptional(
    z.array(
      shape({
        arm: text,
        active: flag,
        trades: number,
        win_rate: number,
        net: number,
        fees: number,
        expectancy_bp: figure,
      }),
    ),
  ),
  metrics: dayMetrics,
  n: figures,
  unmeasured: z.record(text, text),
  promised: shape({
    auc: number,
    precision_at_20: z.exactOptional(number),
    log_loss: z.exactOptional(number),
    ece: number,
    base_rate: number,
  }).nullable(),
  data_quality: shape({ rows: number, completeness: figure, gaps: z.array(gap), missing: figures }),
  alerts: z.array(shape({ rule: text, severity: text, at: text })),
  gates: shape({ verdict: text, passed: number, verdicts: texts }).nullable(),
  anomalies: texts,
  overall_status: status,
  promote_eligible: flag,
  action_required: texts,
  chain_head: maybeText,
  chain: z.exactOptional(shape({ seq: number, hash: text }).nullable()),
  page: text.optional(),
})

export const WeeklyShape: z.ZodType<WeeklyReport> = shape({
  ...header,
  symbol: text,
  date: text,
  week: shape(span),
  models: shape({ baseline: maybeText, candidate: maybeText }),
  metrics: shape({
    requests: number,
    match_rate: figure,
    mean_delta: figure,
    auc_live: figure,
    ece: figure,
    log_loss_live: figure,
    base_rate: figure,
  }),
  n: shape({ days: number, requests: number, comparisons: number, settled: number }),
  unmeasured: z.record(text, text),
  shadow: z.array(shape({ model: text, comparisons: number, match_rate: number, mean_delta: number })),
  psi: shape({
    model: maybeText,
    n: number,
    first: figure,
    last: figure,
    lowest: figure,
    highest: figure,
    course: z.array(shape({ at: text, overall_psi: figure, n: number })),
  }),
  days: z.array(
    shape({
      date: text,
      overall_status: status.nullable(),
      until: text,
      metrics: dayMetrics,
      n: figures,
      unmeasured: z.record(text, text),
    }),
  ),
  alerts: z.array(shape({ at: text, rule: text, change: text, severity: text, text })),
  gates: z.array(shape({ at: text, gate: text, model: text, from: maybeText, to: text, reason: text })),
  decisions: z.array(shape({ at: text, kind: text, subject: text, what: text, by: texts, reason: maybeText })),
  overall_status: status.nullable(),
})
