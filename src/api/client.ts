import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { holderOf } from '../db/lock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { askAt } from './asking.ts'

const TIMEOUT_MS = 600_000

/**
 * Asks the room that runs on a data directory; null when none runs there. The answer is the room's own document.
 * @throws OperatorError with what the room refused, or when it holds the directory and does not answer
 */
export async function roomAnswer<T>(
  dataDir: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<T | null> {
  const holder = holderOf(dataDir)
  if (holder === null || holder.url === null) return null
  const { url, pid } = holder
  try {
    return (await askAt({ url, token: tokenOf(dataDir) }, { method, path, body }, AbortSignal.timeout(TIMEOUT_MS))) as T
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'no_answer') throw error
    throw new OperatorError(error.what, error.why, `look at process ${pid}`, error.code, error.status)
  }
}

/** The token of a data directory's own; null when it cannot be read. */
export function tokenOf(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, 'token'), 'utf8').trim() || null
  } catch {
    return null
  }
}
