import { isoTime, MINUTE_MS } from '../engine/kernel/units.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import {
  featuresDocument,
  gatesNow,
  modelDocument,
  modelDocuments,
  psiNow,
  psiTrend,
} from '../room/queries/readings.ts'
import type { Panel } from '../room/control-room.ts'
import { route, type ApiParts, type Route } from './route.ts'

const PANELS: readonly Panel[] = ['gates', 'canary', 'drift', 'serving', 'jobs', 'alerts', 'events']
const TREND_MS = 7 * 24 * 60 * MINUTE_MS

/** Routes that only read: no token on loopback. */
export function readRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET',
      url: '/healthz',
      summary: 'Whether the room serves, and how old its newest row is',
      token: false,
      query: ['symbol'],
      answer: 'health',
      handle: health,
    }),
    route({
      method: 'GET',
      url: '/ml/health',
      summary: 'The same',
      token: false,
      query: ['symbol'],
      answer: 'health',
      handle: health,
    }),
    route({
      method: 'GET',
      url: '/ml/model/info',
      summary: 'The card of the model in charge',
      token: false,
      query: ['symbol'],
      answer: 'model',
      handle: ({ room }, { query }) => {
        const desk = room.desks.of(query.symbol)
        const { baseline } = desk.slots
        if (baseline === null)
          throw new OperatorError(
            'no model is in charge yet',
            '14 days of bars are needed',
            'wait, or bring bars in',
            'no_model',
            409,
          )
        return modelDocument(room.desks, desk.symbol, baseline.version)
      },
    }),
    route({
      method: 'GET',
      url: '/shadow/metrics',
      summary: 'Match rate, delta, errors and latency of the candidate',
      token: false,
      query: ['symbol'],
      answer: 'shadow figures',
      handle: async ({ room }, { query }) => {
        const { serving, candidate, symbol } = await room.view(query.symbol)
        const { match, meanDelta, shadowTried, shadowErrors, shadowP95Ms, breaker } = serving
        return {
          symbol,
          candidate: candidate?.version ?? null,
          comparisons: match?.n ?? 0,
          match_rate: match?.rate ?? null,
          match_interval: match === null ? null : { lo: match.lo, hi: match.hi },
          mean_delta: meanDelta,
          tried: shadowTried,
          errors: shadowErrors,
          p95_ms: shadowP95Ms,
          breaker,
          window_min: 15,
        }
      },
    }),
    ...['/ml/metrics', '/metrics'].map((url) =>
      route({
        method: 'GET',
        url,
        summary: 'Prometheus text',
        token: false,
        query: ['symbol'],
        answer: 'text',
        handle: async ({ room, metrics }, { query, reply }) => {
          reply.type(metrics.registry.contentType)
          return metrics.scrape(room.desks, query.symbol ?? room.desks.symbols[0] ?? '')
        },
      }),
    ),
    route({
      method: 'GET',
      url: '/gates',
      summary: 'The six gates now',
      token: false,
      query: ['symbol'],
      answer: 'gates',
      handle: ({ room }, { query }) => gatesNow(room.desks, room.judging.judge, query.symbol, 'now'),
    }),
    route({
      method: 'GET',
      url: '/psi',
      summary: 'PSI now, from the rows',
      token: false,
      query: ['symbol', 'model', 'quick'],
      answer: 'psi',
      handle: ({ room }, { query }) => psiNow(room.desks, query.symbol, query.model, query.quick !== undefined),
    }),
    route({
      method: 'GET',
      url: '/psi/trend',
      summary: 'Hourly PSI of the last 7 days',
      token: false,
      query: ['symbol', 'model'],
      answer: 'psi trend',
      handle: ({ room }, { query }) => psiTrend(room.desks, query.symbol, query.model, TREND_MS),
    }),
    route({
      method: 'GET',
      url: '/features',
      summary: 'Rows, completeness, gaps, missing values',
      token: false,
      query: ['symbol'],
      answer: 'features',
      handle: ({ room }, { query }) => featuresDocument(room.desks, query.symbol),
    }),
    route({
      method: 'GET',
      url: '/models',
      summary: 'The registry',
      token: false,
      query: ['symbol'],
      answer: 'models',
      handle: ({ room }, { query }) => ({ items: modelDocuments(room.desks, query.symbol) }),
    }),
    route({
      method: 'GET',
      url: '/models/:version',
      summary: 'One registered model',
      token: false,
      query: ['symbol'],
      answer: 'model',
      handle: ({ room }, { query, params }) => modelDocument(room.desks, query.symbol, params.version ?? ''),
    }),
    route({
      method: 'GET',
      url: '/jobs',
      summary: 'Jobs with their last and next run',
      token: false,
      query: ['symbol'],
      answer: 'jobs',
      handle: async ({ room }, { query }) => ({ items: (await room.view(query.symbol)).jobs }),
    }),
    route({
      method: 'GET',
      url: '/alerts',
      summary: 'Alerts that are pending or firing',
      token: false,
      query: ['symbol'],
      answer: 'alerts',
      handle: async ({ room }, { query }) => ({ items: (await room.view(query.symbol)).alerts }),
    }),
    route({
      method: 'GET',
      url: '/evidence',
      summary: 'Head of the evidence chain, and its newest entries',
      token: false,
      answer: 'chain',
      handle: ({ room }) => {
        const last = room.desks.store.journal.lastEntry()
        return { entries: last?.seq ?? 0, head: last?.hash ?? null, at: last === null ? null : isoTime(last.tsMs) }
      },
    }),
    route({
      method: 'GET',
      url: '/state',
      summary: 'Everything that the screen shows',
      token: false,
      query: ['symbol'],
      answer: 'state',
      handle: ({ room }, { query }) => room.view(query.symbol),
    }),
    route({
      method: 'GET',
      url: '/detail/:panel',
      summary: 'A panel as it is shown large',
      token: false,
      query: ['symbol'],
      answer: 'detail',
      handle: ({ room }, { query, params }) => {
        const panel = PANELS.find((name) => name === params.panel)
        if (panel === undefined)
          throw new OperatorError(
            `there is no panel ${params.panel}`,
            `they are ${PANELS.join(', ')}`,
            'name one of these',
            'panel',
            404,
          )
        return room.detail(room.desks.of(query.symbol).symbol, panel)
      },
    }),
  ]
}

function health({ room }: ApiParts, call: Parameters<Route['handle']>[1]): object {
  const symbol = call.query.symbol ?? room.desks.symbols[0]
  const desk = symbol === undefined ? null : room.desks.of(symbol)
  const open = room.state.phase === 'open'
  if (!open) call.reply.status(503)
  const newest = desk?.tape.newestBar ?? null
  return {
    ok: open,
    model: desk?.slots.baseline?.version ?? 'fallback',
    candidate: desk?.slots.candidate?.version ?? null,
    service: 'onay',
    version: room.options.version,
    symbol: symbol ?? null,
    phase: room.state.phase,
    feature_staleness_sec:
      desk === null || newest === null ? null : Math.max(0, (desk.nowMs() - newest.tsMs - MINUTE_MS) / 1_000),
    kill_switch: desk?.killSwitch ?? false,
    market_time: desk === null ? null : isoTime(desk.nowMs()),
    troubles: room.desks.troubles.lines,
  }
}
