/** A server that messages are sent to, and every way in which one can refuse them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type Manner =
  | { readonly kind: 'good' }
  /** Takes the request and never answers. */
  | { readonly kind: 'hangs' }
  /** Begins an answer and never ends it. */
  | { readonly kind: 'drips' }
  | { readonly kind: 'closes' }
  | {
      readonly kind: 'answers'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export const GOOD: Manner = { kind: 'good' }

export class Receiver {
  manner: Manner = GOOD
  readonly received: Received[] = []
  url = ''
  private readonly sockets = new Set<Socket>()
  private readonly server: Server

  constructor() {
    this.server = createServer((request, response) => void this.take(request, response))
    this.server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => {
        // An address of a server on a port is always an object.
        this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
        resolve()
      })
    })
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { manner } = this
    const parts: Buffer[] = []
    for await (const part of request) parts.push(Buffer.from(part))
    const { method = '', url: path = '', headers } = request
    this.received.push({ method, path, headers, body: Buffer.concat(parts).toString('utf8') })
    switch (manner.kind) {
      case 'good':
        response.end('{"ok":true}')
        return
      case 'hangs':
        return
      case 'drips':
        response.write('{"ok":')
        return
      case 'closes':
        response.destroy()
        return
      case 'answers':
        response.writeHead(manner.status, manner.headers).end(manner.body ?? '')
    }
  }
}
