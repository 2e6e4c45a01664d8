import type { ApiParts, PlainRoute } from './route.ts'

/** Which room this is, and its metrics. */
export function plainRoutes({ figures, metrics, version, id }: ApiParts): readonly PlainRoute[] {
  return [
    {
      url: '/access',
      summary: 'Which room this is, and whose token was sent; null without one, or with one that is not accepted',
      query: [],
      type: 'application/json',
      handle: ({ who }) => ({
        service: 'onay',
        version,
        room: id,
        name: who?.by ?? null,
        person: who?.byPerson ?? null,
      }),
    },
    ...['/ml/metrics', '/metrics'].map(
      (url): PlainRoute => ({
        url,
        summary: 'Prometheus text: of every symbol, or of the one that is named',
        query: ['symbol'],
        type: 'text/plain',
        handle: ({ query, reply }) => {
          reply.type(metrics.contentType)
          const symbols = query.symbol === undefined ? figures.symbols : [query.symbol]
          return metrics.scrape(symbols.map((symbol) => figures.figures(symbol)))
        },
      }),
    ),
  ]
}
