/** Where each query stands on the wire, in the form of `command-routes.ts`. Reading on loopback needs no token. */
import * as z from 'zod'
import { EnsembleShape } from './shapes/shape-calibration.ts'
import { AbStatusShape, SetShape } from './shapes/shape-sets.ts'
import { PAGES, PANELS } from '../control/panels.ts'
import type { Findings, Queries, QueryKind } from '../control/queries.ts'
import {
  ChainShape,
  ChoiceShape,
  HealthShape,
  ScoreboardShape,
  ShadowShape,
  TokenShape,
  TrendShape,
  TicksShape,
} from './shapes/shape-answers.ts'
import { DriftShape, FeaturesShape, GatesShape, ModelShape, PsiShape } from './shapes/shape-evidence.ts'
import { ExecutionShape, PaperShape, PaperTradeShape, RetrainGatesShape } from './shapes/shape-paper.ts'
import { ApprovalShape, CanaryShape, KillSwitchesShape } from './shapes/shape-release.ts'
import { AlertShape, DetailShape, JobShape, ViewShape } from './shapes/shape-view.ts'
import { itemsOf } from './shapes/shape.ts'

export interface QueryRoute<K extends QueryKind> {
  /** The first is its name, the others are for older callers. `:name` is a field of the query. */
  readonly paths: readonly [string, ...string[]]
  readonly summary: string
  /** Text, as a URL has it. Those that the path does not name stand in the query; others in it are not read. */
  readonly fields: z.ZodType<Queries[K]['takes']>
  readonly answer: z.ZodType<Findings[K]>
  /** Only for who may change things. */
  readonly token?: true
  readonly statusOf?: (answer: Findings[K]) => number
}

const symbol = z.string().optional()
const model = z.string().optional()
const MarketFields = z.object({ symbol })
const NoFields = z.object({})

/** A name without a value is a yes. */
const mark = z.codec(z.string().optional(), z.boolean().optional(), {
  decode: (said) => said !== undefined,
  encode: (is) => (is === true ? 'true' : undefined),
})

/** A whole number in a URL. */
const wholeNumber = (what: string) =>
  z.codec(
    z
      .string()
      .regex(/^[1-9]\d{0,14}$/, `a whole number of ${what} is needed`)
      .optional(),
    z.number().optional(),
    {
      decode: (said) => (said === undefined ? undefined : Number(said)),
      encode: (value) => (value === undefined ? undefined : String(value)),
    },
  )

const OPENED = [...PANELS, ...PAGES] as const

const PaperFields: z.ZodType<Queries['paper']['takes']> = z.codec(
  z.object({
    symbol,
    arm: z.string().optional(),
    since_ms: wholeNumber('milliseconds'),
    until_ms: wholeNumber('milliseconds'),
    span_ms: wholeNumber('milliseconds'),
  }),
  z.custom<Queries['paper']['takes']>(),
  {
    decode: ({ since_ms, until_ms, span_ms, ...rest }) => ({
      ...rest,
      sinceMs: since_ms,
      untilMs: until_ms,
      spanMs: span_ms,
    }),
    encode: ({ sinceMs, untilMs, spanMs, ...rest }) => ({
      ...rest,
      since_ms: sinceMs,
      until_ms: untilMs,
      span_ms: spanMs,
    }),
  },
)

const TicksFields: z.ZodType<Queries['ticks']['takes']> = z.codec(
  z.object({
    symbol,
    from_ms: wholeNumber('milliseconds'),
    until_ms: wholeNumber('milliseconds'),
    sample: wholeNumber('slices'),
  }),
  z.custom<Queries['ticks']['takes']>(),
  {
    decode: ({ from_ms, until_ms, ...rest }) => ({ ...rest, fromMs: from_ms, untilMs: until_ms }),
    encode: ({ fromMs, untilMs, ...rest }) => ({ ...rest, from_ms: fromMs, until_ms: untilMs }),
  },
)

const RetrainGatesFields: z.ZodType<Queries['retrainGates']['takes']> = z.codec(
  z.object({ symbol, arm: z.string().optional(), smoke_test: mark }),
  z.custom<Queries['retrainGates']['takes']>(),
  {
    decode: ({ smoke_test, ...rest }) => ({ ...rest, smokeTest: smoke_test }),
    encode: ({ smokeTest, ...rest }) => ({ ...rest, smoke_test: smokeTest }),
  },
)

const DriftFields: z.ZodType<Queries['drift']['takes']> = z.codec(
  z.object({ symbol, model, at_ms: wholeNumber('milliseconds') }),
  z.custom<Queries['drift']['takes']>(),
  {
    decode: ({ at_ms, ...rest }) => ({ ...rest, atMs: at_ms }),
    encode: ({ atMs, ...rest }) => ({ ...rest, at_ms: atMs }),
  },
)

const PsiTrendFields: z.ZodType<Queries['psiTrend']['takes']> = z.codec(
  z.object({ symbol, model, span_ms: wholeNumber('milliseconds') }),
  z.custom<Queries['psiTrend']['takes']>(),
  {
    decode: ({ span_ms, ...rest }) => ({ ...rest, spanMs: span_ms }),
    encode: ({ spanMs, ...rest }) => ({ ...rest, span_ms: spanMs }),
  },
)

