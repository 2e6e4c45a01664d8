import type { Job } from './contract.ts'

/** One step of the weights of a mix, once the outcomes of the day have come in. */
export const ensemble = {
  name: 'ensemble',
  expression: '40 0 * * *',
  stage: 'jobs',
} as const satisfies Job
