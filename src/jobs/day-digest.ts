import type { Job } from './contract.ts'

/** A hash over the rows of each day that has ended, an hour and a half after its end: by then its last minutes are settled. */
export const dayDigest = {
  name: 'day digest',
  expression: '30 1 * * *',
  stage: 'jobs',
} as const satisfies Job
