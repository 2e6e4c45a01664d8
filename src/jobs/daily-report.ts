import type { Job } from './contract.ts'

/** The day that has ended, once, and any day that was missed while the process was down. */
export const dailyReport = {
  name: 'daily report',
  expression: '0 0 * * *',
  stage: 'reports',
} as const satisfies Job
