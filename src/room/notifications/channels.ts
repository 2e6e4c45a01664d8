import { randomUUID } from 'node:crypto'
import { notFound } from '../../engine/kernel/errors.ts'
import { failed, type Channel, type ChannelName, type Message } from '../../notify/channel.ts'
import { command } from '../../notify/command.ts'
import { pingOf, type Ping } from '../../notify/ping.ts'
import { Secret } from '../../notify/secret.ts'
import { telegram } from '../../notify/telegram.ts'
import { webhook } from '../../notify/webhook.ts'
import { addressFrom, keyFrom, tokenFrom, type Environment, type NotifyConfig } from '../config/notify-config.ts'

/** The channels that are configured, broken ones among them: nothing of the room waits for them to be put right. */
export function channelsOf(config: NotifyConfig, env: Environment): Channel[] {
  const found: Channel[] = []
  const { timeout_ms: timeoutMs } = config
  if (config.webhook !== null) {
    const { url, url_env, secret, secret_env } = config.webhook
    const address = addressFrom(url, url_env, env, 'webhook.url_env')
    const key = keyFrom(secret, secret_env, env)
    if (!(address instanceof Secret)) found.push(broken('webhook', address.fault))
    else if (key !== null && !(key instanceof Secret)) found.push(broken('webhook', key.fault))
    else found.push(webhook({ url: address, key, timeoutMs }))
  }
  if (config.telegram !== null) {
    const { token, token_env, chat_id: chatId, base_url: baseUrl } = config.telegram
    const bot = tokenFrom(token, token_env, env)
    found.push(
      bot instanceof Secret ? telegram({ token: bot, chatId, baseUrl, timeoutMs }) : broken('telegram', bot.fault),
    )
  }
  if (config.command !== null) {
    const [program, ...args] = config.command
    found.push(command({ program, args, timeoutMs }))
  }
  return found
}

/** The dead man's ping; null when none is configured. */
export function pingFor(config: NotifyConfig, env: Environment): Ping | null {
  if (config.dead_man === null) return null
  const { url, url_env } = config.dead_man
  const address = addressFrom(url, url_env, env, 'dead_man.url_env')
  return address instanceof Secret ? pingOf(address, config.timeout_ms) : () => Promise.resolve(failed(address.fault))
}

/** Its messages are kept and tried again, for the next start may bring what is missing. */
function broken(name: ChannelName, fault: string): Channel {
  return { name, broken: fault, send: () => Promise.resolve(failed(fault)) }
}

/** What came of one test message. */
export interface TestedChannel {
  readonly channel: ChannelName
  readonly ok: boolean
  readonly said: string
}

/**
 * Sends one message through each channel at once, or through the one that is named.
 * @throws OperatorError when none is configured, or not that one
 */
export function testChannels(
  channels: readonly Channel[],
  only: string | undefined,
  message: Message,
  signal: AbortSignal,
): Promise<TestedChannel[]> {
  const chosen = channels.filter((channel) => only === undefined || channel.name === only)
  if (chosen.length === 0) {
    const have =
      channels.length === 0 ? 'none is configured' : `there is ${channels.map(({ name }) => name).join(', ')}`
    throw notFound(
      only === undefined ? 'there is no channel to test' : `there is no channel ${only}`,
      have,
      'configure one under notify: webhook, telegram or command',
      'no_channel',
    )
  }
  const id = `test-${randomUUID()}`
  return Promise.all(
    chosen.map(async (channel) => {
      const delivered = await channel.send({ ...message, id }, signal)
      return { channel: channel.name, ok: delivered.ok, said: delivered.ok ? 'delivered' : delivered.why }
    }),
  )
}
