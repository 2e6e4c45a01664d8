/** One request to a room over HTTP, and what went wrong with it in words for people. */
import * as z from 'zod'
import { messageOf, OperatorError, unavailable } from '../engine/kernel/errors.ts'

export interface Address {
  readonly url: string
  readonly token: string | null
}

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: object | undefined
}

const Failure = z
  .object({ error: z.object({ code: z.string(), message: z.string(), next: z.string() }) })
  .catchall(z.looseObject({}))

/**
 * The room's answer, as JSON has it.
 * @throws OperatorError of code `no_answer` when none came, of `not_onay` when a room did not send it, else what the room refused
 */
export async function askAt(address: Address, question: Question, signal: AbortSignal): Promise<unknown> {
  const { method, path, body } = question
  let response: Response
  let answer: unknown
  try {
    response = await fetch(`${address.url}${path}`, {
      method,
      headers: {
        ...authorization(address),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    })
    answer = parsed(await response.text())
  } catch (error) {
    throw noAnswer(address.url, error)
  }
  if (response.ok && answer !== undefined) return answer
  throw refusal(address.url, response.status, answer)
}

export function authorization({ token }: Address): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/** The error that a failed request stands for. @param answer its JSON; undefined when it was not JSON */
export function refusal(url: string, status: number, answer: unknown): OperatorError {
  const failure = Failure.safeParse(answer)
  if (!failure.success)
    return new OperatorError(
      `the server at ${url} is not an onay room`,
      `it answered with status ${status}, and not as a room does`,
      'check the address',
      'not_onay',
      502,
    )
  const { error, ...documents } = failure.data
  const { code, message, next } = error
  // The room's server has joined what and why.
  const [what = message, ...why] = message.split(': ')
  return new OperatorError(what, why.join(': ') || `the room answered ${status}`, next, code, status, documents)
}

function noAnswer(url: string, error: unknown): OperatorError {
  return unavailable(
    `the room at ${url} does not answer`,
    networkWhy(error),
    'check that it is running, and see its log',
    'no_answer',
  )
}

/** The one reason that means that the request has not reached a room. */
export const NOTHING_LISTENS = 'nothing listens there'

const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: NOTHING_LISTENS,
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTFOUND: 'no machine has this name',
  EAI_AGAIN: 'the name cannot be looked up',
  EHOSTUNREACH: 'the machine cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
}

/** Why a request got no answer. */
export function networkWhy(error: unknown): string {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))
    return 'no answer in time'
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return WHY[code] ?? (cause instanceof Error ? cause.message : messageOf(error))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
