import type { Job } from './contract.ts'

/** Whether a set may be trained on the trades of the active arm, and the training where it may. */
export const paperRetrain = {
  name: 'paper retrain',
  expression: '0 13 * * *',
  stage: 'long',
} as const satisfies Job
