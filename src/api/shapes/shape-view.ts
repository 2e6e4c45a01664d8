/** The shape of what a screen shows: an attached screen is drawn of what has it, or says what does not fit. */
import { LABEL_KINDS } from '../../engine/models/contract.ts'
import { CLOCK_KINDS } from '../../engine/kernel/clock.ts'
import * as z from 'zod'
import type { DetailView } from '../../control/panels.ts'
import type {
  AlertView,
  EventView,
  JobView,
  MarketPart,
  ModelsPart,
  RoomPart,
  RoomView,
  WatchPart,
} from '../../control/view.ts'
import { GatesShape, PsiShape } from './shape-evidence.ts'
import { ApprovalShape, CanaryShape, CanaryState } from './shape-release.ts'
import { figure, figures, flag, maybeText, number, severity, shape, text, texts } from './shape.ts'

const phase = z.enum(['history', 'open', 'closing'])
const moment = shape({ atMs: number, why: text }).nullable()
const settled = shape({ auc: figure, logLoss: number, n: number }).nullable()
const model = shape({
  version: text,
  sha256: text,
  auc: figure,
  trained: shape({ fromMs: number, untilMs: number }),
  sinceMs: number,
  settled,
}).nullable()

export const JobShape: z.ZodType<JobView> = shape({
  name: text,
  lastMs: figure,
  nextMs: figure,
  result: text,
  ok: flag.nullable(),
})

export const EventShape: z.ZodType<EventView> = shape({
  id: z.number().int().positive(),
  symbol: text,
  tsMs: number,
  kind: text,
  severity,
  text,
})

export const AlertShape: z.ZodType<AlertView> = shape({
  rule: text,
  severity,
  state: z.enum(['pending', 'firing']),
  sinceMs: number,
  firedMs: figure,
  flapping: flag,
  acknowledged: shape({ by: text, reason: text }).nullable(),
  text,
  next: text,
})

const RoomShape: z.ZodType<RoomPart> = shape({
  version: text,
  symbols: texts,
  symbol: text,
  overview: z.array(
    shape({
      symbol: text,
      price: figure,
      dayChange: figure,
      inCharge: maybeText,
      shadow: maybeText,
      canary: CanaryState,
      gatesPassed: figure,
      psi: figure,
      alerts: number,
      critical: number,
    }),
  ),
  phase,
  clock: shape({
    kind: z.enum(CLOCK_KINDS),
    marketMs: number,
    wallMs: number,
    speed: z.literal([1, 60, 600, 'max']),
    paused: flag,
    ended: flag,
    stop: moment,
    nextMoment: moment,
  }),
  url: maybeText,
  bars: number,
  jobs: z.array(JobShape),
  events: z.array(EventShape),
  work: z.array(
    shape({ id: text, symbol: text, what: text, share: figure, step: text, etaSec: figure, cancellable: flag }),
  ),
  troubles: texts,
  notifications: z
    .array(shape({ channel: text, waiting: number, sent: number, givenUp: number, lastError: maybeText }))
    .optional(),
})

const ModelsShape: z.ZodType<ModelsPart> = shape({
  baseline: model,
  candidate: model,
  former: model,
  fallback: shape({ version: text, settled }),
  overdueOutcomes: figure,
  killSwitch: flag,
  gates: GatesShape.nullable(),
  outcome: shape({
    fromMs: number,
    untilMs: number,
    againstInCharge: z.array(number),
    againstFallback: z.array(number),
    band: z.array(shape({ lo: number, hi: number })),
  }).nullable(),
  canary: CanaryShape,
  plans: z.array(
    shape({ name: text, phases: z.array(shape({ split: number, durationMin: number })), refused: maybeText }),
  ),
  approvals: z.array(ApprovalShape),
  promotion: shape({ possible: flag, missing: texts }),
})

const MarketShape: z.ZodType<MarketPart> = shape({
  price: figure,
  dayChange: figure,
  course: z.array(shape({ close: figure, cameTrue: number, didNot: number })),
  predicts: shape({ kind: z.enum(LABEL_KINDS), horizonMin: number, thresholdBp: number, name: text.exactOptional() }),
  threshold: number,
  baseRate: figure,
})

const WatchShape: z.ZodType<WatchPart> = shape({
  drift: z.array(shape({ model: text, snapshot: PsiShape, course: z.record(text, z.array(figure)) })),
  serving: shape({
    requests: number,
    requestsPerMinute: number,
    p50Ms: figure,
    p95Ms: figure,
    p99Ms: figure,
    answeredBy: figures,
    abstained: number,
    modelErrors: number,
    match: shape({ rate: number, lo: number, hi: number, n: number }).nullable(),
    meanDelta: figure,
    shadowTried: number,
    shadowErrors: number,
    shadowP95Ms: figure,
    breaker: z.enum(['closed', 'open', 'no candidate']),
    deltaLimit: number,
    stalenessSec: figure,
    last: shape({ atMs: number, score: number, by: text, candidateScore: figure }).nullable(),
  }),
  alerts: z.array(AlertShape),
})

/** Without `attached`: that is for the screen to say. */
export const ViewShape: z.ZodType<RoomView> = shape({
  room: RoomShape,
  market: MarketShape,
  models: ModelsShape,
  watch: WatchShape,
})

export const DetailShape: z.ZodType<DetailView> = z.union([
  shape({
    kind: z.literal('table'),
    title: text,
    rows: z.array(z.record(text, text)),
    note: text,
    inDetail: texts.optional(),
  }),
  shape({
    kind: z.literal('chart'),
    title: text,
    series: z.array(shape({ name: text, points: z.array(figure), faint: flag.optional() })),
    fromMs: number,
    untilMs: number,
    limit: figure,
    unit: text,
    note: text,
    close: flag.optional(),
    logarithmic: flag.optional(),
    marks: z.array(shape({ atMs: number, text })).optional(),
    table: z.array(z.record(text, text)).optional(),
  }),
])
