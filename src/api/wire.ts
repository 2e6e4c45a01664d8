/** Commands and queries as requests, at the end that asks: how they are written, and how their answers are read. */
import * as z from 'zod'
import type { CommandKind, CommandOf } from '../control/commands.ts'
import type { QueryKind, QueryOf } from '../control/queries.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { misfitWords } from '../control/misfit-words.ts'
import type { Question } from './http-request.ts'
import { misfit } from './misfit.ts'
import { COMMAND_ROUTES } from './command-routes.ts'
import { QUERY_ROUTES } from './query-routes.ts'

const PARAMETER = /:(\w+)/g
const Fields = z.record(z.string(), z.unknown())
/** What can stand in a URL. */
const UrlValue = z.union([z.string(), z.number(), z.boolean()])

/** The names of the fields that a path holds. */
export function namesIn(path: string): readonly string[] {
  return [...path.matchAll(PARAMETER)].flatMap(([, name]) => (name === undefined ? [] : [name]))
}

/** Who asks is not on the wire: the room knows that by the token. */
export function commandQuestion<K extends CommandKind>(command: CommandOf<K>): Question {
  const kind: K = command.kind
  const { method, path, fields, flag, query = [] } = COMMAND_ROUTES[kind]
  const written = encoded(fields, command, ['kind', 'by', 'byPerson'])
  const address = addressOf(path, written, query)
  if (method === 'DELETE') return { method, path: address }
  const apart = [...namesIn(path), ...query]
  const body = Object.fromEntries(Object.entries(written).filter(([name]) => !apart.includes(name)))
  return { method, path: address, body: flag?.is === true ? { ...body, [flag.name]: true } : body }
}

export function queryQuestion<K extends QueryKind>(query: QueryOf<K>): Question {
  const kind: K = query.kind
  const { paths, fields } = QUERY_ROUTES[kind]
  const written = encoded(fields, query, ['kind'])
  return { method: 'GET', path: addressOf(paths[0], written, Object.keys(written)) }
}

/**
 * An answer, once it has the shape that is expected; what is more in it is passed on.
 * @param what the answer, for people. @param versions of both ends, where they are known
 * @throws OperatorError naming each field that does not fit
 */
export function understood<T>(shape: z.ZodType<T>, answer: unknown, what: string, versions?: string): T {
  const parsed = shape.safeParse(answer)
  if (parsed.success) return parsed.data
  const fault = misfitWords(parsed.error, 'the answer')
  throw new OperatorError(
    `${what} cannot be read`,
    versions === undefined ? fault : `${versions} (${fault})`,
    'use the version of onay that the room has',
    'other_version',
    502,
  )
}

/** The fields of a command or query as JSON has them. @throws OperatorError 422 naming each that does not fit */
function encoded(fields: z.ZodType, asked: object, without: readonly string[]): Readonly<Record<string, unknown>> {
  const taken = Object.fromEntries(Object.entries(asked).filter(([name]) => !without.includes(name)))
  const written = z.safeEncode(fields, taken)
  if (!written.success) throw misfit(written.error, 'request')
  return Fields.parse(written.data)
}

/** The path with its fields filled in, and those of the query behind it. */
function addressOf(path: string, written: Readonly<Record<string, unknown>>, query: readonly string[]): string {
  const inPath = namesIn(path)
  const filled = path.replaceAll(PARAMETER, (_, name: string) => encodeURIComponent(UrlValue.parse(written[name])))
  const parameters = new URLSearchParams()
  for (const name of query) {
    const value = written[name]
    if (!inPath.includes(name) && value !== undefined) parameters.append(name, String(UrlValue.parse(value)))
  }
  return parameters.size === 0 ? filled : `${filled}?${parameters.toString()}`
}
