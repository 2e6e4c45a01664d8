/**
 * What is done at random is done a few times whenever the tests run, always the same way, and many times by `npm run torture`,
 * another way each time.
 */
import { appendFileSync } from 'node:fs'

/** What a torture has done, each told as soon as it is done. */
export type Deed =
  | 'kills'
  | 'acknowledged predictions'
  | 'malformed requests'
  | 'full disks'
  | 'clock jumps'
  | 'ways of tampering'

const seed = process.env.ONAY_TORTURE_SEED
const counts = process.env.ONAY_TORTURE_COUNTS

export function times(usual: number, tortured: number): number {
  return seed === undefined ? usual : tortured
}

/** The seed of a test's chance. */
export function chanceOf(usual: number): number {
  return usual + Number(seed ?? 0)
}

/** Adds to what the torture says at its end. */
export function done(deed: Deed, count = 1): void {
  if (counts !== undefined) appendFileSync(counts, `${JSON.stringify([deed, count])}\n`)
}
