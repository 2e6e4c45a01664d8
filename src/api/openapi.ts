import * as z from 'zod'
import type { CommandKind } from '../control/commands.ts'
import { COMMAND_ROUTES } from './command-routes.ts'
import { commandsByPath } from './dispatch.ts'
import { ANSWER_SCHEMA, PREDICT_PATHS, PredictBody } from './predict.ts'
import { QUERY_ROUTES } from './query-routes.ts'
import type { PlainRoute } from './route.ts'
import { namesIn } from './wire.ts'

const ERROR = { $ref: '#/components/responses/Error' }

type Schema = Readonly<Record<string, unknown>>

/** The OpenAPI 3.1 document of every route, made of the tables that dispatch them. */
export function openApi(plain: readonly PlainRoute[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  const add = (method: string, url: string, operation: object): void => {
    const path = url.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation }
  }
  for (const url of PREDICT_PATHS) add('POST', url, predictOperation())
  for (const { paths: urls, summary, fields, answer, token } of Object.values(QUERY_ROUTES)) {
    for (const url of urls)
      add('GET', url, {
        summary,
        ...secured(token === true),
        parameters: parametersOf(url, propertiesOf(fields)),
        responses: { '200': json('the answer', schemaOf(answer, 'output')), default: ERROR },
      })
  }
  for (const kinds of commandsByPath()) {
    const { method, path } = COMMAND_ROUTES[kinds[0]]
    add(method, path, commandOperation(kinds))
  }
  for (const { url, summary, query, type } of plain) {
    const parameters = query.map((name) => parameter('query', name))
    const content = { [type]: { schema: {} } }
    add('GET', url, { summary, parameters, responses: { '200': { description: summary, content }, default: ERROR } })
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'onay',
      version,
      description:
        'The room over HTTP. Reading and predicting need no token on the machine of the room; changing something does.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: { Error: errorResponse() },
    },
  }
}

function commandOperation(kinds: readonly [CommandKind, ...CommandKind[]]): object {
  const routes = kinds.map((kind) => COMMAND_ROUTES[kind])
  const [{ path, fields, query = [], flag, method }] = [COMMAND_ROUTES[kinds[0]]]
  const inUrl = [...namesIn(path), ...query]
  const schema = schemaOf(fields, 'input')
  const properties = Object.fromEntries(Object.entries(propertiesOf(fields)).filter(([name]) => !inUrl.includes(name)))
  const flagged = flag === undefined ? {} : { [flag.name]: { type: 'boolean' } }
  const required = Array.isArray(schema.required) ? schema.required.filter((name) => !inUrl.includes(String(name))) : []
  const body = { ...schema, properties: { ...properties, ...flagged }, required }
  return {
    summary: routes.map(({ summary }) => summary).join('; '),
    ...secured(true),
    parameters: [
      ...namesIn(path).map((name) => parameter('path', name)),
      ...query.map((name) => parameter('query', name)),
    ],
    ...(method === 'DELETE'
      ? {}
      : { requestBody: { required: required.length > 0, content: { 'application/json': { schema: body } } } }),
    responses: {
      ...Object.fromEntries(
        routes.map(({ status, summary, answer }) => [String(status ?? 200), json(summary, schemaOf(answer, 'output'))]),
      ),
      default: ERROR,
    },
  }
}

function predictOperation(): object {
  return {
    summary:
      'A prediction for the newest row, or for features given; the candidate runs afterwards and is only recorded',
    requestBody: { required: false, content: { 'application/json': { schema: schemaOf(PredictBody, 'input') } } },
    responses: { '200': json('the answer', ANSWER_SCHEMA[200]), default: ERROR },
  }
}

function secured(token: boolean): object {
  return token ? { security: [{ token: [] }] } : {}
}

function json(description: string, schema: object): object {
  return { description, content: { 'application/json': { schema } } }
}

function parametersOf(url: string, properties: Schema): readonly object[] {
  const inPath = namesIn(url)
  const inQuery = Object.keys(properties).filter((name) => !inPath.includes(name))
  return [...inPath.map((name) => parameter('path', name)), ...inQuery.map((name) => parameter('query', name))]
}

function parameter(place: 'path' | 'query', name: string): object {
  return { name, in: place, required: place === 'path', schema: { type: 'string' } }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

function propertiesOf(fields: z.ZodType): Schema {
  return z.toJSONSchema(fields, { io: 'input', unrepresentable: 'any' }).properties ?? {}
}

function errorResponse(): object {
  const text = { type: 'string' }
  return {
    description:
      'What went wrong, why, and what to do next; beside it, with some refusals, the documents that show why',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message', 'next'],
              properties: { code: text, message: text, next: text },
            },
          },
        },
      },
    },
  }
}
