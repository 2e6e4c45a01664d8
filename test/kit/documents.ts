/** The parts of the program's JSON documents that the tests read. */
import { z } from 'zod'

export const Replayed = z.object({
  symbol: z.string(),
  bars: z.number(),
  bad_rows: z.number(),
  duplicates: z.number(),
  late: z.number(),
  future: z.number(),
  gaps: z.number(),
  predictions: z.number(),
  comparisons: z.number(),
  psi_snapshots: z.number(),
  reports: z.number(),
  from: z.string().nullable(),
  until: z.string().nullable(),
  seconds: z.number(),
  bars_per_sec: z.number(),
})

export type ReplayedSeen = z.infer<typeof Replayed>

export const Psi = z.object({
  model: z.string(),
  overall_psi: z.number().nullable(),
  verdict: z.string(),
  features: z.record(z.string(), z.object({ psi: z.number() })),
  slo_check: z.object({ pass: z.boolean() }),
})

const Interval = z.object({ value: z.number(), lo: z.number(), hi: z.number() }).nullable()

export const Gates = z.object({
  symbol: z.string(),
  model: z.string().nullable(),
  at: z.string(),
  verdict: z.enum(['BLOCKED', 'ELIGIBLE']),
  gates: z.array(
    z.object({
      gate: z.number(),
      name: z.string(),
      verdict: z.enum(['PASS', 'FAIL', 'WAIT', 'ERROR']),
      value: z.unknown(),
      reason: z.string(),
      ready_at: z.string().nullable(),
    }),
  ),
  outcome: z.object({
    verdict: z.string(),
    n: z.number(),
    log_loss: z.object({
      candidate: z.number().nullable(),
      baseline: z.number().nullable(),
      fallback: z.number().nullable(),
    }),
    difference: Interval,
    against_fallback: Interval,
  }),
})
export type GatesSeen = z.infer<typeof Gates>

export function gateOf(gates: GatesSeen, name: string): GatesSeen['gates'][number] {
  const found = gates.gates.find((gate) => gate.name === name)
  if (found === undefined) throw new Error(`there is no gate ${name}`)
  return found
}

export const ModelCard = z.object({
  version: z.string(),
  slot: z.string().nullable(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  offline: z.object({
    auc: z.number(),
    log_loss: z.number(),
    precision_at_20: z.number(),
    recall_at_20: z.number(),
    ece: z.number(),
    base_rate: z.number(),
    rows: z.number(),
    folds: z.array(z.object({ train_rows: z.number(), test_rows: z.number() })),
  }),
  weights: z.object({
    bias: z.number(),
    weights: z.record(z.string(), z.number()),
    platt: z.object({ a: z.number(), b: z.number() }),
  }),
})

export const Daily = z.object({
  date: z.string(),
  metrics: z.object({
    psi_score: z.number().nullable(),
    match_rate: z.number().nullable(),
    mean_delta: z.number().nullable(),
    auc_live: z.number().nullable(),
  }),
  overall_status: z.enum(['OK', 'WARNING', 'CRITICAL']),
})

export const Failure = z.strictObject({
  error: z.strictObject({ code: z.string().min(1), message: z.string().min(1), next: z.string().min(1) }),
})

export const Predicted = z.object({
  id: z.string(),
  score: z.number().nullable(),
  decision: z.enum(['signal', 'none', 'abstain']),
  model_version: z.string(),
  served_by: z.string(),
  reason: z.string(),
  latency_ms: z.number(),
})
