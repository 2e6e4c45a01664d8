import type { Job } from './contract.ts'

/** The last 24 hours of the features of every model in a slot, beside its reference. */
export const driftCheck = {
  name: 'drift check',
  expression: '*/15 * * * *',
  stage: 'drift',
} as const satisfies Job
