import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as SecureAgent, request as httpsRequest } from 'node:https'
import type { Catalogue } from '../engine/features/catalogue.ts'
import type { Stopwatch } from '../engine/kernel/clock.ts'
import type { HttpWeights, RemoteFault, RemoteModel, RemoteReply } from '../engine/models/contract.ts'
import { inferBody, inferPath, scoresOf } from '../engine/models/inference-protocol.ts'

/** Between two requests under load: rows that come meanwhile share the next one. A lone row never waits. */
const SPACING_MS = 5
/** Pause between requests to a server whose last answer was an error; one at a time, so a dead server costs at most its budget. */
const FAILING_SPACING_MS = 40
/** Requests under way at once; rows that come meanwhile share the next one. */
const MAX_IN_FLIGHT = 4
/** Rows that wait; a server that is so far behind would not answer them in time. */
const MAX_WAITING = 4_000
/**
 * What an answer may hold: the protocol's frame and a few other outputs, and for each row a score written out in full with others
 * beside it. Parsing that much takes no caller's time; a megabyte would take a tenth of a second of everybody's.
 */
const FRAME_BYTES = 16_384
const ROW_BYTES = 256

interface HttpModelParts {
  readonly stopwatch: Stopwatch
  /** Of the rows that it is asked of. */
  readonly catalogue: Catalogue
  /** From asking to the score; later ones are timeouts. */
  readonly budgetMs: number
}

interface WaitingRow {
  readonly values: Float64Array
  readonly askedMs: number
  /** Called exactly once. */
  readonly onReply: (reply: RemoteReply) => void
}

/**
 * A model server of the user's own that speaks the Open Inference Protocol. Rows that are asked about while requests are
 * under way share the next one, so that a slow server costs the room a few requests and never one for each prediction.
 */
export function httpModel(weights: HttpWeights, parts: HttpModelParts): RemoteModel {
  const { version, features, threshold } = weights
  const places = parts.catalogue.places(features)
  const queue = new RowQueue(weights, places, parts)
  return { version, kind: 'http', features, places, threshold, ask: (values, onReply) => queue.ask(values, onReply) }
}

class RowQueue {
  private waiting: WaitingRow[] = []
  private inFlight = 0
  private scheduled = false
  private sentMs = Number.NEGATIVE_INFINITY
  private spacingMs = SPACING_MS
  private sweeper: NodeJS.Timeout | null = null
  private readonly agent: Agent

  constructor(
    private readonly weights: HttpWeights,
    private readonly places: Int32Array,
    private readonly parts: HttpModelParts,
  ) {
    const options = { keepAlive: true, maxSockets: MAX_IN_FLIGHT }
    this.agent = weights.url.startsWith('https:') ? new SecureAgent(options) : new Agent(options)
  }

  ask(values: Float64Array, onReply: (reply: RemoteReply) => void): void {
    const askedMs = this.parts.stopwatch()
    if (this.waiting.length >= MAX_WAITING) {
      onReply({ ok: false, fault: 'timeout', latencyMs: 0 })
      return
    }
    this.waiting.push({ values, askedMs, onReply })
    this.sendSoon()
    this.sweepSoon()
  }

  private sendSoon(): void {
    if (this.scheduled || this.inFlight >= this.maxInFlight || this.waiting.length === 0) return
    this.scheduled = true
    const waitMs = this.sentMs + this.spacingMs - this.parts.stopwatch()
    if (waitMs > 0) setTimeout(() => this.sendWaiting(), waitMs)
    else setImmediate(() => this.sendWaiting())
  }

  private get maxInFlight(): number {
    return this.spacingMs === FAILING_SPACING_MS ? 1 : MAX_IN_FLIGHT
  }

  private sendWaiting(): void {
    this.scheduled = false
    this.sentMs = this.parts.stopwatch()
    while (this.waiting.length > 0 && this.inFlight < this.maxInFlight)
      this.send(this.waiting.splice(0, this.weights.batch))
    if (this.waiting.length === 0) this.stopSweeper()
  }

