/** The slots of a symbol, as the database and every document name them. */
export const SLOT_NAMES = ['baseline', 'candidate', 'former'] as const

export type SlotName = (typeof SLOT_NAMES)[number]

/** What a candidate is meant to be beside the model in charge: the same in its answers, or better than it. */
export const PROFILES = ['equivalent', 'improve'] as const

export type Profile = (typeof PROFILES)[number]

/**
 * What a model does for a symbol. One in charge gives the answers; the candidate is compared with it on every request and
 * may follow it; the former one stays ready to come back; challengers run beside the room's own minute and nothing judges
 * them. The fallback has no role: it answers where no model can.
 */
export type Role = 'in charge' | 'candidate' | 'former' | 'challenger'
