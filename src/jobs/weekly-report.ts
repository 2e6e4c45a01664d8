import type { Job } from './contract.ts'

/** The week that ends with this Sunday, once, and any week that was missed while the process was down. */
export const weeklyReport = {
  name: 'weekly report',
  expression: '59 23 * * 0',
  stage: 'reports',
} as const satisfies Job
