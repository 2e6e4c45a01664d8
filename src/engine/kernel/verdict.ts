/**
 * What a check says. Silence is never success: `wait` is too little data, `error` is a measurement that failed.
 */
export type Verdict = 'PASS' | 'FAIL' | 'WAIT' | 'ERROR'

const LETTERS: readonly (readonly [letter: string, verdict: Verdict])[] = [
  ['P', 'PASS'],
  ['F', 'FAIL'],
  ['W', 'WAIT'],
  ['E', 'ERROR'],
]

/** One letter a verdict, in their order: how a row of verdicts is stored. */
export function lettersOf(verdicts: readonly Verdict[]): string {
  return verdicts.map((verdict) => LETTERS.find(([, known]) => known === verdict)?.[0] ?? 'E').join('')
}

/** The verdict of a stored letter. One that is missing or unknown was not measured, which is an error. */
export function verdictOf(letter: string | undefined): Verdict {
  return LETTERS.find(([known]) => known === letter)?.[1] ?? 'ERROR'
}
