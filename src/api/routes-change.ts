import { z } from 'zod'
import { DAY_MS, isoDate, isoTime } from '../engine/kernel/units.ts'
import { acknowledge } from '../room/watch/watch-alerts.ts'
import { parseSpeed } from '../room/drivers/player.ts'
import { exportEvidence } from '../room/queries/export-evidence.ts'
import { reportNow, weekNow } from '../room/reports/report-now.ts'
import { saveGates } from '../room/watch/gate-documents.ts'
import { route, type Route } from './route.ts'

const symbol = z.string().min(1).max(30)
const SYMBOL = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,29}$/

const RetrainBody = z.strictObject({
  symbol: symbol.optional(),
  version: z.string().max(40).optional(),
  features: z.string().max(40).optional(),
  profile: z.enum(['equivalent', 'improve']).optional(),
  window_ms: z.number().positive().optional(),
  until_ms: z.number().int().nonnegative().optional(),
  dry_run: z.boolean().optional(),
  /** Answer when it has ended, with what came of it; else at once. */
  wait: z.boolean().optional(),
})

const ValidateBody = z.strictObject({
  symbol: symbol.optional(),
  version: z.string().max(40).optional(),
  profile: z.enum(['equivalent', 'improve']).optional(),
  /** Answer when it has ended, with its result; else at once. */
  wait: z.boolean().optional(),
})

const SpeedBody = z.strictObject({
  speed: z.union([
    z.literal(1),
    z.literal(60),
    z.literal(600),
    z.enum(['1', '60', '600', 'max', 'pause', 'play', 'next']),
  ]),
  symbol: symbol.optional(),
  until_ms: z.number().int().nonnegative().optional(),
})

/** Any number is taken here, and what is wrong with it is named bar by bar. */
const number = z.number().or(z.nan())
const FeedBody = z.object({
  symbol: z.string().regex(SYMBOL, 'letters, digits, dot, colon and dash only, at most 30'),
  bars: z.array(z.unknown()).max(10_000),
})
const PushedBar = z.object({ ts_ms: number, open: number, high: number, low: number, close: number, volume: number })

const SmokeBody = z.strictObject({ symbol: symbol.optional() })
const milliseconds = z.number().nonnegative()
const SmokeFigures = z.strictObject({
  shadow: z.boolean(),
  requests: z.number().int().positive(),
  success: z.number().int().nonnegative(),
  seconds: z.number().positive(),
  latency_ms: z.strictObject({ p50: milliseconds, p95: milliseconds, p99: milliseconds, max: milliseconds }),
})

const WeekBody = z.strictObject({ symbol: symbol.optional(), date: z.iso.date().optional() })
const ReportBody = WeekBody.extend({
  /** Make the page too, and answer where it stands. */
  html: z.boolean().optional(),
})
const Nothing = z.strictObject({})

