/** Everything that can be read of a room, in the form of `commands.ts`. A query changes nothing, and nobody is named in it. */
import type { EnsembleDocument } from '../evidence/documents/ensemble-document.ts'
import type { AbStatusDocument, SetDocument } from './set-answers.ts'
import type {
  DriftDocument,
  FeaturesDocument,
  GatesDocument,
  ModelDocument,
  PsiDocument,
} from '../evidence/documents/documents.ts'
import type { ApprovalDocument, CanaryDocument } from '../evidence/documents/release-documents.ts'
import type {
  ChainDocument,
  HealthDocument,
  Items,
  KillSwitchesDocument,
  PsiTrend,
  RetrainChoice,
  ScoreboardDocument,
  ShadowDocument,
  TokenView,
} from './answers.ts'
import type { OfMarket } from './commands.ts'
import type { ExecutionDocument, PaperDocument, PaperTradeDocument, RetrainGatesDocument } from './paper-answers.ts'
import type { DetailView, Opened } from './panels.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { TicksDocument } from './tick-answers.ts'
import type { AlertView, JobView, RoomView } from './view.ts'

interface Reads<Takes, Gives> {
  readonly takes: Takes
  readonly gives: Gives
}

export interface Queries {
  readonly health: Reads<OfMarket, HealthDocument>
  /** The card of the model in charge. */
  readonly modelInCharge: Reads<OfMarket, ModelDocument>
  readonly shadow: Reads<OfMarket, ShadowDocument>
  readonly gates: Reads<OfMarket, GatesDocument>
  /** Counted from the rows; with `quick`, the last hourly snapshot. */
  readonly psi: Reads<
    OfMarket & { readonly model?: string | undefined; readonly quick?: boolean | undefined },
    PsiDocument
  >
  /** The last 24 hours before a moment, now unless one is named. */
  readonly drift: Reads<
    OfMarket & { readonly model?: string | undefined; readonly atMs?: number | undefined },
    DriftDocument
  >
  /** The weights of a mix as the next step would leave them; changes nothing. */
  readonly ensemble: Reads<OfMarket, EnsembleDocument>
  /** Of the last 7 days unless a span is named. */
  readonly psiTrend: Reads<
    OfMarket & { readonly model?: string | undefined; readonly spanMs?: number | undefined },
    PsiTrend
  >
  readonly features: Reads<OfMarket, FeaturesDocument>
  readonly models: Reads<OfMarket, Items<ModelDocument>>
  readonly model: Reads<OfMarket & { readonly version: string }, ModelDocument>
  readonly jobs: Reads<OfMarket, Items<JobView>>
  readonly alerts: Reads<OfMarket, Items<AlertView>>
  /** Head of the evidence chain, and how many entries it has. */
  readonly chain: Reads<object, ChainDocument>
  readonly canary: Reads<OfMarket, CanaryDocument>
  /** The kill switch of one market, or of all. */
  readonly kill: Reads<OfMarket, KillSwitchesDocument>
  /** Those that wait; of an id that prompt, whatever became of it. */
  readonly approvals: Reads<{ readonly id?: string | undefined }, Items<ApprovalDocument>>
  /** Arms with the figures of what they closed in the last `spanMs` before `untilMs`, 14 days and now unless named, or since a moment. */
  readonly paper: Reads<
    OfMarket & {
      readonly arm?: string | undefined
      readonly sinceMs?: number | undefined
      readonly untilMs?: number | undefined
      readonly spanMs?: number | undefined
    },
    PaperDocument
  >
  /** The newest closed trades of an arm or of all, a hundred unless `limit` is named, newest first. */
  readonly paperTrades: Reads<
    OfMarket & { readonly arm?: string | undefined; readonly limit?: number | undefined },
    Items<PaperTradeDocument>
  >
  /** What the fills of an arm cost; of the model in charge's unless one is named. */
  readonly execution: Reads<OfMarket & { readonly arm?: string | undefined }, ExecutionDocument>
  /** Whether a retraining on an arm's trades may begin; with `smokeTest` by limits that are only good for a try. */
  readonly retrainGates: Reads<
    OfMarket & { readonly arm?: string | undefined; readonly smokeTest?: boolean | undefined },
    RetrainGatesDocument
  >
  /** The first tick of each of equal slices of a span, ten thousand unless `sample` is named; of all that are stored unless an end is. */
  readonly ticks: Reads<
    OfMarket & {
      readonly fromMs?: UnixMs | undefined
      readonly untilMs?: UnixMs | undefined
      readonly sample?: number | undefined
    },
    TicksDocument
  >
  /** Every model that has a role, and the fallback, by what has settled and what they earned on paper. */
  readonly scoreboard: Reads<OfMarket, ScoreboardDocument>
  /** Which arm is active, and the sets that names point at. */
  readonly abStatus: Reads<OfMarket, AbStatusDocument>
  /** The sets that names point at, each with its report. */
  readonly sets: Reads<OfMarket, Items<SetDocument>>
  readonly retrainChoices: Reads<OfMarket, Items<RetrainChoice>>
  readonly tokens: Reads<object, Items<TokenView>>
  readonly view: Reads<OfMarket, RoomView>
  readonly detail: Reads<OfMarket & { readonly panel: Opened }, DetailView>
}

export type QueryKind = keyof Queries

export type QueryOf<K extends QueryKind> = { readonly kind: K } & Queries[K]['takes']

export type Findings = { readonly [K in QueryKind]: Queries[K]['gives'] }

export type QueryHandlers = { readonly [K in QueryKind]: (query: QueryOf<K>) => Findings[K] | Promise<Findings[K]> }
