import { z } from 'zod'
import { PredictBody } from './predict.ts'
import type { Route } from './route.ts'

const ERROR = { $ref: '#/components/responses/Error' }

/** The OpenAPI 3.1 document of every route, made of the table that dispatches them. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  const add = (method: string, url: string, operation: object): void => {
    const path = url.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation }
  }
  for (const url of ['/ml/predict', '/predict-with-shadow']) {
    add(
      'POST',
      url,
      operationOf({
        method: 'POST',
        url,
        summary:
          'A prediction for the newest row, or for features given; the candidate runs afterwards and is only recorded',
        token: false,
        body: PredictBody,
        answer: 'answer',
        handle: () => null,
      }),
    )
  }
  for (const route of routes) add(route.method, route.url, operationOf(route))
  return {
    openapi: '3.1.0',
    info: {
      title: 'onay',
      version,
      description: 'The room over HTTP. Reading and predicting on loopback need no token; what changes something does.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: {
        Error: {
          description: 'What went wrong, why, and what to do next',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['error'],
                properties: {
                  error: {
                    type: 'object',
                    required: ['code', 'message', 'next'],
                    properties: { code: { type: 'string' }, message: { type: 'string' }, next: { type: 'string' } },
                  },
                },
              },
            },
          },
        },
      },
    },
  }
}

function operationOf(route: Route): object {
  const inPath = [...route.url.matchAll(/:(\w+)/g)].map((match) => ({
    name: match[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const inQuery = (route.query ?? []).map((name) => ({
    name,
    in: 'query',
    required: false,
    schema: { type: 'string' },
  }))
  return {
    summary: route.summary,
    ...(route.token ? { security: [{ token: [] }] } : {}),
    parameters: [...inPath, ...inQuery],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: false,
            content: { 'application/json': { schema: z.toJSONSchema(route.body, { unrepresentable: 'any' }) } },
          },
        }),
    responses: { '200': { description: route.answer }, default: ERROR },
  }
}
