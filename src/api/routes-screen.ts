import { route, type Route } from './route.ts'

/** What a screen over HTTP asks beside `/state` and `/detail`. */
export function screenRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET',
      url: '/access',
      summary: 'Which room this is, and whose token was sent; null without one, or with one that opens nothing',
      token: false,
      answer: 'access',
      handle: ({ room }, { who }) => ({ service: 'onay', version: room.options.version, name: who }),
    }),
    route({
      method: 'GET',
      url: '/retrain/choices',
      summary: 'Feature sets, what a retrain of each would be called, and why it is refused where it is',
      token: false,
      query: ['symbol'],
      answer: 'choices',
      handle: async ({ room }, { query }) => ({
        items: await room.retrainChoices(room.desks.of(query.symbol ?? room.desks.symbols[0]).symbol),
      }),
    }),
  ]
}
