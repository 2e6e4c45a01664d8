/** A server that messages are sent to, and every way in which one can refuse them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LoopbackServer } from './loopback-server.ts'

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

export class Receiver extends LoopbackServer {
  manner: Manner = GOOD
  readonly received: Received[] = []
  url = ''

  override async listen(): Promise<string> {
    this.url = await super.listen()
    return this.url
  }

  protected override answer(request: IncomingMessage, body: string, response: ServerResponse): void {
    const { manner } = this
    const { method = '', url: path = '', headers } = request
    this.received.push({ method, path, headers, body })
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
