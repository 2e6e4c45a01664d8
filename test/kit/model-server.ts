/** A model server that speaks the Open Inference Protocol, and every way in which one can let its callers down. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type Manner =
  | 'good'
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

/** What each comes to for a caller: a fault of the model, never more. */
export const FAULTS: readonly (readonly [Exclude<Manner, 'good'>, fault: string])[] = [
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
]

interface Question {
  readonly inputs: readonly [{ readonly shape: readonly [number, number]; readonly data: readonly number[] }]
}

export class ModelServer {
  manner: Manner = 'good'
  /** Bodies of the questions so far. */
  readonly asked: string[] = []
  private readonly sockets = new Set<Socket>()
  private readonly server: Server

  /** @param score of one row, its features in the model's order */
  constructor(private readonly score: (row: readonly number[]) => number) {
    this.server = createServer((request, response) => void this.take(request, response))
    this.server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }

  /** @returns its address */
  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => {
        // An address of a server on a port is always an object.
        resolve(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`)
      })
    })
  }

  /** As a server does that has waited long enough: connections that are kept are closed. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  close(): Promise<void> {
    this.dropConnections()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(Buffer.from(part))
    const body = Buffer.concat(parts).toString('utf8')
    this.asked.push(body)
    const { inputs } = JSON.parse(body) as Question
    const [rows, features] = inputs[0].shape
    const scores = Array.from({ length: rows }, (_, i) =>
      this.score(inputs[0].data.slice(i * features, (i + 1) * features)),
    )
    this.answer(response, scores)
  }

  private answer(response: ServerResponse, scores: readonly number[]): void {
    const say = (data: unknown): void => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ outputs: [{ name: 'score', shape: [scores.length], datatype: 'FP64', data }] }))
    }
    switch (this.manner) {
      case 'good':
        return say(scores)
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
    }
  }
}
