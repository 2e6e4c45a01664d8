/** A server of HTTP on loopback that hears everything it is asked, and answers as it likes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export abstract class LoopbackServer {
  private readonly sockets = new Set<Socket>()
  private readonly server: Server

  constructor() {
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
    this.answer(request, Buffer.concat(parts).toString('utf8'), response)
  }

  protected abstract answer(request: IncomingMessage, body: string, response: ServerResponse): void
}