  private send(batch: readonly WaitingRow[]): void {
    this.inFlight++
    const newest = batch.at(-1)?.askedMs ?? 0
    const leftMs = Math.max(1, newest + this.parts.budgetMs - this.parts.stopwatch())
    const body = inferBody(
      this.weights,
      this.places,
      batch.map((row) => row.values),
    )
    const mostBytes = FRAME_BYTES + batch.length * ROW_BYTES
    const { agent } = this
    post({ url: this.weights.url + inferPath(this.weights), agent, body, leftMs, mostBytes }, (answer) => {
      this.inFlight--
      const scores = typeof answer === 'string' ? null : scoresOf(answer.text, batch.length, this.weights.output)
      this.spacingMs = scores === null ? FAILING_SPACING_MS : SPACING_MS
      const fault = typeof answer === 'string' ? answer : 'garbage'
      batch.forEach((row, i) => this.reply(row, scores === null ? fault : (scores[i] ?? Number.NaN)))
      this.sendSoon()
    })
  }

  private reply({ askedMs, onReply }: WaitingRow, answer: number | RemoteFault): void {
    const latencyMs = this.parts.stopwatch() - askedMs
    if (typeof answer !== 'number') onReply({ ok: false, fault: answer, latencyMs })
    else if (latencyMs > this.parts.budgetMs) onReply({ ok: false, fault: 'timeout', latencyMs })
    else onReply({ ok: true, score: answer, latencyMs })
  }

  private stopSweeper(): void {
    if (this.sweeper !== null) clearTimeout(this.sweeper)
    this.sweeper = null
  }

  /** A row that waits longer than the budget gets a timeout and is not sent any more. */
  private sweepSoon(): void {
    const oldest = this.waiting[0]
    if (oldest === undefined || this.sweeper !== null) return
    const leftMs = oldest.askedMs + this.parts.budgetMs - this.parts.stopwatch()
    this.sweeper = setTimeout(
      () => {
        this.sweeper = null
        const limit = this.parts.stopwatch() - this.parts.budgetMs
        let late = 0
        while ((this.waiting[late]?.askedMs ?? Number.POSITIVE_INFINITY) <= limit) late++
        for (const row of this.waiting.splice(0, late)) this.reply(row, 'timeout')
        this.sweepSoon()
      },
      Math.max(1, Math.ceil(leftMs)),
    )
  }
}

interface PostRequest {
  readonly url: string
  readonly agent: Agent
  readonly body: string
  readonly leftMs: number
  /** An answer of more is garbage. */
  readonly mostBytes: number
}

/** One request to the server. @param onAnswer called exactly once, with the text of a 200 or what went wrong */
function post(
  { url, agent, body, leftMs, mostBytes }: PostRequest,
  onAnswer: (answer: { readonly text: string } | RemoteFault) => void,
): void {
  let ended = false
  let request: ClientRequest | null = null
  const end = (answer: { readonly text: string } | RemoteFault): void => {
    if (ended) return
    ended = true
    clearTimeout(timer)
    // A connection whose answer was read in full is kept for the next request.
    if (typeof answer === 'string' && answer !== 'status') request?.destroy()
    onAnswer(answer)
  }
  const timer = setTimeout(() => end('timeout'), leftMs)
  const send = (again: boolean): void => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, { method: 'POST', agent, headers })
    request = sent
    sent.on('response', (response) => read(response, mostBytes, end))
    sent.on('error', () => {
      // The server had closed the kept connection before this request reached it: it has not refused anything.
      if (!ended && !again && sent.reusedSocket) send(true)
      else end('unreachable')
    })
    sent.end(body)
  }
  send(false)
}

function read(
  response: IncomingMessage,
  mostBytes: number,
  end: (answer: { readonly text: string } | RemoteFault) => void,
): void {
  if (response.statusCode !== 200) {
    if (Number(response.headers['content-length'] ?? Number.NaN) <= mostBytes) response.resume()
    else response.destroy()
    response.on('error', () => undefined)
    end('status')
    return
  }
  const parts: Buffer[] = []
  let bytes = 0
  response.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > mostBytes) end('garbage')
    else parts.push(part)
  })
  response.on('end', () => end({ text: Buffer.concat(parts).toString('utf8') }))
  response.on('error', () => end('unreachable'))
}
