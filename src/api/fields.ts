/** What commands take, as JSON has it. Names and limits are those of the HTTP API; a codec says where a command's own differ. */
import { AB_MODES } from '../engine/trading/ab.ts'
import { ARM_LABEL, ARM_LABEL_WORDS, type WrittenTrade } from '../engine/trading/own-trade.ts'
import { hasHalfCharacter } from '../engine/kernel/characters.ts'
import { PROFILES } from '../engine/models/roles.ts'
import * as z from 'zod'
import { FeatureSetFields } from './own-fields.ts'
import { SYMBOL_TEXT } from './symbol-text.ts'
import type {
  AddModel,
  AnswerApproval,
  OfMarket,
  Retrain,
  StartCanary,
  Taken,
  WithReason,
} from '../control/commands.ts'
import type { Speed } from '../control/view.ts'
import type { Bar } from '../engine/market/bar.ts'

export const symbol = z.string().min(1).max(30).optional()
export const version = z.string().max(40).optional()
export const profile = z.enum(PROFILES).optional()
export const date = z.iso.date().optional()
const untilMs = z.number().int().nonnegative().optional()
const MAX_BARS = 10_000
const MAX_TRADES = 1_000

export const MarketFields = z.strictObject({ symbol })

/** A reason of blanks is none. */
const reasonOf = (said: z.ZodType<string>) =>
  z.codec(said.optional(), z.string().nullable(), {
    decode: (text) => (text === undefined || text.trim() === '' ? null : text),
    encode: (text) => text ?? undefined,
  })
const reasonUpTo = (chars: number) =>
  reasonOf(
    z
      .string()
      .max(chars)
      .refine((said) => !hasHalfCharacter(said), 'half of a character cannot be kept'),
  )

/** `enabled` stands in the URL, as text. */
const enabled = z.codec(z.enum(['true', 'false']), z.boolean(), {
  decode: (said) => said === 'true',
  encode: (is) => (is ? 'true' : 'false'),
})
/** However long a reason is, it must not keep the switch from being thrown: what stores it cuts it. */
export const KillFields = z.strictObject({ symbol, reason: reasonOf(z.string()), enabled })
export const ReasonFields: z.ZodType<OfMarket & WithReason> = z.strictObject({ symbol, reason: reasonUpTo(500) })

export const RetireFields: z.ZodType<Taken<'retireModel'>> = z.strictObject({
  symbol,
  version: z.string(),
  reason: reasonUpTo(500),
})

export const AnswerFields: z.ZodType<AnswerApproval> = z.strictObject({
  id: z.string(),
  decision: z.enum(['approve', 'reject']),
  phrase: z.string().max(100).optional(),
  reason: reasonUpTo(2_000),
})

export const CanaryFields: z.ZodType<StartCanary> = z.strictObject({
  symbol,
  plan: z.string().max(30).optional(),
  profile,
  mode: z.enum(['observe', 'serve']).optional(),
})

export const RetrainFields: z.ZodType<Retrain> = z.codec(
  z.strictObject({
    symbol,
    version,
    features: z.union([z.string().max(40), FeatureSetFields]).optional(),
    profile,
    window_ms: z.number().positive().optional(),
    until_ms: untilMs,
    dry_run: z.boolean().optional(),
    replace: z.boolean().optional(),
  }),
  z.custom<Retrain>(),
  {
    decode: ({ window_ms, until_ms, dry_run, ...rest }) => ({
      ...rest,
      windowMs: window_ms,
      untilMs: until_ms,
      dryRun: dry_run,
    }),
    encode: ({ windowMs, untilMs: until_ms, dryRun, ...rest }) => ({
      ...rest,
      window_ms: windowMs,
      until_ms,
      dry_run: dryRun,
    }),
  },
)

export const ModelFields: z.ZodType<AddModel> = z.codec(
  z.strictObject({
    symbol,
    model: z.unknown(),
    profile,
    window_ms: z.number().int().positive().optional(),
    until_ms: z.number().int().optional(),
    trained_until_ms: z.number().int().optional(),
    replace: z.boolean().optional(),
  }),
  z.custom<AddModel>(),
  {
    decode: ({ window_ms, until_ms, trained_until_ms, ...rest }) => ({
      ...rest,
      windowMs: window_ms,
      untilMs: until_ms,
      trainedUntilMs: trained_until_ms,
    }),
    encode: ({ windowMs, untilMs: until_ms, trainedUntilMs, ...rest }) => ({
      ...rest,
      window_ms: windowMs,
      until_ms,
      trained_until_ms: trainedUntilMs,
    }),
  },
)

type SetSpeed = Taken<'setSpeed'>

/** Speeds are numbers, or the same as text. */
const SPEEDS: Readonly<Record<string, Speed>> = { 1: 1, 60: 60, 600: 600, max: 'max' }

export const SpeedFields: z.ZodType<SetSpeed> = z.codec(
  z.strictObject({
    speed: z.union([
      z.literal(1),
      z.literal(60),
      z.literal(600),
      z.enum(['1', '60', '600', 'max', 'pause', 'play', 'next']),
    ]),
    symbol,
    until_ms: untilMs,
  }),
  z.custom<SetSpeed>(),
  {
    decode: ({ speed, until_ms, symbol: of }) => ({ speed: speedOf(speed), symbol: of, untilMs: until_ms }),
    encode: ({ speed, untilMs: until_ms, symbol: of }) => ({ speed, symbol: of, until_ms }),
  },
)

