import type { DeliveryResult } from './channel.ts'
import { ask, judgeStatus } from './post.ts'
import type { Secret } from './secret.ts'

/** Tells a dead man's switch that the room lives; it raises the alarm itself when it hears nothing for too long. */
export type Ping = (signal: AbortSignal) => Promise<DeliveryResult>

export function pingOf(url: Secret, timeoutMs: number): Ping {
  return async (signal) => judgeStatus(await ask({ method: 'GET', url: url.reveal(), timeoutMs, signal }))
}
