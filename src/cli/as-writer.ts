import { existsSync } from 'node:fs'
import { noDatabase } from '../db/connect.ts'
import { explain } from '../db/faults.ts'
import { databasePath } from '../db/store.ts'
import { lockDirectory } from '../db/lock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { wallClock, type ClockKind } from '../engine/kernel/clock.ts'
import { Desks } from '../room/desk/desks.ts'
import type { Config } from '../room/config/config.ts'
import type { Context } from './context.ts'
import type { Io } from './io.ts'

interface WritingOptions {
  readonly what: string
  /** Symbols that the database need not know yet; without any, a directory without a database is refused. */
  readonly symbols?: readonly string[]
  readonly config?: Config
  readonly clockKind?: ClockKind
}

/**
 * Works on a data directory as its one writer, in this process: for commands that change something where no room runs.
 * @throws OperatorError when another process has the directory, or there is no database and none is to be made
 */
export async function asWriter<T>(
  context: Context,
  options: WritingOptions,
  work: (desks: Desks) => Promise<T> | T,
): Promise<T> {
  const symbols = options.symbols ?? []
  if (symbols.length === 0) refuseWithoutDatabase(context)
  const lock = lockDirectory(context.dataDir, options.what)
  try {
    const desks = new Desks({
      dataDir: context.dataDir,
      evidenceDir: context.evidenceDir,
      mode: 'write',
      config: options.config ?? context.config,
      clockKind: options.clockKind ?? 'replay',
      wall: wallClock,
      version: context.version,
      symbols,
    })
    try {
      const result = await work(desks)
      await desks.signed()
      // A room shows its troubles on the screen; here nobody would see them.
      for (const trouble of desks.troubles.lines) context.io.err(`onay: ${trouble}\n`)
      return result
    } catch (error) {
      throw explain(databasePath(context.dataDir), error)
    } finally {
      desks.close()
    }
  } finally {
    lock.release()
  }
}

/** @throws OperatorError where no room has been on the data directory yet */
export function refuseWithoutDatabase({ dataDir }: Context): void {
  if (!existsSync(databasePath(dataDir))) throw noDatabase(dataDir)
}

/** A signal that Ctrl+C and SIGTERM abort: what runs stops at the next whole step. */
export function stopSignal({ signals }: Io): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) signals.once(name, () => stop.abort())
  return stop.signal
}

/** The error about work that such a signal ended. @param at how far it got; @param again what running it again does */
export function stopped(what: string, at: string, again: string): OperatorError {
  return new OperatorError(`the ${what} was stopped`, `it got to ${at}`, `run it again: ${again}`, 'stopped')
}
