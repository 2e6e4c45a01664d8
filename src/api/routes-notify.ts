import { z } from 'zod'
import { OperatorError } from '../engine/kernel/errors.ts'
import { route, type Route } from './route.ts'

const TestBody = z.strictObject({ channel: z.string().max(40).optional() })

/** Messages to people elsewhere. */
export function notifyRoutes(): readonly Route[] {
  return [
    route({
      method: 'POST',
      url: '/notify/test',
      summary: 'Send one test message through each channel, and say what came of it',
      token: true,
      body: TestBody,
      answer: 'tested channels',
      handle: async ({ room }, { body }) => {
        const { notify } = room.options
        if (notify === undefined)
          throw new OperatorError(
            'this room tells nobody',
            'it is not for serving',
            'ask: onay start',
            'no_channel',
            404,
          )
        return { items: await notify.test(room.desks, body.channel) }
      },
    }),
  ]
}
