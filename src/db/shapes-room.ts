/** The shapes of what the room keeps beside its reports: models, gates, the stream of features, messages, the outbox. */
import type { UnixMs } from '../engine/kernel/units.ts'
import { LABEL_KINDS, type LabelSpec } from '../engine/models/contract.ts'
import { CLOCK_KINDS } from '../engine/kernel/clock.ts'
import * as z from 'zod'
import { KILL_CAUSES, type KillState } from '../engine/approval/kill-switch.ts'
import type { DriftReference } from '../engine/drift/reference.ts'
import type { RetrainPlan } from '../engine/drift/retrain-plan.ts'
import type { StreamState } from '../engine/features/stream.ts'
import { GATE_NAMES, type GateResult } from '../engine/gates/catalogue.ts'
import { BAR_FAULTS } from '../engine/market/bar.ts'
import { isSubject } from '../evidence/audit.ts'
import { TIME_UNITS } from '../feeds/bars-time.ts'
import type { Survey } from '../feeds/survey.ts'
import type { Message } from '../notify/channel.ts'

const number = z.number()
const text = z.string()
const counts = z.array(number)

export const CountsShape: z.ZodType<Readonly<Record<string, readonly number[]>>> = z.record(text, counts)

const bins = z.union([
  z.object({ kind: z.literal('edges'), edges: z.array(number) }),
  z.object({ kind: z.literal('pivot'), pivot: number }),
])

export const ReferenceShape: z.ZodType<DriftReference> = z.object({
  version: text,
  window: z.object({ fromMs: number, untilMs: number }),
  n: number,
  features: z.record(text, z.object({ bins, counts })),
  withinReference: z.object({ windows: number, overallP95: number, features: z.record(text, number) }).nullable(),
  ownDays: z
    .object({ windows: number, overallPsi: number, psi: z.record(text, number), ks: z.record(text, number) })
    .nullable()
    .default(null),
})

const ColumnsShape = z.object({
  lastMs: number.nullable(),
  rsi: z.object({ changes: number, last: number.nullable(), gain: number, loss: number }),
  ewma: z.object({ seeds: number, value: number }),
})
export const StreamShape: z.ZodType<StreamState> = ColumnsShape.extend({
  frames: z.object({ 5: ColumnsShape, 15: ColumnsShape, 60: ColumnsShape }).optional(),
})

export const KillShape: z.ZodType<KillState> = z.object({
  on: z.boolean(),
  sinceMs: number,
  sinceWallMs: number,
  by: text,
  reason: text,
  cause: z.enum(KILL_CAUSES),
  seen: z.object({ inCharge: text.nullable(), psi: number.nullable(), firing: z.array(text) }).nullable(),
})

export const RetrainPlanShape: z.ZodType<RetrainPlan | null> = z
  .object({ model: text, sinceMs: number, dueMs: number, calmSinceMs: number.nullable() })
  .nullable()

/** People were told that it is not thrown, or it was thrown, for the drift of this model. */
export interface DriftKill {
  readonly model: string
  readonly step: 'told' | 'thrown'
}

export const DriftKillShape: z.ZodType<DriftKill | null> = z
  .object({ model: text, step: z.enum(['told', 'thrown']) })
  .nullable()

/** A gate as the log keeps it. */
export type LoggedGate = Pick<GateResult, 'gate' | 'name' | 'verdict' | 'value' | 'threshold' | 'reason'>

const figure = z.union([number, z.object({ auc: number, precision_at_20: number })]).nullable()

export const GatesShape: z.ZodType<readonly LoggedGate[]> = z.array(
  z.object({
    gate: number,
    name: z.enum(GATE_NAMES),
    verdict: z.enum(['PASS', 'FAIL', 'WAIT', 'ERROR']),
    value: figure,
    threshold: figure,
    reason: text,
  }),
)

export const FiguresShape: z.ZodType<readonly LoggedGate['value'][]> = z.array(figure)

export const MessageShape: z.ZodType<Message> = z.object({
  schema: z.literal('notification/1'),
  kind: text,
  severity: z.enum(['info', 'warning', 'critical']),
  symbol: text,
  text,
  market_time: text,
  wall_time: text,
  clock: z.enum(CLOCK_KINDS),
  chain_head: text.nullable(),
  onay_version: text,
})

/** A file to be written, or without a content one to be removed. */
export interface OwedFile {
  readonly path: string
  readonly content?: string
}

// A path out of the evidence would be written, or removed, anywhere on the machine.
const path = text.refine(isSubject, 'not a path under the evidence or the artifacts')
export const OwedFileShape: z.ZodType<OwedFile> = z.object({ path, content: z.exactOptional(text) })

/** The page of a day that is to be made. */
export interface OwedPage {
  readonly symbol: string
  readonly date: string
}

export const OwedPageShape: z.ZodType<OwedPage> = z.object({ symbol: text, date: text })

/** What is remembered of a market that an exchange feeds. */
export interface RememberedMarket {
  readonly exchange: string
  /** The exchange's own name. */
  readonly market: string
  /** Whether the history of the first start has been run through. */
  readonly complete: boolean
}

export const MarketShape: z.ZodType<RememberedMarket> = z.object({
  exchange: text,
  market: text,
  complete: z.boolean(),
})

/** What the recording that feeds a symbol holds as a whole, so that a room which goes on with it does not read it all again. */
export interface RememberedSurvey extends Omit<Survey, 'path'> {
  /** Of the file that it is about. */
  readonly sha256: string
}

export const SurveyShape: z.ZodType<RememberedSurvey> = z.object({
  sha256: text,
  rows: number,
  sound: number,
  unit: z.enum(TIME_UNITS),
  span: z.object({ firstMs: number, lastMs: number }).nullable(),
  faults: z.array(z.object({ fault: z.enum(BAR_FAULTS), rows: number, line: number, text })),
})

/** What a symbol's models predict, and since when. */
export interface StandingLabel {
  readonly label: LabelSpec
  readonly sinceMs: UnixMs
}

export const StandingLabelShape: z.ZodType<StandingLabel> = z.object({
  label: z.object({ kind: z.enum(LABEL_KINDS), horizonMin: number, thresholdBp: number, name: text.exactOptional() }),
  sinceMs: number,
})
