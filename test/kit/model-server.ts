/** A model server that speaks the Open Inference Protocol, and every way in which one can let its callers down. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LoopbackServer } from './loopback-server.ts'

/** How long a slow server takes, ms: beyond what any limit here lets pass. */
const SLOW_MS = 150

export type Manner =
  | 'good'
  | 'slow'
  | 'hangs'
  | 'drips'
  | 'closes'
  | 'breaks off'
  | 'errs'
  | 'redirects'
  | 'null'
  | 'NaN'
  | 'beyond 1'
  | 'too few'
  | 'texts'
  | 'html'
  | 'empty'
  | 'endless'
  | 'a megabyte'

/** What each comes to for a caller: a fault of the model, never more. */
export const FAULTS: readonly (readonly [Exclude<Manner, 'good' | 'slow'>, fault: string])[] = [
  ['hangs', 'timeout'],
  ['drips', 'timeout'],
  ['closes', 'unreachable'],
  ['breaks off', 'unreachable'],
  ['errs', 'status'],
  ['redirects', 'status'],
  ['null', 'nan'],
  ['NaN', 'nan'],
  ['beyond 1', 'range'],
  ['too few', 'garbage'],
  ['texts', 'garbage'],
  ['html', 'garbage'],
  ['empty', 'garbage'],
  ['endless', 'garbage'],
  ['a megabyte', 'garbage'],
]

interface Question {
  readonly inputs: readonly [{ readonly shape: readonly [number, number]; readonly data: readonly number[] }]
}

export class ModelServer extends LoopbackServer {
  manner: Manner = 'good'
  /** Bodies of the questions so far. */
  readonly asked: string[] = []

  /** @param score of one row, its features in the model's order */
  constructor(private readonly score: (row: readonly number[]) => number) {
    super()
  }

  protected override answer(_: IncomingMessage, body: string, response: ServerResponse): void {
    this.asked.push(body)
    const { inputs } = JSON.parse(body) as Question
    const [rows, features] = inputs[0].shape
    const scores = Array.from({ length: rows }, (_, i) =>
      this.score(inputs[0].data.slice(i * features, (i + 1) * features)),
    )
    this.send(response, scores)
  }

  private send(response: ServerResponse, scores: readonly number[]): void {
    const say = (data: unknown): void => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ outputs: [{ name: 'score', shape: [scores.length], datatype: 'FP64', data }] }))
    }
    switch (this.manner) {
      case 'good':
        return say(scores)
      case 'slow':
        setTimeout(() => say(scores), SLOW_MS)
        return
      case 'hangs':
        return
      case 'drips':
        response.write('{"outputs":')
        return
      case 'closes':
        response.destroy()
        return
      case 'breaks off':
        response.setHeader('content-length', '100')
        response.write('{"outputs":', () => response.destroy())
        return
      case 'errs':
        response.statusCode = 500
        return say(scores)
      case 'redirects':
        response.writeHead(302, { location: '/elsewhere' }).end()
        return
      case 'null':
        return say(scores.map(() => null))
      case 'NaN':
        response.end(`{"outputs":[{"name":"score","data":[${scores.map(() => 'NaN').join()}]}]}`)
        return
      case 'beyond 1':
        return say(scores.map(() => 1.5))
      case 'too few':
        return say(scores.slice(1))
      case 'texts':
        return say(scores.map(String))
      case 'html':
        response.end('<html>Bad gateway</html>')
        return
      case 'empty':
        response.end()
        return
      case 'endless':
        response.end('x'.repeat(2 << 20))
        return
      case 'a megabyte':
        // Right but for its size: parsing it would hold everybody up.
        response.end(JSON.stringify({ outputs: [{ name: 'score', data: scores }], parameters: '['.repeat(1 << 20) }))
    }
  }
}
