import type { Job } from './contract.ts'

/** PSI of every model in a slot, from the counts kept as rows arrive. */
export const psiHourly = {
  name: 'psi hourly',
  expression: '0 * * * *',
  stage: 'drift',
} as const satisfies Job