export const QUERY_ROUTES: { readonly [K in QueryKind]: QueryRoute<K> } = {
  health: {
    paths: ['/healthz', '/ml/health'],
    summary:
      'Whether the room serves, and how old its newest row is; 503 while it does not, cannot store predictions, or its feed has stalled',
    fields: MarketFields,
    answer: HealthShape,
    statusOf: ({ ok }) => (ok ? 200 : 503),
  },
  modelInCharge: {
    paths: ['/ml/model/info'],
    summary: 'The card of the model in charge',
    fields: MarketFields,
    answer: ModelShape,
  },
  shadow: {
    paths: ['/shadow/metrics'],
    summary: 'Match rate, delta, errors and latency of the candidate',
    fields: MarketFields,
    answer: ShadowShape,
  },
  gates: { paths: ['/gates'], summary: 'The six gates now', fields: MarketFields, answer: GatesShape },
  psi: {
    paths: ['/psi'],
    summary: 'PSI now, from the rows; with quick, the last hourly snapshot',
    fields: z.object({ symbol, model, quick: mark }),
    answer: PsiShape,
  },
  drift: {
    paths: ['/drift'],
    summary: 'The last 24 hours of the features before now, or before at_ms, beside the reference and its own days',
    fields: DriftFields,
    answer: DriftShape,
  },
  ensemble: {
    paths: ['/ensemble'],
    summary: 'The weights of a mix as its next step would leave them, and whether it beats its best member',
    fields: MarketFields,
    answer: EnsembleShape,
  },
  psiTrend: {
    paths: ['/psi/trend'],
    summary: 'Hourly PSI of the last 7 days, or of the last span_ms',
    fields: PsiTrendFields,
    answer: TrendShape,
  },
  features: {
    paths: ['/features'],
    summary: 'Rows, completeness, gaps, missing values',
    fields: MarketFields,
    answer: FeaturesShape,
  },
  models: { paths: ['/models'], summary: 'The registry', fields: MarketFields, answer: itemsOf(ModelShape) },
  model: {
    paths: ['/models/:version'],
    summary: 'One registered model',
    fields: z.object({ version: z.string(), symbol }),
    answer: ModelShape,
  },
  jobs: {
    paths: ['/jobs'],
    summary: 'Jobs with their last and next run',
    fields: MarketFields,
    answer: itemsOf(JobShape),
  },
  alerts: {
    paths: ['/alerts'],
    summary: 'Alerts that are pending or firing',
    fields: MarketFields,
    answer: itemsOf(AlertShape),
  },
  chain: {
    paths: ['/evidence'],
    summary: 'Head of the evidence chain, and how many entries it has',
    fields: NoFields,
    answer: ChainShape,
  },
  canary: { paths: ['/canary'], summary: 'State of the newest canary', fields: MarketFields, answer: CanaryShape },
  paper: {
    paths: ['/paper'],
    summary:
      'Arms with the figures of the trades that they closed in the last 14 days, in the last span_ms, or from since_ms on',
    fields: PaperFields,
    answer: PaperShape,
  },
  paperTrades: {
    paths: ['/paper/trades'],
    summary:
      'The newest closed trades of an arm or of all, a hundred unless limit names another number, at most 10,000',
    fields: z.object({ symbol, arm: z.string().optional(), limit: wholeNumber('trades') }),
    answer: itemsOf(PaperTradeShape),
  },
  execution: {
    paths: ['/execution'],
    summary:
      "What the fills of an arm cost, by time of day and regime; of the model in charge's unless arm names another",
    fields: z.object({ symbol, arm: z.string().optional() }),
    answer: ExecutionShape,
  },
  ticks: {
    paths: ['/ticks'],
    summary:
      'The first tick of each of equal slices of a span, at most 10,000; of all that are stored unless an end is named',
    fields: TicksFields,
    answer: TicksShape,
  },
  scoreboard: {
    paths: ['/models/scoreboard'],
    summary: 'Every model that has a role, and the fallback, by what has settled and what they earned on paper',
    fields: MarketFields,
    answer: ScoreboardShape,
  },
  abStatus: {
    paths: ['/ab'],
    summary: 'Which arm is active, the sets that names point at, and the newest evaluation',
    fields: MarketFields,
    answer: AbStatusShape,
  },
  sets: {
    paths: ['/paper/sets'],
    summary: 'The sets of five that names point at, each with its report',
    fields: MarketFields,
    answer: itemsOf(SetShape),
  },
  retrainGates: {
    paths: ['/paper/gates'],
    summary:
      'Whether a retraining on the trades of an arm may begin; with smoke_test by limits that are only good for a try',
    fields: RetrainGatesFields,
    answer: RetrainGatesShape,
  },
  kill: {
    paths: ['/ml/kill'],
    summary: 'The kill switch of one market, or of all',
    fields: MarketFields,
    answer: KillSwitchesShape,
  },
  approvals: {
    paths: ['/approvals'],
    summary: 'Prompts that wait for a person; of an id that prompt, whatever became of it',
    fields: z.object({ id: z.string().optional() }),
    answer: itemsOf(ApprovalShape),
  },
  retrainChoices: {
    paths: ['/retrain/choices'],
    summary: 'Feature sets, what a retrain of each would be called, and why it is refused where it is',
    fields: MarketFields,
    answer: itemsOf(ChoiceShape),
  },
  tokens: {
    paths: ['/tokens'],
    summary: 'Who has a token',
    fields: NoFields,
    answer: itemsOf(TokenShape),
    token: true,
  },
  view: {
    paths: ['/state'],
    summary: 'Everything that the screen shows, in parts',
    fields: MarketFields,
    answer: ViewShape,
  },
  detail: {
    paths: ['/detail/:panel'],
    summary: 'A panel as it is shown large, or a page of paper trading or live operations',
    fields: z.object({ symbol, panel: z.enum(OPENED, { error: () => `they are ${OPENED.join(', ')}` }) }),
    answer: DetailShape,
  },
}
