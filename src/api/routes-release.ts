import { z } from 'zod'
import { runDryRun } from '../room/release/canary-dryrun.ts'
import { preflight } from '../room/release/canary-preflight.ts'
import { promotionDocument } from '../room/release/promotion.ts'
import { route, type Route } from './route.ts'

const symbol = z.string().min(1).max(30).optional()
const profile = z.enum(['equivalent', 'improve']).optional()

const StartBody = z.strictObject({
  symbol,
  plan: z.string().max(30).optional(),
  profile,
  live: z.boolean().optional(),
  mode: z.literal('observe').optional(),
})
const SymbolBody = z.strictObject({ symbol })
const ReasonBody = z.strictObject({ symbol, reason: z.string().max(500).optional() })
const PromoteBody = z.strictObject({ symbol, version: z.string().max(40).optional() })
const AnswerBody = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  phrase: z.string().max(100).optional(),
  reason: z.string().max(2_000).optional(),
})

const UNKNOWN = 'unknown'

/** Routes of taking a model live, and back. What raises risk answers 202 with the approval that waits. */
export function releaseRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET',
      url: '/canary',
      summary: 'State of the newest canary',
      token: false,
      query: ['symbol'],
      answer: 'canary',
      handle: ({ room }, { query }) => room.release.status(query.symbol),
    }),
    route({
      method: 'POST',
      url: '/canary/preflight',
      summary: 'Look at everything that a canary rests on, and keep the record',
      token: true,
      body: SymbolBody,
      answer: 'preflight',
      handle: ({ room }, { body }) => room.turns.take(() => preflight(room.desks, room.openDesk(body.symbol))),
    }),
    route({
      method: 'POST',
      url: '/canary/start',
      summary: 'A dry run; with live, a real run that waits for ONAY',
      token: true,
      body: StartBody,
      answer: 'canary run, or approval',
      handle: async ({ room }, { body, reply, who }) => {
        const desk = room.openDesk(body.symbol)
        const request = { symbol: desk.symbol, plan: body.plan, profile: body.profile }
        if (body.live !== true) return room.turns.take(() => runDryRun(room.desks, desk.symbol, request))
        const approval = await room.turns.take(() =>
          Promise.resolve(room.release.requestCanary({ ...request, live: true }, who ?? UNKNOWN)),
        )
        reply.status(202)
        return approval
      },
    }),
    route({
      method: 'POST',
      url: '/canary/abort',
      summary: 'Everything at 0 %, at once; needs no approval',
      token: true,
      body: ReasonBody,
      answer: 'canary',
      // Not one at a time with the moments: an abort waits for nothing.
      handle: ({ room }, { body, who }) => room.release.abortCanary(body.symbol, who ?? UNKNOWN, body.reason ?? ''),
    }),
    route({
      method: 'GET',
      url: '/approvals',
      summary: 'Prompts that wait for a person',
      token: false,
      answer: 'approvals',
      handle: ({ room }) => ({ items: room.release.waiting() }),
    }),
    route({
      method: 'POST',
      url: '/approvals/:id',
      summary: 'Approve with the phrase ONAY and a reason, or reject',
      token: true,
      body: AnswerBody,
      answer: 'approval',
      handle: ({ room }, { params, body, who }) =>
        room.turns.take(() => room.release.answer(params.id ?? '', body, who ?? UNKNOWN)),
    }),
    route({
      method: 'POST',
      url: '/promote',
      summary: 'Ask for the candidate to be promoted; 409 with the gates while it is blocked',
      token: true,
      body: PromoteBody,
      answer: 'approval',
      handle: async ({ room }, { body, reply, who }) => {
        const approval = await room.turns.take(() =>
          Promise.resolve(room.release.requestPromotion(body.symbol, body.version, who ?? UNKNOWN)),
        )
        reply.status(202)
        return approval
      },
    }),
    route({
      method: 'POST',
      url: '/rollback',
      summary: 'The former model answers at once; needs no approval',
      token: true,
      body: ReasonBody,
      answer: 'promotion',
      handle: ({ room }, { body, who }) => {
        room.release.rollback(body.symbol, who ?? UNKNOWN, body.reason ?? 'asked for')
        return promotionDocument(room.desks.of(body.symbol))
      },
    }),
  ]
}
