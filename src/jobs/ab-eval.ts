import type { Job } from './contract.ts'

/** The active set against the other one. */
export const abEval = {
  name: 'ab eval',
  expression: '0 1 * * *',
  stage: 'long',
} as const satisfies Job
