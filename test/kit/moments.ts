/** Lengths and moments that tests agree on, in Unix milliseconds. */

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** The first minute of the recordings that come with the program. */
export const START = Date.parse('2025-05-05T00:00:00Z')

/** After three weeks of those recordings: where a room without a model of its own opens by day. */
export const THREE_WEEKS_ON = START + 21 * DAY

/** A week later: where the first act of the story ends. */
export const SECOND_OF_JUNE = THREE_WEEKS_ON + 7 * DAY
