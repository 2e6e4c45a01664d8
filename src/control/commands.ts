/**
 * Everything that can be asked of a room and changes something. One entry of `Commands` is one command: what it takes, and what
 * it answers. Screen, HTTP API and command line are made of these; `room/handlers/commands.ts` has the handler of each, and
 * `api/command-routes.ts` its place on the wire.
 */
import type { GoLiveDocument, RehearsalDocument } from './checklist.ts'
import type { DeclaredDocument, OutcomesDocument, OwnValuesDocument } from './own-answers.ts'
import type { DeclareFeatures, PushFeatures, PushOutcomes } from './own-commands.ts'
import type { AbDocument, TradesDocument } from './paper-answers.ts'
import type { RetrainRunDocument, SignalDocument } from './set-answers.ts'
import type { AbMode } from '../engine/trading/ab.ts'
import type { WrittenTrade } from '../engine/trading/own-trade.ts'
import type { CanaryMode } from '../engine/canary/plan.ts'
import type { FeatureSet } from '../engine/features/catalogue.ts'
import type { Profile } from '../engine/models/roles.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Bar } from '../engine/market/bar.ts'
import type { GatesDocument, SmokeDocument, StoredDailyReport } from '../evidence/documents/documents.ts'
import type {
  ApprovalDocument,
  CanaryDocument,
  CanaryRunDocument,
  PreflightDocument,
  PromotionDocument,
} from '../evidence/documents/release-documents.ts'
import type { CalibrationDocument } from '../evidence/documents/calibration-document.ts'
import type { EvalResultDocument } from '../evidence/documents/validation-documents.ts'
import type { WeeklyReport } from '../evidence/documents/weekly-document.ts'
import type {
  ChallengerDocument,
  ExportDocument,
  Items,
  KillSwitchesDocument,
  NewToken,
  FillDocument,
  PushDocument,
  RetirementDocument,
  RetrainDocument,
  Said,
  SmokeFigures,
  SpeedDocument,
  TestedChannel,
} from './answers.ts'
import type { Speed } from './view.ts'

/** How a set is asked for: `check` trains nothing, `force` skips the gates, `smoke` relaxes them. */
export const SET_MODES = ['ask', 'check', 'force', 'smoke'] as const
export type SetMode = (typeof SET_MODES)[number]

/** One market of the room; the only one where none is named. */
export interface OfMarket {
  readonly symbol?: string | undefined
}

/** Why, in the words of who asks; null where no reason was given, which the record then says. */
export interface WithReason {
  readonly reason: string | null
}

export interface Retrain extends OfMarket {
  readonly version?: string | undefined
  /** The name of a feature set, or one of the user's own, which is kept under its name. */
  readonly features?: string | FeatureSet | undefined
  readonly profile?: Profile | undefined
  readonly windowMs?: number | undefined
  readonly untilMs?: UnixMs | undefined
  readonly dryRun?: boolean | undefined
  /** Whether it may take the place of a candidate; false refuses, left out is true. */
  readonly replace?: boolean | undefined
}

export interface Validate extends OfMarket {
  readonly version?: string | undefined
  readonly profile?: Profile | undefined
}

export interface AddModel extends OfMarket {
  /** The model's file, parsed from JSON: the engine reads it, and names what does not fit. */
  readonly model: unknown
  readonly profile?: Profile | undefined
  readonly windowMs?: number | undefined
  readonly untilMs?: UnixMs | undefined
  /** The end of what its maker says it was trained on: only what came later is its window. */
  readonly trainedUntilMs?: UnixMs | undefined
  /** As of `Retrain`. */
  readonly replace?: boolean | undefined
}

export interface StartCanary extends OfMarket {
  /** `full`, `mini`, one of the configuration's own, or `live`. Left out: `live` where a canary serves and its policy is enabled, else `full`. */
  readonly plan?: string | undefined
  readonly profile?: Profile | undefined
  /** Left out: `observe`. */
  readonly mode?: CanaryMode | undefined
}

/** `phrase` must be ONAY and `reason` not empty to approve; rejecting needs neither. */
export interface AnswerApproval extends WithReason {
  readonly id: string
  readonly decision: 'approve' | 'reject'
  readonly phrase?: string | undefined
}

interface Asks<Takes, Gives> {
  readonly takes: Takes
  readonly gives: Gives
}

export interface Commands {
  // The market clock and what feeds it
  readonly setSpeed: Asks<
    OfMarket & { readonly speed: Speed | 'pause' | 'play' | 'next'; readonly untilMs?: UnixMs | undefined },
    SpeedDocument
  >
  readonly pushBars: Asks<{ readonly symbol: string; readonly bars: readonly Bar[] }, PushDocument>
  readonly fillBars: Asks<{ readonly symbol: string; readonly bars: readonly Bar[] }, FillDocument>
  readonly declareFeatures: Asks<DeclareFeatures, DeclaredDocument>
  readonly pushFeatures: Asks<PushFeatures, OwnValuesDocument>
  readonly pushOutcomes: Asks<PushOutcomes, OutcomesDocument>
  readonly addTrades: Asks<
    { readonly symbol: string; readonly arm: string; readonly trades: readonly WrittenTrade[] },
    TradesDocument
  >
  /** Of the model in charge and the candidate unless arms are named; of one arm before and after a moment where that is. */
  readonly compareArms: Asks<
    OfMarket & {
      readonly arms?: readonly string[] | undefined
      readonly mode?: AbMode | undefined
      readonly splitMs?: number | undefined
      readonly dryRun?: boolean | undefined
      /** Opens the prompt of a swap whatever the figures say; they are shown in it. */
      readonly forceSwap?: boolean | undefined
    },
    AbDocument
  >
  /** Trains a set of five where the gates let it. */
  readonly trainSet: Asks<OfMarket & { readonly mode?: SetMode | undefined }, RetrainRunDocument>
  /** What the active set says of the newest row; stored before it is answered. */
  readonly signal: Asks<OfMarket, SignalDocument>

