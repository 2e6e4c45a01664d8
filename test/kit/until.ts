/** For what comes about at all: a machine that does other things besides is no reason to give it up. */
const DEADLINE_MS = 240_000
/** What is there at once is seen at once; what takes long is looked at less often, since each look costs the room a little. */
const PAUSE_MS = { least: 3, most: 100 }
const PAUSE_SHARE = 0.1

/** Waits for a condition, never for a time. @throws after a deadline, naming what did not come about */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  patienceMs = DEADLINE_MS,
): Promise<NonNullable<T>> {
  const begun = performance.now()
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== null && seen !== false) return seen
    const waited = performance.now() - begun
    if (waited > patienceMs) throw new Error(`never came about: ${what}`)
    const pause = Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, waited * PAUSE_SHARE))
    await new Promise((done) => setTimeout(done, pause))
  }
}
