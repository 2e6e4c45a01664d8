import type { Job } from './contract.ts'

/** The six gates each minute; the timeline runs it once more after the reports. */
export const gates = {
  name: 'gates',
  expression: '* * * * *',
  stage: 'gates',
} as const satisfies Job
