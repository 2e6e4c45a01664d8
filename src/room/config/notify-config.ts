import { HOUR_MS } from '../../engine/kernel/units.ts'
import * as z from 'zod'
import { Secret, secretAddress, secretText } from '../../notify/secret.ts'
import { LONGEST_PAUSE_MS } from '../../notify/retry.ts'

const MAX_LENGTH = 2_000
/** Capitals only, so that a token that is written where its variable's name belongs is refused and never shown as a name. */
const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable in capitals is needed')
/** Shorter ones could not be struck out of a text without striking out half of it. */
const text = z.string().min(8, 'at least 8 characters are needed').max(MAX_LENGTH)
const token = text.regex(/^[A-Za-z0-9:_-]+$/, 'a bot token has letters, digits, colon, dash and underscore only')
const address = z
  .string()
  .max(MAX_LENGTH)
  .refine((value) => isHttp(value), 'an http or https address is needed')

/** The bot's token by itself or by a variable, and so on: one of the two, never both. */
const oneOf = (value: unknown, name: string): boolean => {
  const given = (key: string): boolean => typeof value === 'object' && value !== null && key in value
  return given(name) !== given(`${name}_env`)
}

/** Who is notified of what, and how. Secrets are given as they are or as the name of an environment variable. */
export const NotifyConfig = z
  .strictObject({
    min_severity: z
      .enum(['info', 'warning', 'critical'])
      .default('warning')
      .describe(
        'of alerts and canary events; approvals, promotions, rollbacks, reports and ends of canaries are always sent',
      ),
    on_replay: z.boolean().default(true).describe('whether recordings notify too'),
    timeout_ms: z.number().int().positive().max(120_000).default(10_000).describe('for one attempt'),
    first_retry_ms: z
      .number()
      .int()
      .positive()
      .max(LONGEST_PAUSE_MS)
      .default(5_000)
      .describe('first pause between attempts'),
    last_retry_ms: z
      .number()
      .int()
      .positive()
      .max(LONGEST_PAUSE_MS)
      .default(HOUR_MS)
      .describe('longest pause between attempts'),
    max_tries: z.number().int().positive().max(100).default(15).describe('attempts for one message'),
    webhook: z
      .strictObject({
        url: address.transform(secretAddress).optional(),
        url_env: variable.optional(),
        secret: text.transform(secretText).optional(),
        secret_env: variable.optional(),
      })
      .refine((value) => oneOf(value, 'url'), 'either url or url_env is needed')
      .refine((value) => !('secret' in value && 'secret_env' in value), 'either secret or secret_env, not both')
      .nullable()
      .default(null)
      .describe('`url` or `url_env`; `secret` or `secret_env` for the signature'),
    telegram: z
      .strictObject({
        token: token.transform(secretText).optional(),
        token_env: variable.optional(),
        chat_id: z.union([z.string().min(1), z.number().int()]).transform(String),
        /** Shown as it is: no login may stand in it. */
        base_url: address
          .refine((value) => !value.includes('@'), 'no name or password may stand in it')
          .default('https://api.telegram.org'),
      })
      .refine((value) => oneOf(value, 'token'), 'either token or token_env is needed')
      .nullable()
      .default(null)
      .describe('`token` or `token_env`; `chat_id`; `base_url`'),
    /** The program and its arguments, which may hold what it logs in with. */
    command: z
      .tuple(
        [z.string().min(1)],
        z.string().transform((arg) => new Secret(arg)),
      )
      .nullable()
      .default(null)
      .describe('a program and its arguments'),
    dead_man: z
      .strictObject({
        url: address.transform(secretAddress).optional(),
        url_env: variable.optional(),
        every_s: z.number().int().positive().max(86_400).default(60),
      })
      .refine((value) => oneOf(value, 'url'), 'either url or url_env is needed')
      .nullable()
      .default(null)
      .describe('`url` or `url_env`; `every_s` (60)'),
  })
  .prefault({})

export type NotifyConfig = z.infer<typeof NotifyConfig>

type Fault = { readonly fault: string }

/** What a field or its environment variable says; a fault names only the field, since its value may be a secret. */
export function addressFrom(
  given: Secret | undefined,
  name: string | undefined,
  env: Environment,
  field: string,
): Secret | Fault {
  return given ?? fromEnvironment(name, env, field, address.transform(secretAddress))
}

export function tokenFrom(given: Secret | undefined, name: string | undefined, env: Environment): Secret | Fault {
  return given ?? fromEnvironment(name, env, 'telegram.token_env', token.transform(secretText))
}

/** Null when none is wanted. */
export function keyFrom(given: Secret | undefined, name: string | undefined, env: Environment): Secret | Fault | null {
  if (given === undefined && name === undefined) return null
  return given ?? fromEnvironment(name, env, 'webhook.secret_env', text.transform(secretText))
}

export type Environment = Readonly<Record<string, string | undefined>>

function fromEnvironment(
  name: string | undefined,
  env: Environment,
  field: string,
  shape: z.ZodType<Secret>,
): Secret | Fault {
  const value = name === undefined ? undefined : env[name]
  if (value === undefined || value === '') return { fault: `the variable that notify.${field} names is not set` }
  const parsed = shape.safeParse(value.trim())
  if (parsed.success) return parsed.data
  return { fault: `the variable that notify.${field} names does not fit: ${parsed.error.issues[0]?.message ?? ''}` }
}

function isHttp(value: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(value).protocol)
  } catch {
    return false
  }
}
