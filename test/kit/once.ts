/** What is dear to make and the same for all tests: made once in a run, by whoever asks first. */
import { existsSync, mkdirSync, renameSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { until } from './until.ts'

/** Far longer than any of it takes, on a machine that does other things besides. */
const PATIENCE_MS = 900_000

/** The path of a directory of that name, which nobody may change. `make` gives the path of one that is to become it. */
export async function directoryOnce(name: string, make: () => Promise<string>): Promise<string> {
  const made = join(inject('sharedRoot'), name)
  const claim = `${made}.claimed`
  await until(
    `${made}, which another test makes`,
    async () => {
      if (existsSync(made)) return true
      if (!claimed(claim)) return false
      try {
        renameSync(await make(), made)
        return true
      } finally {
        rmdirSync(claim)
      }
    },
    PATIENCE_MS,
  )
  return made
}

/** False where somebody else is at it. Whoever fails gives it back, and the next one tries. */
function claimed(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch {
    return false
  }
}
