/** The slots of a symbol, as the database and every document name them. */
export const SLOT_NAMES = ['baseline', 'candidate', 'former'] as const

export type SlotName = (typeof SLOT_NAMES)[number]

/** What a candidate is meant to be beside the model in charge: the same in its answers, or better than it. */
export const PROFILES = ['equivalent', 'improve'] as const

export type Profile = (typeof PROFILES)[number]
