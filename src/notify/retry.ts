import { HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'

/** The longest pause that a server may ask for. */
export const LONGEST_PAUSE_MS = 6 * HOUR_MS

export interface RetryLimits {
  /** The pause after the first try. */
  readonly firstMs: number
  /** The longest pause, unless a server asks for a longer one. */
  readonly lastMs: number
  /** How often it is tried before it is given up. */
  readonly tries: number
}

type NextTry = { readonly kind: 'again'; readonly atMs: UnixMs } | { readonly kind: 'givenUp' }

/**
 * When something that failed is tried again: each pause twice the one before, up to a longest, and not before the time that
 * the server asked for.
 * @param tries tries so far, the one that has just failed among them: 1 or more
 * @param afterMs the pause that the server asked for; null when it asked for none
 */
export function nextTry(tries: number, nowMs: UnixMs, limits: RetryLimits, afterMs: number | null): NextTry {
  if (tries >= limits.tries) return { kind: 'givenUp' }
  const ownMs = Math.min(limits.lastMs, limits.firstMs * 2 ** (tries - 1))
  return { kind: 'again', atMs: nowMs + Math.min(LONGEST_PAUSE_MS, Math.max(ownMs, afterMs ?? 0)) }
}
