import type { Job } from './contract.ts'

/** Every bar becomes a row as it arrives; this job says each minute whether it did. */
export const featureLogger = {
  name: 'feature logger',
  expression: '* * * * *',
  stage: 'log',
} as const satisfies Job
