import { z } from 'zod'
import { route, type Route } from './route.ts'

const AddBody = z.strictObject({
  symbol: z.string().min(1).max(30).optional(),
  /** The model's file; the engine reads it, and names what does not fit. */
  model: z.unknown(),
  profile: z.enum(['equivalent', 'improve']).optional(),
  window_ms: z.number().int().positive().optional(),
  until_ms: z.number().int().optional(),
  wait: z.boolean().optional(),
})

/** Routes of models that are not trained here. */
export function modelRoutes(): readonly Route[] {
  return [
    route({
      method: 'POST',
      url: '/models',
      summary: 'Register a model behind HTTP: its server is asked about the window, then it goes into the shadow',
      token: true,
      body: AddBody,
      answer: 'retrain',
      handle: ({ room }, { body, reply }) => {
        const { model, profile, window_ms: windowMs, until_ms: untilMs } = body
        const desk = room.openDesk(body.symbol)
        const request = { model, profile, windowMs, untilMs }
        if (body.wait === true) return room.retraining.add(desk, request)
        reply.status(202)
        return { said: room.retraining.startAdding(desk, request) }
      },
    }),
  ]
}
