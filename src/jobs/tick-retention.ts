import type { Job } from './contract.ts'

/** Removes old ticks, a few at a time: there may be millions. */
export const tickRetention = {
  name: 'tick retention',
  expression: '20 0 * * *',
  stage: 'long',
} as const satisfies Job
