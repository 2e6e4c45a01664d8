import type { Job } from './contract.ts'

/** PSI of every model in a slot, from the counts kept as rows arrive. */
export const psiHourly: Job = {
  name: 'psi hourly',
  expression: '0 * * * *',
  stage: 'drift',
  run: (desk, atMs) => desk.measurePsi(atMs),
}