/** Routes that change something: they need a token. */
export function changeRoutes(options: { readonly feedBodyLimit: number }): readonly Route[] {
  return [
    route({
      method: 'POST',
      url: '/retrain',
      summary: 'Train a candidate and put it into the shadow',
      token: true,
      body: RetrainBody,
      answer: 'retrain',
      handle: async ({ room }, { body, reply }) => {
        const request = {
          symbol: room.desks.of(body.symbol).symbol,
          version: body.version,
          features: body.features,
          profile: body.profile,
          windowMs: body.window_ms,
          untilMs: body.until_ms,
          dryRun: body.dry_run,
        }
        if (body.wait === true) return room.retraining.run(room.openDesk(request.symbol), request)
        reply.status(202)
        return { said: await room.startRetrain(request) }
      },
    }),
    route({
      method: 'POST',
      url: '/validate',
      summary: 'Validate a version offline and under load, and keep what gate 6 asks for',
      token: true,
      body: ValidateBody,
      answer: 'eval result',
      handle: async ({ room }, { body, reply }) => {
        const { version, profile } = body
        const request = { symbol: room.desks.of(body.symbol).symbol, version, profile }
        if (body.wait === true) return room.validate(request)
        reply.status(202)
        return { said: await room.startValidate(request) }
      },
    }),
    route({
      method: 'POST',
      url: '/alerts/:rule/ack',
      summary: 'Note that somebody has seen an alert, and why it may wait',
      token: true,
      body: z.strictObject({ symbol: symbol.optional(), reason: z.string().max(500) }),
      answer: 'said',
      handle: ({ room }, { body, params, who }) => {
        const { desks } = room
        const by = { by: who ?? 'unknown', reason: body.reason }
        return { said: acknowledge(desks.of(body.symbol), desks.evidence, params.rule ?? '', by) }
      },
    }),
    route({
      method: 'POST',
      url: '/work/:id/cancel',
      summary: 'Cancel long work',
      token: true,
      body: Nothing,
      answer: 'said',
      handle: async ({ room }, { params }) => ({ said: await room.cancelWork(params.id ?? '') }),
    }),
    route({
      method: 'POST',
      url: '/speed',
      summary: 'Speed of a replay, pause and play, or on to the next moment that something waits for',
      token: true,
      body: SpeedBody,
      answer: 'speed',
      handle: async ({ room }, { body }) => {
        const name = room.desks.of(body.symbol ?? room.desks.symbols[0]).symbol
        const text = String(body.speed)
        const said =
          text === 'pause' || text === 'play'
            ? await room.setPaused(text === 'pause')
            : text === 'next'
              ? await room.playToNext(name)
              : await room.setSpeed(parseSpeed(text), body.until_ms)
        const { clock } = await room.view(name)
        return {
          said,
          speed: clock.paused ? 'pause' : clock.speed,
          market_time: isoTime(clock.marketMs),
          until: clock.stop === null ? null : isoTime(clock.stop.atMs),
        }
      },
    }),
    route({
      method: 'POST',
      url: '/feed/bars',
      summary: 'Bars of the user; idempotent by ts_ms',
      token: true,
      body: FeedBody,
      bodyLimit: options.feedBodyLimit,
      answer: 'push',
      handle: ({ room }, { body }) =>
        room.pushBars(
          body.symbol,
          body.bars.map((item) => {
            const bar = PushedBar.safeParse(item)
            const { ts_ms, open, high, low, close, volume } = bar.success ? bar.data : NOT_A_BAR
            return { tsMs: ts_ms, open, high, low, close, volume }
          }),
        ),
    }),
    route({
      method: 'POST',
      url: '/gates/:label',
      summary: 'Judge the gates now and keep the record as evidence',
      token: true,
      body: Nothing,
      query: ['symbol'],
      answer: 'gates',
      handle: ({ room }, { params, query }) =>
        room.turns.take(() => saveGates(room.desks, room.judging.judge, query.symbol, params.label ?? '')),
    }),
    route({
      method: 'POST',
      url: '/report/daily',
      summary: 'The daily report of a day that has ended; once it is written, it stays',
      token: true,
      body: ReportBody,
      answer: 'daily report',
      handle: ({ room }, { body }) =>
        room.turns
          .take(() => {
            const desk = room.desks.of(body.symbol)
            return reportNow(room.desks, body.symbol, body.date ?? isoDate(desk.nowMs() - DAY_MS))
          })
          .then(async (report) =>
            body.html === true ? { ...report, page: await room.pages.page(report.symbol, report.date) } : report,
          ),
    }),
    route({
      method: 'POST',
      url: '/report/weekly',
      summary: 'The summary of a week that has ended, named by its Sunday; once it is written, it stays',
      token: true,
      body: WeekBody,
      answer: 'weekly report',
      handle: ({ room }, { body }) => room.turns.take(() => weekNow(room.desks, body.symbol, body.date)),
    }),
    route({
      method: 'POST',
      url: '/evidence/export',
      summary: 'Write the documents of this moment to the evidence directory',
      token: true,
      body: z.strictObject({ symbol: symbol.optional() }),
      answer: 'files',
      handle: ({ room }, { body }) =>
        room.turns.take(() => exportEvidence(room.desks, room.judging.judge, body.symbol)),
    }),
    route({
      method: 'POST',
      url: '/smoke',
      summary: 'Begin a smoke run; its requests carry the header x-onay-smoke',
      token: true,
      body: SmokeBody,
      answer: 'run',
      handle: ({ room, smokes }, { body }) => ({ run: smokes.begin(room.openDesk(body.symbol).symbol) }),
    }),
    route({
      method: 'POST',
      url: '/smoke/:run',
      summary: 'End a smoke run with what the client measured',
      token: true,
      body: SmokeFigures,
      answer: 'smoke',
      handle: ({ room, smokes }, { params, body }) => {
        const { shadow, ...figures } = body
        return room.turns.take(() => smokes.finish(room.desks, params.run ?? '', figures, shadow))
      },
    }),
    route({
      method: 'GET',
      url: '/tokens',
      summary: 'Who has a token',
      token: true,
      answer: 'tokens',
      handle: ({ access }) => ({ items: access.list() }),
    }),
    route({
      method: 'POST',
      url: '/tokens',
      summary: 'A token for a person or program, shown this once',
      token: true,
      body: z.strictObject({ name: z.string() }),
      answer: 'token',
      handle: ({ access }, { body }) => ({ name: body.name, token: access.add(body.name) }),
    }),
    route({
      method: 'DELETE',
      url: '/tokens/:name',
      summary: 'Revoke a token',
      token: true,
      answer: 'said',
      handle: ({ access }, { params }) => {
        access.revoke(params.name ?? '')
        return { said: `the token of ${params.name} is revoked` }
      },
    }),
  ]
}

const NOT_A_BAR = {
  ts_ms: Number.NaN,
  open: Number.NaN,
  high: Number.NaN,
  low: Number.NaN,
  close: Number.NaN,
  volume: Number.NaN,
}
