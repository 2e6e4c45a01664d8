import type { Job } from './contract.ts'

/** Whether the answers of the model in charge are to be calibrated anew. Not on the hour, when reports are written. */
export const calibration = {
  name: 'calibration',
  expression: '20 */6 * * *',
  stage: 'jobs',
} as const satisfies Job
