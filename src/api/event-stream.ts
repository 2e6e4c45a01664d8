/** The other end of `GET /events`: one connection, read until it ends. */
import { createParser } from 'eventsource-parser'
import * as z from 'zod'
import type { EventView } from '../control/view.ts'
import { authorization, networkWhy, refusal, type Address } from './http-request.ts'
import { BEAT_MS } from './event-hub.ts'
import { EventShape } from './shapes/shape-view.ts'

/** A room beats every ten seconds; one that is silent for this long is gone. */
const SILENCE_MS = 3 * BEAT_MS
const MAX_MESSAGE_CHARS = 1_000_000

const Hello = z.object({ newest: z.number().int().nonnegative() })
export type Hello = z.infer<typeof Hello>

interface Heard {
  onHello(hello: Hello): void
  onEvent(event: EventView): void
}

/** Takes the text of a stream in pieces of any size, and passes on each whole message. @throws when a room did not send it */
export function eventReader(heard: Heard): { readonly feed: (text: string) => void; readonly closing: () => boolean } {
  let closing = false
  let fault: unknown = null
  const parser = createParser({
    maxBufferSize: MAX_MESSAGE_CHARS,
    onEvent: ({ event, data }) => {
      try {
        if (event === 'hello') heard.onHello(Hello.parse(JSON.parse(data)))
        else if (event === 'closing') closing = true
        else if (event === undefined) heard.onEvent(EventShape.parse(JSON.parse(data)))
      } catch (error) {
        fault ??= error
      }
    },
  })
  return {
    feed: (text) => {
      parser.feed(text)
      if (fault !== null) throw new Error('it sent something that this screen cannot read')
    },
    closing: () => closing,
  }
}

/**
 * Reads until the stream ends, and says why it did: the room closed it, it was cut, or it went silent.
 * @param lastId the last id that is known here; null begins with what happens from now on
 * @throws OperatorError when the room does not open a stream, and what cut the connection before that
 */
export async function listen(
  address: Address,
  lastId: number | null,
  heard: Heard,
  signal: AbortSignal,
): Promise<string> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), SILENCE_MS)
  try {
    const response = await fetch(`${address.url}/events`, {
      headers: {
        accept: 'text/event-stream',
        ...authorization(address),
        ...(lastId === null ? {} : { 'last-event-id': String(lastId) }),
      },
      signal: AbortSignal.any([signal, silence.signal]),
    })
    if (!response.ok || response.body === null || !isStream(response)) {
      // An answer that is not JSON does not come from a room: `refusal` says so.
      const answer: unknown = await response.json().catch(() => undefined)
      throw refusal(address.url, response.status, answer)
    }
    const reader = eventReader(heard)
    const decoder = new TextDecoder()
    try {
      for await (const piece of response.body) {
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), SILENCE_MS)
        reader.feed(decoder.decode(piece, { stream: true }))
      }
    } catch (error) {
      return silence.signal.aborted ? 'it has gone silent' : networkWhy(error)
    }
    return reader.closing() ? 'the room was closed' : 'the connection was cut'
  } finally {
    clearTimeout(timer)
  }
}

function isStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
}
