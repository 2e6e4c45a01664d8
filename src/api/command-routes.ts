/** Where each command stands on the wire. Server, client, attached screen and OpenAPI document are made of this one table. */
import * as z from 'zod'
import type { CommandKind } from '../control/commands.ts'
import { MAX_FILE_BYTES } from '../engine/models/tree-file.ts'
import type { CommandRoute } from './command-route.ts'
import {
  AnswerFields,
  BarsFields,
  CanaryFields,
  MarketFields,
  ModelFields,
  profile,
  KillFields,
  ReasonFields,
  RetireFields,
  RetrainFields,
  SpeedFields,
  symbol,
  version,
} from './fields.ts'
import {
  ChallengerShape,
  NewTokenShape,
  FillShape,
  PushShape,
  RetirementShape,
  RetrainShape,
  SpeedShape,
  TestedShape,
} from './shapes/shape-answers.ts'
import { EvalResultShape } from './shapes/shape-evidence.ts'
import {
  ApprovalShape,
  CanaryRunShape,
  CanaryShape,
  PreflightShape,
  PromotionShape,
  KillSwitchesShape,
} from './shapes/shape-release.ts'
import { itemsOf, SaidShape } from './shapes/shape.ts'
import { OWN_ROUTES } from './own-routes.ts'
import { RECORD_ROUTES } from './record-routes.ts'
import { TRADING_ROUTES } from './trading-routes.ts'

/** A model's file within JSON: its quotes and line feeds take a sign more each. */
const MODEL_BODY_BYTES = 1.25 * MAX_FILE_BYTES

const validation = z.strictObject({ symbol, version, profile })
const waits = { name: 'wait', is: true } as const
const begins = { name: 'wait', is: false } as const

export const COMMAND_ROUTES: { readonly [K in CommandKind]: CommandRoute<K> } = {
  ...TRADING_ROUTES,
  ...OWN_ROUTES,
  ...RECORD_ROUTES,
  setSpeed: {
    method: 'POST',
    path: '/speed',
    summary: 'Speed of a replay, pause and play, or on to the next moment that something waits for',
    fields: SpeedFields,
    answer: SpeedShape,
  },
  pushBars: {
    method: 'POST',
    path: '/feed/bars',
    summary: "Bars of the user's own program; idempotent by ts_ms",
    fields: BarsFields,
    answer: PushShape,
    large: true,
  },
  fillBars: {
    method: 'POST',
    path: '/feed/gaps',
    summary: 'Bars for minutes that have none, older than the newest: they serve training and PSI, and are not scored',
    fields: BarsFields,
    answer: FillShape,
    large: true,
  },

  startRetrain: {
    method: 'POST',
    path: '/retrain',
    summary: 'Train a candidate and put it into the shadow; answers at once',
    fields: RetrainFields,
    flag: begins,
    answer: SaidShape,
    status: 202,
  },
  retrain: {
    method: 'POST',
    path: '/retrain',
    summary: 'with wait, when it has ended',
    fields: RetrainFields,
    flag: waits,
    answer: RetrainShape,
  },
  startAddingModel: {
    method: 'POST',
    path: '/models',
    summary:
      'Register a model that was not trained here, a file of trees or one behind HTTP: it is asked about the window, then goes into the shadow; answers at once',
    fields: ModelFields,
    flag: begins,
    answer: SaidShape,
    status: 202,
    large: MODEL_BODY_BYTES,
  },
  addModel: {
    method: 'POST',
    path: '/models',
    summary: 'with wait, when it has ended',
    fields: ModelFields,
    flag: waits,
    answer: RetrainShape,
    large: MODEL_BODY_BYTES,
  },
  startValidation: {
    method: 'POST',
    path: '/validate',
    summary: 'Validate a version offline and under load, and keep what gate 6 requires; answers at once',
    fields: validation,
    flag: begins,
    answer: SaidShape,
    status: 202,
  },
  validate: {
    method: 'POST',
    path: '/validate',
    summary: 'with wait, when it has ended',
    fields: validation,
    flag: waits,
    answer: EvalResultShape,
  },
  challengeModel: {
    method: 'POST',
    path: '/models/:version/challenge',
    summary: 'Let a registered model run in the shadow beside the candidate; at most eight, and nothing judges them',
    fields: RetireFields,
    answer: ChallengerShape,
  },
  retireModel: {
    method: 'POST',
    path: '/models/:version/retire',
    summary:
      'Take the candidate or a challenger out of the shadow; refused while a canary of it is under way or a prompt waits',
    fields: RetireFields,
    answer: RetirementShape,
  },
  cancelWork: {
    method: 'POST',
    path: '/work/:id/cancel',
    summary: 'Cancel long work',
    fields: z.strictObject({ id: z.string() }),
    answer: SaidShape,
  },

  preflight: {
    method: 'POST',
    path: '/canary/preflight',
    summary: 'Check everything a canary depends on, and keep the record',
    fields: MarketFields,
    answer: PreflightShape,
  },
  rehearseCanary: {
    method: 'POST',
    path: '/canary/start',
    summary: 'A dry run over what is recorded',
    fields: CanaryFields,
    flag: { name: 'live', is: false },
    answer: CanaryRunShape,
  },
  startCanary: {
    method: 'POST',
    path: '/canary/start',
    summary: 'with live, a real run that waits for ONAY',
    fields: CanaryFields,
    flag: { name: 'live', is: true },
    answer: ApprovalShape,
    status: 202,
  },
  abortCanary: {
    method: 'POST',
    path: '/canary/abort',
    summary: 'Everything at 0 %, at once; needs no approval',
    fields: ReasonFields,
    answer: CanaryShape,
  },
  answerApproval: {
    method: 'POST',
    path: '/approvals/:id',
    summary: 'Approve with the phrase ONAY and a reason, or reject',
    fields: AnswerFields,
    answer: ApprovalShape,
  },
  promote: {
    method: 'POST',
    path: '/promote',
    summary: 'Ask for the candidate to be promoted; 409 with the gates while it is blocked',
    fields: z.strictObject({ symbol, version }),
    answer: ApprovalShape,
    status: 202,
  },
  rollback: {
    method: 'POST',
    path: '/rollback',
    summary: 'The former model answers at once; needs no approval',
    fields: ReasonFields,
    answer: PromotionShape,
  },

  switchKill: {
    method: 'POST',
    path: '/ml/kill',
    summary: 'The kill switch: on at once; off by an approval that waits for ONAY. Of all markets where none is named',
    fields: KillFields,
    query: ['enabled', 'symbol'],
    answer: KillSwitchesShape,
  },

  drillKill: {
    method: 'POST',
    path: '/ml/kill/drill',
    summary: 'Ask for a drill of the kill switch',
    fields: z.strictObject({ symbol }),
    answer: ApprovalShape,
    status: 202,
  },

  addToken: {
    method: 'POST',
    path: '/tokens',
    summary:
      'A token for a person or program, shown this once; person says whose it is, and is the name where left out',
    fields: z.strictObject({ name: z.string(), person: z.string().optional() }),
    answer: NewTokenShape,
  },
  revokeToken: {
    method: 'DELETE',
    path: '/tokens/:name',
    summary: 'Revoke a token',
    fields: z.strictObject({ name: z.string() }),
    answer: SaidShape,
  },
  testChannels: {
    method: 'POST',
    path: '/notify/test',
    summary: 'Send one test message through each channel, and say what came of it',
    fields: z.strictObject({ channel: z.string().max(40).optional() }),
    answer: itemsOf(TestedShape),
  },
}
