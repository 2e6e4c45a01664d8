import { createHmac } from 'node:crypto'
import type { Channel } from './channel.ts'
import { ask, judgeStatus } from './post.ts'
import type { Secret } from './secret.ts'

interface WebhookParts {
  readonly url: Secret
  /** Signs the body, so that the receiver knows whose it is; null sends it unsigned. */
  readonly key: Secret | null
  readonly timeoutMs: number
}

/** POSTs the message as JSON. Signed, the header `x-onay-signature` is `sha256=` and the HMAC-SHA256 of the body in hex. */
export function webhook({ url, key, timeoutMs }: WebhookParts): Channel {
  return {
    name: 'webhook',
    broken: null,
    send: async (parcel, signal) => {
      const body = JSON.stringify(parcel)
      const headers = {
        'content-type': 'application/json',
        'x-onay-delivery': parcel.id,
        ...(key === null ? {} : { 'x-onay-signature': signatureOf(body, key.reveal()) }),
      }
      return judgeStatus(await ask({ method: 'POST', url: url.reveal(), headers, body, timeoutMs, signal }))
    },
  }
}

export function signatureOf(body: string, key: string): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`
}
