/** What commands ask of a room, and read of it: of the one that runs on the data directory, else of one in this process. */
import { REAL_PAUSES } from '../room/drivers/pace.ts'
import { askRoom, readRoom } from '../api/client.ts'
import type { Answers, CommandKind, CommandOf, Taken } from '../control/commands.ts'
import type { ControlRoom } from '../control/control-room.ts'
import type { Findings, Queries } from '../control/queries.ts'
import { holderOf } from '../db/lock.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { OperatorError, unavailable } from '../engine/kernel/errors.ts'
import { judgingOf } from '../room/timeline/assemble.ts'
import { headed } from '../room/handlers/headed.ts'
import { recordedQueries, type RecordedKind } from '../room/handlers/recorded-queries.ts'
import { Access } from '../room/safety/access.ts'
import { openForReading, type Context } from './context.ts'
import { progressLine } from './progress.ts'

/** Who asks, where no token says it. */
export const BY = 'command line'
const LOOK_EVERY_MS = 500
/** What asks the room over HTTP in turn: smokes are fired as callers would fire them. */
const LISTENING: ReadonlySet<CommandKind> = new Set<CommandKind>(['validate'])

/** Asks the room that runs, or does it here as the directory's one writer. @param what the command, for whoever finds the directory in use */
export async function ask<K extends CommandKind>(
  context: Context,
  what: string,
  kind: K,
  taken: Taken<K>,
): Promise<Answers[K]> {
  const command: CommandOf<K> = { kind, by: BY, ...taken }
  const answer = await withProgress(context, () => askRoom(context.dataDir, command))
  if (answer !== null) return answer
  // A whole room takes a while to load, and few commands need one of their own.
  const { inPrivateRoom } = await import('./private-room.ts')
  return inPrivateRoom(context, what, (room) => room.ask(command), LISTENING.has(kind))
}

/** Shows what the room is at while it answers: a training or a validation takes a while. */
async function withProgress<T>(context: Context, answer: () => Promise<T>): Promise<T> {
  const progress = progressLine(context)
  if (!progress.isShown) return answer()
  const done = new AbortController()
  const looking = (async () => {
    for (;;) {
      await REAL_PAUSES.wait(LOOK_EVERY_MS, done.signal)
      if (done.signal.aborted) return
      // What is shown on the way is not worth an error.
      const view = await readRoom(context.dataDir, { kind: 'view', symbol: context.symbol }).catch(() => null)
      const [work] = view?.room.work ?? []
      if (work !== undefined)
        progress.say(work.share === null ? work.step : `${work.step}, ${Math.round(work.share * 100)} %`)
    }
  })()
  try {
    return await answer()
  } finally {
    done.abort()
    await looking
    progress.end()
  }
}

/** Asks the room that runs. @param why a command cannot do without one. @throws OperatorError where none runs */
export async function askRunning<K extends CommandKind>(
  context: Context,
  why: string,
  kind: K,
  taken: Taken<K>,
): Promise<Answers[K]> {
  const answer = await askRoom<K>(context.dataDir, { kind, by: BY, ...taken })
  if (answer !== null) return answer
  throw noRoom(why)
}

/** Reads of the room that runs, for it knows the last minute; else of the directory. */
export async function read<K extends RecordedKind>(
  context: Context,
  kind: K,
  taken: Queries[K]['takes'],
): Promise<Findings[K]> {
  return (await readRoom<K>(context.dataDir, { kind, ...taken })) ?? readHere(context, kind, taken)
}

/** Reads of the directory as it stands, with or without a room that runs. */
export async function readHere<K extends RecordedKind>(
  context: Context,
  kind: K,
  taken: Queries[K]['takes'],
): Promise<Findings[K]> {
  const desks = openForReading(context)
  try {
    const access = new Access(desks.store, context.dataDir, () => wallClock.now())
    const handlers = recordedQueries({ desks, ...judgingOf(desks), access })
    const query = { kind, ...taken }
    return headed(desks, query, await handlers[kind](query))
  } finally {
    desks.close()
  }
}

/** Whether a room answers for a directory. */
export function isRunning(dataDir: string): boolean {
  return (holderOf(dataDir)?.url ?? null) !== null
}

/** The room that runs on the directory, for several questions one after the other; null where none does. */
export function runningRoom({ dataDir }: Context): Pick<ControlRoom, 'ask' | 'read'> | null {
  if (!isRunning(dataDir)) return null
  return {
    ask: async (command) => stillThere(await askRoom(dataDir, command)),
    read: async (query) => stillThere(await readRoom(dataDir, query)),
  }
}

function stillThere<T>(answer: T | null): T {
  if (answer !== null) return answer
  throw unavailable('the room has gone', 'it ended in the meantime', 'start it and run this again', 'no_room')
}

/** The error of a command that needs a running room where none runs. @param why it needs one */
export function noRoom(why: string): OperatorError {
  return new OperatorError(
    'no room runs on this data directory',
    why,
    'start it with: onay start, or without a screen: onay serve',
    'no_room',
  )
}