function speedOf(speed: 1 | 60 | 600 | '1' | '60' | '600' | 'max' | 'pause' | 'play' | 'next'): SetSpeed['speed'] {
  if (speed === 'pause' || speed === 'play' || speed === 'next') return speed
  return SPEEDS[speed] ?? 1
}

/** Any number is taken here, and what is wrong with it is named bar by bar. */
const anyNumber = z.number().or(z.nan())
const PushedBar = z.object({
  ts_ms: anyNumber,
  open: anyNumber,
  high: anyNumber,
  low: anyNumber,
  close: anyNumber,
  volume: anyNumber,
})
const NOT_A_BAR: Bar = {
  tsMs: Number.NaN,
  open: Number.NaN,
  high: Number.NaN,
  low: Number.NaN,
  close: Number.NaN,
  volume: Number.NaN,
}

const bar = z.codec(z.unknown(), z.custom<Bar>(), {
  decode: (item) => {
    const parsed = PushedBar.safeParse(item)
    if (!parsed.success) return NOT_A_BAR
    const { ts_ms: tsMs, ...prices } = parsed.data
    return { tsMs, ...prices }
  },
  encode: ({ tsMs, ...prices }) => ({ ts_ms: tsMs, ...prices }),
})

/** More may be in the body than is read of it. */
export const BarsFields: z.ZodType<Taken<'pushBars' | 'fillBars'>> = z.object({
  symbol: SYMBOL_TEXT,
  bars: z.array(bar).max(MAX_BARS),
})

/** A closed trade as a bot sends it; what it leaves out is worked out from the rest. */
const trade = z.codec(
  z.object({
    id: z.string().min(1).max(200),
    side: z.enum(['long', 'short']),
    opened_ms: z.number().int(),
    closed_ms: z.number().int(),
    qty: z.number(),
    filled_entry: z.number(),
    filled_exit: z.number(),
    expected_entry: z.number().nullish(),
    expected_exit: z.number().nullish(),
    notional: z.number().nullish(),
    fees: z.number().nullish(),
    pnl: z.number().nullish(),
    exit: z.string().max(80).nullish(),
    prediction_id: z.string().max(200).nullish(),
    key: z.string().max(200).nullish(),
  }),
  z.custom<WrittenTrade>(),
  {
    decode: (given) => ({
      id: given.id,
      side: given.side === 'long' ? (1 as const) : (-1 as const),
      openedMs: given.opened_ms,
      closedMs: given.closed_ms,
      qty: given.qty,
      filledEntry: given.filled_entry,
      filledExit: given.filled_exit,
      expectedEntry: given.expected_entry ?? null,
      expectedExit: given.expected_exit ?? null,
      notional: given.notional ?? null,
      fees: given.fees ?? null,
      pnl: given.pnl ?? null,
      exit: given.exit ?? null,
      predictionId: given.prediction_id ?? null,
      key: given.key ?? null,
    }),
    encode: (written) => ({
      id: written.id,
      side: written.side === 1 ? ('long' as const) : ('short' as const),
      opened_ms: written.openedMs,
      closed_ms: written.closedMs,
      qty: written.qty,
      filled_entry: written.filledEntry,
      filled_exit: written.filledExit,
      expected_entry: written.expectedEntry,
      expected_exit: written.expectedExit,
      notional: written.notional,
      fees: written.fees,
      pnl: written.pnl,
      exit: written.exit,
      prediction_id: written.predictionId,
      key: written.key,
    }),
  },
)

export const TradesFields: z.ZodType<Taken<'addTrades'>> = z.object({
  symbol: SYMBOL_TEXT,
  arm: z.string().regex(ARM_LABEL, ARM_LABEL_WORDS),
  trades: z.array(trade).max(MAX_TRADES),
})

export const CompareFields: z.ZodType<Taken<'compareArms'>> = z.codec(
  z.strictObject({
    symbol: z.string().optional(),
    arms: z.array(z.string().min(1)).min(1).max(2).optional(),
    mode: z.enum(AB_MODES).optional(),
    split_ms: z.number().int().positive().optional(),
    dry_run: z.boolean().optional(),
    force_swap: z.boolean().optional(),
  }),
  z.custom<Taken<'compareArms'>>(),
  {
    decode: ({ split_ms: splitMs, dry_run: dryRun, force_swap: forceSwap, ...rest }) => ({
      ...rest,
      splitMs,
      dryRun,
      forceSwap,
    }),
    encode: ({ symbol, arms, mode, splitMs, dryRun, forceSwap }) => ({
      symbol,
      arms: arms === undefined ? undefined : [...arms],
      mode,
      split_ms: splitMs,
      dry_run: dryRun,
      force_swap: forceSwap,
    }),
  },
)

const milliseconds = z.number().nonnegative()

export const SmokeFields: z.ZodType<Taken<'finishSmoke'>> = z.codec(
  z.strictObject({
    run: z.string(),
    shadow: z.boolean(),
    requests: z.number().int().positive(),
    success: z.number().int().nonnegative(),
    seconds: z.number().positive(),
    latency_ms: z.strictObject({ p50: milliseconds, p95: milliseconds, p99: milliseconds, max: milliseconds }),
  }),
  z.custom<Taken<'finishSmoke'>>(),
  {
    decode: ({ run, shadow, ...figures }) => ({ run, shadow, figures }),
    encode: ({ run, shadow, figures }) => ({ run, shadow, ...figures }),
  },
)
