import type { Job } from './contract.ts'

/** Raw predictions, comparisons and rotated logs beyond their time; never anything that a gate needs. */
export const retention = {
  name: 'retention',
  expression: '10 0 * * *',
  stage: 'jobs',
} as const satisfies Job
