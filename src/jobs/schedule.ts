import { abEval } from './ab-eval.ts'
import { backup } from './backup.ts'
import { calibration } from './calibration.ts'
import { dailyReport } from './daily-report.ts'
import { dayDigest } from './day-digest.ts'
import { ensemble } from './ensemble.ts'
import { driftCheck } from './drift-check.ts'
import { featureLogger } from './feature-logger.ts'
import { gates } from './gates.ts'
import { paperRetrain } from './paper-retrain.ts'
import { psiHourly } from './psi-hourly.ts'
import { retention } from './retention.ts'
import { tickRetention } from './tick-retention.ts'
import { weeklyReport } from './weekly-report.ts'

/** Every job of the room. To add one: a file like those beside this, and a line here. */
export const SCHEDULE = [
  featureLogger,
  psiHourly,
  driftCheck,
  calibration,
  ensemble,
  gates,
  retention,
  dayDigest,
  dailyReport,
  weeklyReport,
  paperRetrain,
  abEval,
  tickRetention,
  backup,
] as const

export type JobName = (typeof SCHEDULE)[number]['name']
