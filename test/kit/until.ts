/** For what comes about at all: a machine that does other things besides is no reason to give it up. */
const DEADLINE_MS = 240_000
const LOOK_EVERY_MS = 15

/** Waits for a condition, never for a time. @throws after a deadline, naming what did not come about */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  patienceMs = DEADLINE_MS,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== null && seen !== false) return seen
    if (performance.now() > deadline) throw new Error(`never came about: ${what}`)
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
  }
}
