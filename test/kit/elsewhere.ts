import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import type { RemoteModel, RemoteReply } from '../../src/engine/models/contract.ts'

/** A model of another server that answers when the test says so. */
export class Elsewhere implements RemoteModel {
  readonly kind = 'http'
  readonly features = ['mid'] as const
  readonly places = builtInCatalogue.places(['mid'])
  readonly threshold = 0.6
  private readonly waiting: ((reply: RemoteReply) => void)[] = []

  constructor(readonly version: string) {}

  ask(_: Float64Array, onReply: (reply: RemoteReply) => void): void {
    this.waiting.push(onReply)
  }

  get asked(): number {
    return this.waiting.length
  }

  reply(reply: RemoteReply): void {
    for (const onReply of this.waiting.splice(0)) onReply(reply)
  }
}

/** Whatever was due at once has been done. */
export const turns = async (n = 4): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise<void>((resolve) => void setImmediate(resolve))
}
