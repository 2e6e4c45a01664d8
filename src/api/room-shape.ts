/** What a room's answers must have for a screen to show them; more may be in them. */
import { z } from 'zod'
import type { DetailView, RoomView } from '../room/control-room.ts'

const ms = z.number()
const count = z.number()
const maybe = z.number().nullable()
const severity = z.enum(['info', 'warning', 'critical'])
const record = z.record(z.string(), z.unknown())
const Moment = z.object({ atMs: ms, why: z.string() }).nullable()
const Model = z.object({ version: z.string(), sha256: z.string(), auc: maybe }).nullable()

/** Documents of the evidence have names of their own for their form: here only what every panel reads of them. */
const Gates = z.object({ model: z.string().nullable(), verdict: z.string(), gates: z.array(record), outcome: record })
const Canary = z.object({ state: z.string(), profile: z.string(), plan: z.array(record), share: z.number() })
const Approval = z.object({
  id: z.string(),
  action: z.string(),
  symbol: z.string(),
  state: z.string(),
  sentence: z.string(),
  sha256: z.string(),
  figures_sha256: z.string(),
  expires_at: z.string(),
  given: z.array(record),
  against: z.array(z.string()),
  speaks_for: z.array(z.string()),
})

const View = z.object({
  version: z.string(),
  symbols: z.array(z.string()),
  symbol: z.string(),
  phase: z.enum(['history', 'open', 'closing']),
  clock: z.object({
    kind: z.enum(['replay', 'real']),
    marketMs: ms,
    wallMs: ms,
    speed: z.union([z.literal(1), z.literal(60), z.literal(600), z.literal('max')]),
    paused: z.boolean(),
    ended: z.boolean(),
    stop: Moment,
    nextMoment: Moment,
  }),
  url: z.string().nullable(),
  baseline: Model,
  candidate: Model,
  killSwitch: z.boolean(),
  bars: count,
  gates: Gates.nullable(),
  canary: Canary,
  approvals: z.array(Approval),
  promotion: z.object({ possible: z.boolean(), missing: z.array(z.string()) }),
  drift: z.array(z.object({ model: z.string(), snapshot: record, course: z.record(z.string(), z.array(maybe)) })),
  serving: z.object({
    requests: count,
    requestsPerMinute: count,
    p50Ms: maybe,
    p95Ms: maybe,
    p99Ms: maybe,
    answeredBy: z.record(z.string(), z.number()),
    abstained: count,
    modelErrors: count,
    match: z.object({ rate: z.number(), lo: z.number(), hi: z.number(), n: count }).nullable(),
    meanDelta: maybe,
    shadowTried: count,
    shadowErrors: count,
    shadowP95Ms: maybe,
    breaker: z.enum(['closed', 'open', 'no candidate']),
    deltaLimit: z.number(),
    stalenessSec: maybe,
    last: z.object({ atMs: ms, score: z.number(), by: z.string(), candidateScore: maybe }).nullable(),
  }),
  jobs: z.array(
    z.object({ name: z.string(), lastMs: maybe, nextMs: maybe, result: z.string(), ok: z.boolean().nullable() }),
  ),
  alerts: z.array(
    z.object({
      rule: z.string(),
      severity,
      state: z.enum(['pending', 'firing']),
      sinceMs: ms,
      firedMs: maybe,
      flapping: z.boolean(),
      acknowledged: z.object({ by: z.string(), reason: z.string() }).nullable(),
      text: z.string(),
      next: z.string(),
    }),
  ),
  events: z.array(
    z.object({ id: z.number(), symbol: z.string(), tsMs: ms, kind: z.string(), severity, text: z.string() }),
  ),
  work: z.array(
    z.object({
      id: z.string(),
      symbol: z.string(),
      what: z.string(),
      share: maybe,
      step: z.string(),
      etaSec: maybe,
      cancellable: z.boolean(),
    }),
  ),
  troubles: z.array(z.string()),
})

const Detail = z.union([
  z.object({
    kind: z.literal('table'),
    title: z.string(),
    rows: z.array(z.record(z.string(), z.string())),
    note: z.string(),
  }),
  z.object({
    kind: z.literal('chart'),
    title: z.string(),
    series: z.array(z.object({ name: z.string(), points: z.array(maybe) })),
    fromMs: ms,
    untilMs: ms,
    limit: maybe,
    unit: z.string(),
    note: z.string(),
  }),
])

/** Why an answer of `/state` cannot be shown; null when it can. */
export function viewFault(answer: unknown): string | null {
  const parsed = View.safeParse(answer)
  return parsed.success ? null : firstFault(parsed.error)
}

export function isView(answer: unknown): answer is RoomView {
  return viewFault(answer) === null
}

export function isDetail(answer: unknown): answer is DetailView {
  return Detail.safeParse(answer).success
}

function firstFault(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? 'it does not fit' : `${issue.path.join('.') || 'the answer'}: ${issue.message}`
}
