import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { holderOf } from '../db/lock.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'

const TIMEOUT_MS = 600_000

const Failure = z.object({ error: z.object({ code: z.string(), message: z.string(), next: z.string() }) })

/**
 * Asks the room that runs on a data directory; null when none runs there. The answer is the room's own document.
 * @throws OperatorError with what the room refused, or when it holds the directory and does not answer
 */
export async function roomAnswer<T>(
  dataDir: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<T | null> {
  const holder = holderOf(dataDir)
  if (holder === null || holder.url === null) return null
  const token = tokenOf(dataDir)
  let response: Response
  try {
    response = await fetch(`${holder.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (error) {
    throw new OperatorError(
      `the room at ${holder.url} does not answer`,
      messageOf(error),
      `look at process ${holder.pid}`,
      'no_answer',
      503,
    )
  }
  const answer: unknown = await response.json()
  if (response.ok) return answer as T
  const failure = Failure.safeParse(answer)
  if (!failure.success)
    throw new OperatorError(
      'the room refused',
      `status ${response.status}`,
      'look at its log',
      'refused',
      response.status,
    )
  const { code, message, next } = failure.data.error
  throw new OperatorError(message, `the room answered ${response.status}`, next, code, response.status)
}

function tokenOf(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, 'token'), 'utf8').trim()
  } catch {
    return null
  }
}
