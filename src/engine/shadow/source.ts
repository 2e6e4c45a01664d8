/**
 * Who asked for a score: recorded history run through, the room's own minute, a caller, or a canary's probe. A smoke counts
 * nowhere and is none of these.
 */
export const SOURCES = ['history', 'minute', 'caller', 'probe'] as const

export type Source = (typeof SOURCES)[number]

/** Sources that match rate, delta, settled outcomes and reports count. */
export const COMPARED_SOURCES: readonly Source[] = ['history', 'minute', 'caller']

/** Sources of which somebody waited for the answer. */
export const TIMED_SOURCES: readonly Source[] = ['minute', 'caller']

/** What a stored text names; null for what is counted nowhere, as a smoke's. */
export function sourceOf(text: string): Source | null {
  return SOURCES.find((source) => source === text) ?? null
}
