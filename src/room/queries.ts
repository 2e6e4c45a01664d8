import type { QueryHandlers, QueryKind } from '../control/queries.ts'
import type { RoomView } from '../control/view.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { DAY_MS, isoTime, MINUTE_MS } from '../engine/kernel/units.ts'
import type { Access } from './access.ts'
import type { Core } from './core.ts'
import { detailView } from './details.ts'
import { featuresDocument, gatesNow, modelDocument, modelDocuments, psiNow, psiTrend } from './readings.ts'
import type { Release } from './release.ts'
import type { Retraining } from './retraining.ts'

const TREND_MS = 7 * DAY_MS
const SHADOW_WINDOW_MIN = 15

type Answers<K extends QueryKind> = Pick<QueryHandlers, K>

export type RecordedKind =
  | 'modelInCharge'
  | 'gates'
  | 'psi'
  | 'psiTrend'
  | 'features'
  | 'models'
  | 'model'
  | 'chain'
  | 'canary'
  | 'approvals'
  | 'tokens'

export interface RecordedParts {
  readonly core: Core
  readonly release: Release
  readonly access: Access
}

/** What is recorded, with a room that runs or without one. Writes nothing. */
export function recordedQueries({ core, release, access }: RecordedParts): Answers<RecordedKind> {
  return {
    modelInCharge: ({ symbol }) => {
      const { desk } = core.station(symbol)
      const { baseline } = desk.slots
      if (baseline === null)
        throw new OperatorError(
          'no model is in charge yet',
          '14 days of bars are needed',
          'wait, or bring bars in with: onay import bars FILE',
          'no_model',
          409,
        )
      return modelDocument(core, desk.symbol, baseline.version)
    },
    gates: ({ symbol }) => gatesNow(core, symbol, 'now'),
    psi: ({ symbol, model, quick }) => psiNow(core, symbol, model, quick === true),
    psiTrend: ({ symbol, model, spanMs }) => psiTrend(core, symbol, model, spanMs ?? TREND_MS),
    features: ({ symbol }) => featuresDocument(core, symbol),
    models: ({ symbol }) => ({ items: modelDocuments(core, symbol) }),
    model: ({ symbol, version }) => modelDocument(core, symbol, version),
    chain: () => {
      const last = core.store.journal.lastEntry()
      return { entries: last?.seq ?? 0, head: last?.hash ?? null, at: last === null ? null : isoTime(last.tsMs) }
    },
    canary: ({ symbol }) => release.status(symbol),
    approvals: () => ({ items: release.approvals.all().filter(({ state }) => state === 'waiting') }),
    tokens: () => ({ items: access.list() }),
  }
}

export interface QueryParts extends RecordedParts {
  readonly retraining: Retraining
  readonly phase: () => RoomView['room']['phase']
  readonly view: (symbol: string | undefined) => RoomView
}

/** What can be read of a room that runs. */
export function queryHandlers({ retraining, phase, view, ...parts }: QueryParts): QueryHandlers {
  const { core, release } = parts
  return {
    ...recordedQueries(parts),
    // A room closes the prompts whose time is over, with what waited for them.
    approvals: () => ({ items: release.waiting() }),
    health: ({ symbol }) => healthOf(core, phase(), symbol),
    shadow: ({ symbol }) => {
      const { room, models, watch } = view(symbol)
      const { match, meanDelta, shadowTried, shadowErrors, shadowP95Ms, breaker } = watch.serving
      return {
        symbol: room.symbol,
        candidate: models.candidate?.version ?? null,
        comparisons: match?.n ?? 0,
        match_rate: match?.rate ?? null,
        match_interval: match === null ? null : { lo: match.lo, hi: match.hi },
        mean_delta: meanDelta,
        tried: shadowTried,
        errors: shadowErrors,
        p95_ms: shadowP95Ms,
        breaker,
        window_min: SHADOW_WINDOW_MIN,
      }
    },
    jobs: ({ symbol }) => ({ items: view(symbol).room.jobs }),
    alerts: ({ symbol }) => ({ items: view(symbol).watch.alerts }),
    retrainChoices: ({ symbol }) => ({ items: retraining.choices(core.station(symbol ?? core.symbols[0]).desk) }),
    view: ({ symbol }) => view(symbol),
    detail: ({ symbol, panel }) => detailView(core, view(core.station(symbol).desk.symbol), panel),
  }
}

function healthOf(core: Core, phase: RoomView['room']['phase'], asked: string | undefined) {
  const symbol = asked ?? core.symbols[0]
  const desk = symbol === undefined ? null : core.station(symbol).desk
  const newest = desk?.newestBar ?? null
  return {
    ok: phase === 'open',
    model: desk?.slots.baseline?.version ?? 'fallback',
    candidate: desk?.slots.candidate?.version ?? null,
    service: 'onay',
    version: core.options.version,
    symbol: symbol ?? null,
    phase,
    feature_staleness_sec:
      desk === null || newest === null ? null : Math.max(0, (desk.nowMs() - newest.tsMs - MINUTE_MS) / 1_000),
    kill_switch: desk?.killSwitch ?? false,
    market_time: desk === null ? null : isoTime(desk.nowMs()),
    troubles: [...core.troubles],
  } as const
}
