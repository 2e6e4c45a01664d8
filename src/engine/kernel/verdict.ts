/**
 * What a check says. Silence is never success: `wait` is too little data, `error` is a measurement that failed.
 */
export type Verdict = 'PASS' | 'FAIL' | 'WAIT' | 'ERROR'

const RANK: Record<Verdict, number> = { PASS: 0, WAIT: 1, ERROR: 2, FAIL: 3 }

/** The worst of several verdicts by rank (PASS, WAIT, ERROR, FAIL), whatever their order. @throws RangeError on none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const first = verdicts[0]
  if (first === undefined) throw new RangeError('no verdicts to compare')
  return verdicts.reduce((a, b) => (RANK[b] > RANK[a] ? b : a), first)
}
