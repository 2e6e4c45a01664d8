import type { Job } from './contract.ts'

/** The six gates each minute; the timeline runs it once more after the reports. */
export const gates: Job = {
  name: 'gates',
  expression: '* * * * *',
  stage: 'gates',
  run: (desk, atMs) => desk.judgeGates(atMs, 0),
}
