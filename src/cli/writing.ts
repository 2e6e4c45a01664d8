import { existsSync } from 'node:fs'
import { explain } from '../db/connect.ts'
import { databasePath } from '../db/store.ts'
import { lockDirectory } from '../db/lock.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { Core } from '../room/core.ts'
import type { Config } from '../room/config.ts'
import type { Context } from './context.ts'

export interface WritingOptions {
  readonly what: string
  /** Symbols that the database need not know yet; without any, a directory without a database is refused. */
  readonly symbols?: readonly string[]
  readonly config?: Config
  readonly signal?: AbortSignal
  readonly clockKind?: 'replay' | 'real'
  readonly onTraining?: (symbol: string, share: number, step: string) => void
}

/**
 * Works on a data directory as its one writer, in this process: for commands that change something where no room runs.
 * @throws OperatorError when another process has the directory, or there is no database and none is to be made
 */
export async function asWriter<T>(
  context: Context,
  options: WritingOptions,
  work: (core: Core) => Promise<T> | T,
): Promise<T> {
  const symbols = options.symbols ?? []
  if (symbols.length === 0) refuseWithoutDatabase(context)
  const lock = lockDirectory(context.dataDir, options.what)
  try {
    const core = new Core({
      dataDir: context.dataDir,
      evidenceDir: context.evidenceDir,
      mode: 'write',
      config: options.config ?? context.config,
      clockKind: options.clockKind ?? 'replay',
      wall: wallClock,
      version: context.version,
      symbols,
      signal: options.signal ?? new AbortController().signal,
      onTraining: options.onTraining,
    })
    try {
      const result = await work(core)
      await core.signed()
      // A room shows its troubles on the screen; here nobody would see them.
      for (const trouble of core.troubles) process.stderr.write(`onay: ${trouble}\n`)
      return result
    } catch (error) {
      throw explain(databasePath(context.dataDir), error)
    } finally {
      core.close()
    }
  } finally {
    lock.release()
  }
}

/** @throws OperatorError where no room has been on the data directory yet */
export function refuseWithoutDatabase({ dataDir }: Context): void {
  if (existsSync(databasePath(dataDir))) return
  throw new OperatorError(
    `there is no room at ${dataDir}`,
    'it has no database yet',
    'start one with: onay start, or fill it with: onay replay FILE --symbol S',
    'no_database',
  )
}

/** A signal that Ctrl+C and SIGTERM abort: what runs stops at the next whole step. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop.signal
}
