import { ownToken } from '../db/own-token.ts'
import { REAL_PAUSES } from '../room/drivers/pace.ts'
import type { Command } from 'commander'
import type { Address } from '../api/http-request.ts'
import { RemoteRoom } from '../api/remote-room.ts'
import { greet, RoomLink } from '../api/room-link.ts'
import { holderOf } from '../db/lock.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { OperatorError, unavailable } from '../engine/kernel/errors.ts'
import { contextOf, withCommon, type CommonOptions, type Context } from './context.ts'
import type { Io } from './io.ts'

const DEFAULT_URL = 'http://127.0.0.1:4010'
const TOKEN_VARIABLE = 'ONAY_TOKEN'

interface AttachOptions extends CommonOptions {
  readonly token?: string
}

/** `onay attach`: the screen of a room that runs elsewhere. Quitting it stops nothing. */
export function addAttach(program: Command, io: Io): void {
  withCommon(program.command('attach [url]'))
    .description('the screen of a running room, over HTTP; default the room of the data directory, else port 4010')
    .option('--token <token>', `to change things; else ${TOKEN_VARIABLE}, else the token of the data directory`)
    .action((url: string | undefined, options: AttachOptions) => attach(url, options, io))
}

async function attach(url: string | undefined, options: AttachOptions, io: Io): Promise<void> {
  const context = contextOf(options, io)
  const { refuseUnfit, show } = await import('./screen.ts')
  refuseUnfit('read without a screen: onay gates')
  const locate = addressOf(context, url, options.token)
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) io.signals.on(name, () => stop.abort())
  const link = new RoomLink({ locate, wall: wallClock, pause: REAL_PAUSES.wait }, await greeted(locate()))
  const kept = link.run(stop.signal)
  try {
    await show(new RemoteRoom(link, wallClock, context.version), context.symbol, stop)
  } finally {
    stop.abort()
    await kept
    io.endHungUp()
  }
}

/** @throws OperatorError saying what is there instead of a room, and how to start one */
async function greeted(address: Address): ReturnType<typeof greet> {
  try {
    return await greet(address)
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'no_answer') throw error
    throw unavailable(
      `no room answers at ${address.url}`,
      error.why,
      'start one with: onay serve, or give another address: onay attach URL',
      'no_room',
    )
  }
}

/**
 * Finds where the room is, now and whenever it is looked for again: the room of a directory may be restarted on another port.
 * Whether it is the room of a directory or of an address is settled here once, so that a screen never moves to another room.
 */
function addressOf({ dataDir, io }: Context, url: string | undefined, token: string | undefined): () => Address {
  const holder = holderOf(dataDir)
  const given = token ?? (io.env[TOKEN_VARIABLE] || null)
  if (url === undefined && holder !== null) return () => ({ url: urlIn(dataDir), token: given ?? ownToken(dataDir) })
  const at = url === undefined ? DEFAULT_URL : normalUrl(url)
  // The directory's own token goes to the directory's own room, and nowhere else.
  const own = holder?.url === at
  return () => ({ url: at, token: given ?? (own ? ownToken(dataDir) : null) })
}

/** @throws OperatorError while no room runs on the directory, or it does not listen yet */
function urlIn(dataDir: string): string {
  const holder = holderOf(dataDir)
  if (holder?.url) return holder.url
  const why = holder === null ? 'the room has ended' : `process ${holder.pid} (onay ${holder.what}) does not listen yet`
  throw unavailable(`no room listens for ${dataDir}`, why, 'start one with: onay serve', 'no_room')
}

/** `http://host:port` without a path; `host:port` and `:port` are taken too. @throws OperatorError for anything else */
function normalUrl(text: string): string {
  const full = /^https?:\/\//.test(text) ? text : `http://${text.startsWith(':') ? '127.0.0.1' : ''}${text}`
  const url = URL.canParse(full) ? new URL(full) : null
  if (url?.pathname === '/' && url.search === '' && url.username === '') return url.origin
  throw new OperatorError(
    `${text} is not the address of a room`,
    'a host and a port are needed, and nothing after them',
    `write it like ${DEFAULT_URL}`,
    'url',
  )
}