  // New versions. What begins with `start` answers at once; progress shows in the view, the end as an event
  readonly startRetrain: Asks<Retrain, Said>
  readonly retrain: Asks<Retrain, RetrainDocument>
  readonly startAddingModel: Asks<AddModel, Said>
  readonly addModel: Asks<AddModel, RetrainDocument>
  readonly startValidation: Asks<Validate, Said>
  readonly validate: Asks<Validate, EvalResultDocument>
  /** A registered model runs in the shadow beside the candidate; nothing judges it. */
  readonly challengeModel: Asks<OfMarket & WithReason & { readonly version: string }, ChallengerDocument>
  /** The candidate or a challenger leaves the shadow. */
  readonly retireModel: Asks<OfMarket & WithReason & { readonly version: string }, RetirementDocument>
  readonly cancelWork: Asks<{ readonly id: string }, Said>

  // From the shadow into charge, and back. What raises risk answers with the prompt that waits for ONAY
  readonly preflight: Asks<OfMarket, PreflightDocument>
  readonly rehearseCanary: Asks<StartCanary, CanaryRunDocument>
  readonly startCanary: Asks<StartCanary, ApprovalDocument>
  /** The share is 0 for the next request when this is answered. Needs no approval. */
  readonly abortCanary: Asks<OfMarket & WithReason, CanaryDocument>
  readonly answerApproval: Asks<AnswerApproval, ApprovalDocument>
  readonly promote: Asks<OfMarket & { readonly version?: string | undefined }, ApprovalDocument>
  /**
   * The kill switch of one market, or of all where none is named. On, answers abstain from now on, without an approval; off opens
   * the prompt that waits for ONAY.
   */
  readonly switchKill: Asks<OfMarket & WithReason & { readonly enabled: boolean }, KillSwitchesDocument>
  /** Opens the prompt of a drill: the switch is thrown for a few seconds, and what that took is measured. */
  readonly drillKill: Asks<OfMarket, ApprovalDocument>
  /** The former model answers at once. Needs no approval. */
  readonly rollback: Asks<OfMarket & WithReason, PromotionDocument>

  // What is watched, and what is written down
  /** Somebody has seen a firing alert; it stays firing. */
  readonly acknowledge: Asks<OfMarket & { readonly rule: string; readonly reason: string }, Said>
  readonly saveGates: Asks<OfMarket & { readonly label: string }, GatesDocument>
  readonly reportDay: Asks<
    OfMarket & { readonly date?: string | undefined; readonly html?: boolean | undefined },
    StoredDailyReport & { readonly page?: string | undefined }
  >
  readonly reportWeek: Asks<OfMarket & { readonly date?: string | undefined }, WeeklyReport>
  readonly exportEvidence: Asks<OfMarket, ExportDocument>
  /** Whether the room may be left alone; the record is kept. */
  readonly goLive: Asks<OfMarket, GoLiveDocument>
  /** Each variant is settings with a comma between them, `drift.psi=0.25,drift.ks=0.3`. Of the last 28 days and canaries of the plan `mini` unless named. */
  readonly rehearse: Asks<
    OfMarket & {
      readonly days?: number | undefined
      readonly variants?: readonly string[] | undefined
      readonly plan?: string | undefined
    },
    RehearsalDocument
  >
  /** A look at the answers of the model in charge, as the job does every six hours; a dry run changes nothing. */
  readonly calibrate: Asks<OfMarket & { readonly dryRun?: boolean | undefined }, CalibrationDocument>
  readonly beginSmoke: Asks<OfMarket, { readonly run: string }>
  readonly finishSmoke: Asks<
    { readonly run: string; readonly shadow: boolean; readonly figures: SmokeFigures },
    SmokeDocument
  >

  // Who may change things, and who is notified
  /** Its person is the name, where none is given. */
  readonly addToken: Asks<{ readonly name: string; readonly person?: string | undefined }, NewToken>
  readonly revokeToken: Asks<{ readonly name: string }, Said>
  readonly testChannels: Asks<{ readonly channel?: string | undefined }, Items<TestedChannel>>
}

export type CommandKind = keyof Commands

/** What a command of one kind takes, beside who asks. */
export type Taken<K extends CommandKind> = Commands[K]['takes']

/** Who asks. */
export interface Caller {
  /** The name of a token, or of who sits at the terminal. */
  readonly by: string
  /** Whose token was sent; left out where none was: then it is who is logged in where the room runs. */
  readonly byPerson?: string | undefined
}

/** One command: its kind, who asks, and what it takes. */
export type CommandOf<K extends CommandKind> = {
  readonly kind: K
  readonly by: string
  readonly byPerson?: string | undefined
} & Taken<K>

export type Command = { [K in CommandKind]: CommandOf<K> }[CommandKind]

/** What lowers risk is never held up by other commands, and a person has to know soon when it was not done. */
export function lowersRisk(command: Command): boolean {
  if (command.kind === 'answerApproval') return command.decision === 'reject'
  if (command.kind === 'switchKill') return command.enabled
  return command.kind === 'abortCanary' || command.kind === 'rollback'
}

export type Answers = { readonly [K in CommandKind]: Commands[K]['gives'] }

/** One handler for each command: without it the room does not compile. Throws OperatorError for what it refuses. */
export type CommandHandlers = {
  readonly [K in CommandKind]: (command: CommandOf<K>) => Answers[K] | Promise<Answers[K]>
}

/** The handlers of some commands. */
export type Handles<K extends CommandKind> = Pick<CommandHandlers, K>
