import { isLivePage, isPage } from '../../control/panels.ts'
import { liveTable } from '../queries/live-tables.ts'
import { paperTable } from '../queries/paper-tables.ts'
import type { HealthDocument } from '../../control/answers.ts'
import type { QueryHandlers } from '../../control/queries.ts'
import type { RoomView } from '../../control/view.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import { rowAgeMs } from '../../engine/market/row-age.ts'
import type { Desks } from '../desk/desks.ts'
import type { RoomPhase, RoomState } from '../desk/room-state.ts'
import { detailView } from '../views/detail-views.ts'
import type { Retraining } from '../training/retraining.ts'
import { recordedQueries, type RecordedParts } from './recorded-queries.ts'

const SHADOW_WINDOW_MIN = 15

interface QueryParts extends RecordedParts {
  readonly retraining: Retraining
  readonly state: RoomState
  readonly view: (symbol: string | undefined) => RoomView
}

/** What can be read of a room that runs. */
export function queryHandlers({ retraining, state, view, ...parts }: QueryParts): QueryHandlers {
  const { desks, release } = parts
  return {
    ...recordedQueries(parts),
    // A room closes the prompts whose time is over, with what waited for them.
    approvals: ({ id }) => {
      const items = release.waiting()
      return { items: id === undefined ? items : [release.approvals.get(id)] }
    },
    health: ({ symbol }) => healthOf(desks, state.phase, symbol),
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
    retrainChoices: ({ symbol }) => ({ items: retraining.choices(desks.of(symbol ?? desks.symbols[0])) }),
    view: ({ symbol }) => view(symbol),
    detail: ({ symbol, panel }) =>
      isLivePage(panel)
        ? liveTable(desks, desks.of(symbol), panel, () => release.status(symbol).live_canary)
        : isPage(panel)
          ? paperTable(desks.of(symbol), panel)
          : detailView(desks, view(desks.of(symbol).symbol), panel),
  }
}

function healthOf(desks: Desks, phase: RoomPhase, asked: string | undefined): HealthDocument {
  const symbol = asked ?? desks.symbols[0]
  const desk = symbol === undefined ? null : desks.of(symbol)
  const newest = desk?.tape.newestBar ?? null
  return {
    ok: phase === 'open' && !desks.troubles.grave,
    model: desk?.lineUp.inCharge?.version ?? 'fallback',
    candidate: desk?.lineUp.candidate?.version ?? null,
    service: 'onay',
    version: desks.options.version,
    symbol: symbol ?? null,
    phase,
    feature_staleness_sec:
      desk === null || newest === null ? null : Math.abs(rowAgeMs(newest.tsMs, desk.nowMs())) / 1_000,
    kill_switch: desk?.killSwitch ?? false,
    market_time: desk === null ? null : isoTime(desk.nowMs()),
    troubles: desks.troubles.lines,
  }
}
