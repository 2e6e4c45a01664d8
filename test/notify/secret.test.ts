import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/evidence/canonical.ts'
import { failed, refused } from '../../src/notify/channel.ts'
import { redact, Secret, secretAddress, secretText } from '../../src/notify/secret.ts'
import { defaultConfig } from '../../src/room/config/config.ts'
import { CONFIG_FILE, loadConfig, shownConfig } from '../../src/room/config/load-config.ts'
import { channelsOf, pingFor } from '../../src/room/notifications/channels.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'
import { inWords, parcelOf } from '../kit/parcels.ts'

const fresh = freshDirectories()
const TOKEN = '998877:AAverySecretBotToken'
const KEY = 'hmac-"quoted"-key'
const HOOK = 'https://hooks.example.com/services/T000/B000/aVerySecretPath?sig=signature%2Fvalue'
const PING = 'https://ada:pa55word%21@ping.example.org/dead-man-uuid'

function configured(notify: object): string {
  const dir = fresh()
  mkdirSync(dir)
  writeFileSync(join(dir, CONFIG_FILE), JSON.stringify({ notify }))
  return dir
}

const load = (notify: object) => loadConfig(undefined, configured(notify))

describe('a secret', () => {
  it('shows itself in no text, JSON, inspection or template', () => {
    const secret = new Secret('open sesame')
    for (const text of [String(secret), JSON.stringify({ secret }), inspect(secret), inspect({ secret })]) {
      expect(text).toContain('[hidden]')
      expect(text).not.toContain('sesame')
    }
    expect(secret.reveal()).toBe('open sesame')
  })

  it('is refused by canonical JSON as it is, so that no evidence can hold it by mistake', () => {
    expect(() => canonicalJson({ secret: new Secret('open sesame') })).toThrow('a Secret')
  })

  it('is struck out of any text that it stands in, in every form that it takes there', () => {
    const forms = (value: string): string[] => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]
    fc.assert(
      fc.property(
        fc.string({
          minLength: 8,
          maxLength: 40,
          unit: fc.constantFrom('a', 'Z', '0', '-', '_', ':', '/', '"', '\\', ' ', 'ü', '%'),
        }),
        fc.string(),
        fc.string(),
        (value, before, after) => {
          secretText(value)
          for (const form of forms(value)) expect(redact(`${before}${form}${after}`)).not.toContain(form)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('of an address is its path, its query, its name and its password too', () => {
    secretAddress(HOOK)
    secretAddress(PING)
    const login = Buffer.from('ada:pa55word!').toString('base64')
    const leaks = [
      `Failed to parse URL from ${HOOK}`,
      'POST /services/T000/B000/aVerySecretPath?sig=signature%2Fvalue HTTP/1.1',
      'at aVerySecretPath',
      'signature/value',
      'getaddrinfo ENOTFOUND hooks.example.com',
      'pa55word! pa55word%21 dead-man-uuid',
      `Basic ${login}`,
    ]
    for (const leak of leaks) {
      const left = redact(leak)
      expect(left).toContain('[hidden]')
      for (const piece of ['aVerySecretPath', 'signature', 'hooks.example', 'pa55word', 'dead-man-uuid', login])
        expect(left).not.toContain(piece)
    }
  })

  it('leaves innocent texts as they are', () => {
    secretAddress('http://127.0.0.1:4010/hook')
    expect(redact('onay listens on http://127.0.0.1:4010, a hook')).toBe(
      'onay listens on http://127.0.0.1:4010, a hook',
    )
  })

  it('is struck out of what a channel says', () => {
    secretText(TOKEN)
    expect(inWords(failed(`fetch failed: /bot${TOKEN}/sendMessage`))).toBe(
      'again: fetch failed: /bot[hidden]/sendMessage',
    )
    expect(inWords(refused(TOKEN))).toBe('never: [hidden]')
  })
})

describe('the configuration of notifications', () => {
  const whole = {
    webhook: { url: HOOK, secret: KEY },
    telegram: { token: TOKEN, chat_id: -100 },
    command: ['/usr/bin/tell', '--password', 'arg-with-password'],
    dead_man: { url: PING },
  }

  it('hides every secret where it is shown and stamped into evidence', () => {
    const config = load(whole)
    const shown = shownConfig(config)
    for (const text of [JSON.stringify(config), canonicalJson(shown), inspect(config, { depth: 9 })]) {
      for (const secret of [HOOK, TOKEN, KEY, PING, 'arg-with-password', 'hooks.example', 'quoted'])
        expect(text).not.toContain(secret)
    }
    expect(shown).toMatchObject({
      notify: {
        min_severity: 'warning',
        webhook: { url: '[hidden]', secret: '[hidden]' },
        telegram: { token: '[hidden]', chat_id: '-100', base_url: 'https://api.telegram.org' },
        command: ['/usr/bin/tell', '[hidden]', '[hidden]'],
        dead_man: { url: '[hidden]', every_s: 60 },
      },
    })
  })

  it('names every field with its default, and tells nobody where nothing is configured', () => {
    const { notify } = defaultConfig()
    expect(notify).toEqual({
      min_severity: 'warning',
      on_replay: true,
      timeout_ms: 10_000,
      first_retry_ms: 5_000,
      last_retry_ms: 3_600_000,
      max_tries: 15,
      webhook: null,
      telegram: null,
      command: null,
      dead_man: null,
    })
    expect(channelsOf(notify, {})).toEqual([])
    expect(pingFor(notify, {})).toBeNull()
  })

  it('takes secrets from the environment, and keeps a channel that lacks its own for later', async () => {
    const { notify } = load({
      webhook: { url_env: 'HOOK_URL', secret_env: 'HOOK_KEY' },
      telegram: { token_env: 'BOT_TOKEN', chat_id: 'room' },
      dead_man: { url_env: 'PING_URL' },
    })
    const env = { HOOK_URL: HOOK, HOOK_KEY: KEY, BOT_TOKEN: `${TOKEN}\n`, PING_URL: PING }
    expect(channelsOf(notify, env).map(({ name, broken }) => [name, broken])).toEqual([
      ['webhook', null],
      ['telegram', null],
    ])
    const broken = channelsOf(notify, { HOOK_URL: 'not an address, but secret', BOT_TOKEN: '' })
    expect(broken.map((channel) => channel.broken)).toEqual([
      'the variable that notify.webhook.url_env names does not fit: an http or https address is needed',
      'the variable that notify.telegram.token_env names is not set',
    ])
    const { signal } = new AbortController()
    expect(inWords((await broken[1]?.send(parcelOf('x'), signal)) ?? { ok: true })).toBe(
      'again: the variable that notify.telegram.token_env names is not set',
    )
    expect(inWords((await pingFor(notify, {})?.(signal)) ?? { ok: true })).toBe(
      'again: the variable that notify.dead_man.url_env names is not set',
    )
  })

  const cases: readonly [what: string, notify: object, said: string][] = [
    ['a webhook without an address', { webhook: {} }, 'notify.webhook: either url or url_env is needed'],
    [
      'two addresses of one webhook',
      { webhook: { url: HOOK, url_env: 'X' } },
      'notify.webhook: either url or url_env is needed',
    ],
    ['an address that is none', { webhook: { url: 'secret://path' } }, 'an http or https address is needed'],
    [
      'a token where a name belongs',
      { telegram: { token_env: TOKEN, chat_id: 1 } },
      'the name of an environment variable',
    ],
    ['a token that is none', { telegram: { token: `${TOKEN}/../x`, chat_id: 1 } }, 'a bot token has letters'],
    ['a bot without a chat', { telegram: { token: TOKEN } }, 'notify.telegram.chat_id'],
    ['a key that is too short', { webhook: { url: HOOK, secret: 'short' } }, 'at least 8 characters are needed'],
    [
      'a login in the address that is shown',
      { telegram: { token: TOKEN, chat_id: 1, base_url: PING } },
      'no name or password may stand in it',
    ],
    ['an empty command', { command: [] }, 'notify.command'],
    ['a field that is not there', { webook: {} }, 'webook'],
  ]
  it.each(cases)('refuses %s, and says no secret with it', (_, notify, said) => {
    const error = refusal(() => load(notify))
    expect(error.message).toContain(said)
    for (const secret of [TOKEN, HOOK, PING, 'secret://path']) expect(error.message).not.toContain(secret)
  })

  it('quotes nothing of a file that is no JSON', () => {
    const dir = fresh()
    mkdirSync(dir)
    writeFileSync(join(dir, CONFIG_FILE), `{"url": ${HOOK}}`)
    const error = refusal(() => loadConfig(undefined, dir))
    expect(error.why).toBe(`Unexpected token 'h' is not valid JSON`)
  })
})
