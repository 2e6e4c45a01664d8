/** The shapes of a room's short answers. */
import type { TradesDocument } from '../../control/paper-answers.ts'
import * as z from 'zod'
import type {
  ChainDocument,
  ChallengerDocument,
  ExportDocument,
  HealthDocument,
  NewToken,
  PsiTrend,
  FillDocument,
  PushDocument,
  RetirementDocument,
  RetrainChoice,
  RetrainDocument,
  ScoreboardDocument,
  ShadowDocument,
  SpeedDocument,
  TestedChannel,
  TokenView,
} from '../../control/answers.ts'
import type { TicksDocument } from '../../control/tick-answers.ts'
import { OfflineShape } from './shape-evidence.ts'
import { figure, figures, flag, header, interval, maybeText, number, shape, text, texts } from './shape.ts'

export const SpeedShape: z.ZodType<SpeedDocument> = shape({
  ...header,
  said: text,
  speed: z.literal([1, 60, 600, 'max', 'pause']),
  market_time: text,
  until: maybeText,
})

const leaving = { version: text, since: text, comparisons: number }

export const ChallengerShape: z.ZodType<ChallengerDocument> = shape({
  ...header,
  symbol: text,
  version: text,
  role: z.literal('challenger'),
  since: text,
  challengers: number,
})

export const ScoreboardShape: z.ZodType<ScoreboardDocument> = shape({
  ...header,
  symbol: text,
  items: z.array(
    shape({
      version: text,
      role: z.enum(['in charge', 'candidate', 'former', 'challenger', 'fallback']),
      since: text,
      n: number,
      log_loss: interval.nullable(),
      auc: interval.nullable(),
      trades: number,
      expectancy_bp: interval.nullable(),
    }),
  ),
})

export const TicksShape: z.ZodType<TicksDocument> = shape({
  ...header,
  symbol: text,
  from: maybeText,
  until: maybeText,
  slices: number,
  items: z.array(shape({ at: text, price: number, qty: number, buyer_maker: flag.nullable() })),
})

export const RetirementShape: z.ZodType<RetirementDocument> = shape({
  ...header,
  symbol: text,
  ...leaving,
  slot: z.literal('retired'),
  at: text,
  reason: text,
})

export const RetrainShape: z.ZodType<RetrainDocument> = shape({
  ...header,
  version: text,
  slot: maybeText,
  replaced: shape(leaving).nullable(),
  offline: OfflineShape,
  seconds: number,
})

export const ChoiceShape: z.ZodType<RetrainChoice> = shape({
  features: text,
  version: text,
  refused: maybeText,
  replaces: maybeText,
})

export const PushShape: z.ZodType<PushDocument> = shape({
  ...header,
  accepted: number,
  duplicates: number,
  late: number,
  rejected: z.array(shape({ index: number, reason: text })),
})

export const FillShape: z.ZodType<FillDocument> = shape({
  ...header,
  symbol: text,
  filled: number,
  known: number,
  newer: number,
  rejected: z.array(shape({ index: number, reason: text })),
})

export const TradesShape: z.ZodType<TradesDocument> = shape({
  ...header,
  symbol: text,
  arm: text,
  added: number,
  followed: number,
  known: number,
  rejected: z.array(shape({ index: number, reason: text })),
})

export const ExportShape: z.ZodType<ExportDocument> = shape({
  ...header,
  symbol: text,
  files: texts,
  entries: number,
  head: maybeText,
})

export const SmokeRunShape: z.ZodType<{ readonly run: string }> = shape({ ...header, run: text })

export const TestedShape: z.ZodType<TestedChannel> = shape({ channel: text, ok: flag, said: text })

export const TokenShape: z.ZodType<TokenView> = shape({
  name: text,
  person: text,
  created_wall_ms: number,
  revoked: flag,
})

export const NewTokenShape: z.ZodType<NewToken> = shape({ ...header, name: text, person: text, token: text })

export const HealthShape: z.ZodType<HealthDocument> = shape({
  ...header,
  ok: flag,
  model: text,
  candidate: maybeText,
  service: z.literal('onay'),
  version: text,
  symbol: maybeText,
  phase: z.enum(['history', 'open', 'closing']),
  feature_staleness_sec: figure,
  kill_switch: flag,
  market_time: maybeText,
  troubles: texts,
})

export const ShadowShape: z.ZodType<ShadowDocument> = shape({
  ...header,
  symbol: text,
  candidate: maybeText,
  comparisons: number,
  match_rate: figure,
  match_interval: shape({ lo: number, hi: number }).nullable(),
  mean_delta: figure,
  tried: number,
  errors: number,
  p95_ms: figure,
  breaker: z.enum(['closed', 'open', 'no candidate']),
  window_min: number,
})

export const ChainShape: z.ZodType<ChainDocument> = shape({
  ...header,
  entries: number,
  head: maybeText,
  at: maybeText,
})

export const TrendShape: z.ZodType<PsiTrend> = shape({
  ...header,
  symbol: text,
  model: text,
  items: z.array(shape({ at: text, overall_psi: figure, verdict: text, features: figures })),
})
