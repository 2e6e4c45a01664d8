import type { Command } from 'commander'
import { listen } from '../api/event-stream.ts'
import { networkWhy } from '../api/http-request.ts'
import type { EventView } from '../control/view.ts'
import { holderOf } from '../db/lock.ts'
import { ownToken } from '../db/own-token.ts'
import { OperatorError, unavailable } from '../engine/kernel/errors.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { stopSignal } from './as-writer.ts'
import { noRoom } from './ask-room.ts'
import { contextOf, openForReading, parseCount, withCommon, type CommonOptions, type Context } from './context.ts'
import type { Io } from './io.ts'

const LAST = 20
const MAX_LAST = 10_000

interface EventsOptions extends CommonOptions {
  readonly follow?: boolean
  readonly last: string
}

/** `onay events`: what has happened, and with --follow what happens from now on. */
export function addEvents(program: Command, io: Io): void {
  withCommon(program.command('events'))
    .description('what has happened, oldest first; with --follow, what happens from now on too')
    .option('-f, --follow', 'go on until Ctrl+C; with --json, a document a line')
    .option('--last <n>', 'how many to begin with', String(LAST))
    .action(async (options: EventsOptions) => {
      const context = contextOf(options, io)
      const follow = options.follow === true
      const { items, newestId } = lastEvents(context, parseCount(options.last, '--last', [0, MAX_LAST]))
      if (!follow) {
        context.print({ items }, () => items.map(eventText).join('\n') || 'nothing has happened yet', 'events/1')
        return
      }
      const say = (event: EventView): void => context.print(event, () => eventText(event), 'event/1')
      for (const event of items) say(event)
      await followEvents(context, newestId, say)
    })
}

/** @throws OperatorError where no room runs, and where the line to it is cut */
async function followEvents(context: Context, lastId: number, say: (event: EventView) => void): Promise<void> {
  const { dataDir, symbol, io } = context
  const url = holderOf(dataDir)?.url ?? null
  if (url === null) throw noRoom('events are followed while one runs')
  const signal = stopSignal(io)
  const isAsked = (event: EventView): boolean => symbol === undefined || event.symbol === symbol || event.symbol === ''
  const onEvent = (event: EventView): void => {
    if (isAsked(event)) say(event)
  }
  const heard = { onHello: () => undefined, onEvent }
  const why = await listen({ url, token: ownToken(dataDir) }, lastId, heard, signal).catch((error: unknown) => {
    // The connection was not made, or its end was asked for.
    if (error instanceof OperatorError) throw error
    return networkWhy(error)
  })
  if (!signal.aborted) throw unavailable('no more events', why, 'start the room, or run this again', 'no_room')
}

/** The newest ones that are stored, oldest first; nothing after `newestId` is among them. */
function lastEvents(context: Context, count: number): { items: EventView[]; newestId: number } {
  const desks = openForReading(context)
  try {
    const { journal } = desks.store
    const symbol = context.symbol === undefined ? null : desks.of(context.symbol).symbol
    const newestId = journal.newestEventId()
    const rows =
      symbol === null ? journal.eventsAfter(newestId - count, count) : journal.events(symbol, count).reverse()
    const items = rows
      .filter(({ id }) => id <= newestId)
      .map(({ id, symbol: of, tsMs, kind, severity, text }) => ({ id, symbol: of, tsMs, kind, severity, text }))
    return { items, newestId }
  } finally {
    desks.close()
  }
}

/** On one line, whatever others sent that it quotes. */
function eventText({ tsMs, symbol, severity, text }: EventView): string {
  const said = text.replaceAll(/\s+/g, ' ')
  return `${minuteText(tsMs)} UTC  ${symbol === '' ? 'room' : symbol}  ${severity.padEnd(8)}  ${said}`
}
