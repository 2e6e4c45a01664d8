import { failed, refused, type DeliveryResult } from './channel.ts'
import { redact, splitLogin } from './secret.ts'

const MAX_ANSWER_BYTES = 65_536

interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** From the first byte sent to the last one read. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type HttpResult =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'failed'; readonly why: string }

/** One request; never rejects, follows no redirect, and says nothing of the address, for that may be a secret. */
export async function ask(request: HttpRequest): Promise<HttpResult> {
  const { timeoutMs, signal, method, body } = request
  const { url, authorization } = splitLogin(request.url)
  const stop = new AbortController()
  const end = (): void => stop.abort()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  let late = false
  const timer = setTimeout(() => {
    late = true
    end()
  }, timeoutMs)
  try {
    const response = await fetch(url, {
      method,
      headers: { 'user-agent': 'onay', ...request.headers, ...(authorization === null ? {} : { authorization }) },
      ...(body === undefined ? {} : { body }),
      // Followed, it could hand the message and its signature to anyone.
      redirect: 'manual',
      signal: stop.signal,
    })
    const text = await textOf(response)
    return { kind: 'answered', status: response.status, text, retryAfterMs: retryAfter(response.headers) }
  } catch (error) {
    if (late) return { kind: 'failed', why: `did not answer within ${timeoutMs} ms` }
    return { kind: 'failed', why: signal.aborted ? 'was cut off: the room is closing' : unreachable(error) }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

/** What a status means for a message, where the server has no language of its own. */
export function judgeStatus(result: HttpResult): DeliveryResult {
  if (result.kind === 'failed') return failed(result.why)
  const { status, retryAfterMs } = result
  if (status >= 200 && status < 300) return { ok: true }
  if (status === 301 || status === 308) return refused(`has moved for good (${status}): configure its new address`)
  if (status < 400) return failed(`redirects (${status}), which is not followed`)
  if (status === 408 || status === 429 || status >= 500) return failed(`answered ${status}`, retryAfterMs)
  return refused(`answered ${status}`)
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop cancels what is still to come.
  for await (const part of response.body ?? []) {
    parts.push(part)
    bytes += part.byteLength
    if (bytes > MAX_ANSWER_BYTES) break
  }
  return Buffer.concat(parts).toString('utf8')
}

/** In seconds, as servers that limit a rate say it; the other form, a date, would need the server's clock. */
function retryAfter(headers: Headers): number | null {
  const text = headers.get('retry-after')
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : null
}

/** The cause of a failed fetch, by its code where it has one: its message may contain the address. */
function unreachable(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  if (!(cause instanceof Error)) return 'cannot be reached'
  return `cannot be reached (${'code' in cause ? String(cause.code) : redact(cause.message)})`
}
