import type { Job } from './contract.ts'

/** Every bar becomes a row as it arrives; this job says each minute whether it did. */
export const featureLogger: Job = {
  name: 'feature logger',
  expression: '* * * * *',
  stage: 'log',
  run: (desk, atMs) => (desk.rowArrived(atMs) ? { ok: true, result: 'ok' } : { ok: false, result: 'no row' }),
}
