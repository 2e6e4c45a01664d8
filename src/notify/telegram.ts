import { wholeCharacters } from '../engine/kernel/characters.ts'
import { isRecord, tryJson } from '../engine/kernel/json.ts'
import { failed, plainText, refused, type Channel, type DeliveryResult } from './channel.ts'
import { ask, judgeStatus, type HttpResult } from './post.ts'
import { redact, type Secret } from './secret.ts'

/** The longest text that Telegram takes, in UTF-16 units. */
const MAX_TEXT = 4_096
const MAX_DESCRIPTION = 200

interface TelegramParts {
  readonly token: Secret
  readonly chatId: string
  /** `https://api.telegram.org`, or a Bot API server of one's own. */
  readonly baseUrl: string
  readonly timeoutMs: number
}

/** Sends by a bot. Source: core.telegram.org/bots/api, "Making requests", "sendMessage", "ResponseParameters". */
export function telegram({ token, chatId, baseUrl, timeoutMs }: TelegramParts): Channel {
  return {
    name: 'telegram',
    broken: null,
    send: async (parcel, signal) => {
      // A cut may leave half of a surrogate pair, for which the whole message would be refused.
      const text = wholeCharacters(plainText(parcel).slice(0, MAX_TEXT), '')
      const body = JSON.stringify({ chat_id: chatId, text, link_preview_options: { is_disabled: true } })
      const url = `${baseUrl.replace(/\/+$/, '')}/bot${token.reveal()}/sendMessage`
      const headers = { 'content-type': 'application/json' }
      return judge(await ask({ method: 'POST', url, headers, body, timeoutMs, signal }))
    },
  }
}

function judge(result: HttpResult): DeliveryResult {
  if (result.kind === 'failed') return failed(result.why)
  const { status, text } = result
  const said = answerOf(text)
  if (status === 200)
    return said?.ok === true ? { ok: true } : failed('answered 200 without confirming that it was sent')
  const words = said?.description === undefined ? '' : ` (${said.description.slice(0, MAX_DESCRIPTION)})`
  // The Bot API answers 404 to a token that is not one, and 401 to one that was revoked.
  if (status === 401 || status === 404) return refused(`answered ${status}: the token is wrong${words}`)
  if (status === 429) return failed(`answered 429${words}`, said?.retryAfterMs ?? result.retryAfterMs)
  const judged = judgeStatus(result)
  return judged.ok ? judged : { ...judged, why: redact(`${judged.why}${words}`) }
}

interface Answer {
  readonly ok: boolean
  readonly description?: string
  readonly retryAfterMs: number | null
}

function answerOf(text: string): Answer | null {
  const value = tryJson(text)
  if (value === undefined) return null
  const ok = fieldOf(value, 'ok') === true
  const description = fieldOf(value, 'description')
  const seconds = fieldOf(fieldOf(value, 'parameters'), 'retry_after')
  return {
    ok,
    ...(typeof description === 'string' ? { description } : {}),
    retryAfterMs: typeof seconds === 'number' && seconds >= 0 ? seconds * 1_000 : null,
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}
