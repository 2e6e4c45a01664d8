import { messageOf } from '../../engine/kernel/errors.ts'
import { DAY_MS, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { JobResult, Stage } from '../../jobs/contract.ts'
import { Due } from '../../jobs/due.ts'
import { SCHEDULE, type JobName } from '../../jobs/schedule.ts'
import type { Desk } from '../desk/desk.ts'
import { keepShadowLog } from '../reports/shadow-log.ts'
import { reportDays, reportWeeks, type Reporting } from '../reports/write-reports.ts'
import { stepEnsemble } from '../trading/ensemble.ts'
import { calibrateOnTime } from '../watch/calibrate.ts'
import { checkDrift } from '../watch/check-drift.ts'
import { digestRows } from '../watch/digest-rows.ts'
import { logGates } from '../watch/gate-documents.ts'
import { measureDrift } from '../watch/measure-drift.ts'
import { retain } from '../watch/retain.ts'
import type { Moment, TimelineParts } from './moment.ts'

const EVERY_MINUTE = '* * * * *'
/** Missed runs that are counted; beyond it the number says nothing more. */
const MAX_MISSED = 10_000

export type ScheduledJob = (typeof SCHEDULE)[number]
type LongName = Extract<ScheduledJob, { stage: 'long' }>['name']

export const DUE = Object.fromEntries(SCHEDULE.map((job) => [job.name, new Due(job.expression)])) as Record<
  JobName,
  Due
>

/** What each job does to a desk; inside the transaction of the moment. */
const WORK: Readonly<Record<Exclude<JobName, LongName>, (parts: TimelineParts, moment: Moment) => JobResult>> = {
  'feature logger': (_, moment) => (hasFreshRow(moment) ? { ok: true, result: 'ok' } : { ok: false, result: 'no row' }),
  'psi hourly': ({ evidence }, { desk, atMs }) => measureDrift(desk, evidence, atMs),
  'drift check': ({ evidence }, { desk, atMs }) => checkDrift(desk, evidence, atMs),
  ensemble: ({ evidence }, { desk, atMs }) => stepEnsemble(desk, evidence, atMs),
  calibration: ({ evidence }, { desk, atMs }) => calibrateOnTime(desk, evidence, atMs),
  gates: ({ evidence, judge }, { desk, atMs }) => logGates(desk, evidence, judge, atMs, 0),
  retention: ({ evidence, config }, { desk, atMs }) => retain(desk, evidence, config.retention.raw_days, atMs),
  'day digest': digestDays,
  'daily report': (parts, moment) => reportDays(moment.desk, reporting(parts, moment), moment.atMs),
  'weekly report': (parts, moment) => reportWeeks(moment.desk, reporting(parts, moment), moment.atMs),
}

/** A real feed's bar comes a little after the moment at which it is known: there the minute before is the newest that can be there. */
function hasFreshRow({ desk, atMs }: Moment): boolean {
  const { newestBar, feed } = desk.tape
  const minutes = feed.clockKind === 'real' ? 2 : 1
  return newestBar !== null && newestBar.tsMs >= atMs - minutes * MINUTE_MS
}

function digestDays({ evidence, config, busyDays }: TimelineParts, { desk, atMs }: Moment): JobResult {
  if (config.evidence.shadow_log) keepShadowLog(desk, evidence, atMs)
  return digestRows(desk, evidence, busyDays, atMs)
}

function reporting({ evidence, config }: TimelineParts, { kind }: Moment): Reporting {
  return { evidence, config, withPage: kind === 'live' }
}

/** Runs the jobs of a stage that are due. @returns whether one ran at a midnight */
export function runStage(parts: TimelineParts, moment: Moment, stage: Exclude<Stage, 'long'>): boolean {
  let ran = false
  for (const job of SCHEDULE) {
    if (job.stage === 'long' || job.stage !== stage || !isDue(moment.desk, job, moment.atMs)) continue
    runJob(parts, moment, job)
    ran = true
  }
  // With what they did, so that a moment that fails after it does not do it again; blocks of history fail as a whole.
  if (ran && moment.kind !== 'history') moment.desk.jobs.persist()
  return ran && moment.atMs % DAY_MS === 0
}

export function isDue({ jobs, tape }: Desk, { name }: ScheduledJob, atMs: UnixMs): boolean {
  // One that has never run was missed when its time came while the process was down.
  const { clockMs } = tape.feed
  const sinceMs = clockMs === 0 ? atMs - MINUTE_MS : Math.min(clockMs, atMs - MINUTE_MS)
  return atMs >= (jobs.of(name)?.nextMs ?? DUE[name].after(sinceMs))
}

function runJob(parts: TimelineParts, moment: Moment, job: Exclude<ScheduledJob, { stage: 'long' }>): void {
  const { desk, atMs } = moment
  const { store } = desk.parts
  logMissed(desk, job, desk.jobs.of(job.name)?.nextMs ?? null, atMs)
  // A report reads the database: what this transaction still holds in memory goes there before it.
  if (job.stage === 'reports') desk.persist()
  let ended: JobResult
  try {
    const work = (): JobResult => WORK[job.name](parts, moment)
    // What runs each minute writes a row or two at its end: undoing it alone is not worth a savepoint a minute.
    ended = job.expression === EVERY_MINUTE ? work() : store.db.savepoint(work)
  } catch (error) {
    // SQLite has rolled the whole transaction back (disk full, say): rethrow, or the moment would be half done.
    if (!store.db.raw.inTransaction) throw error
    ended = { ok: false, result: `failed: ${messageOf(error)}` }
    desk.jobUndone()
    desk.events.log('job', 'warning', `${job.name} ${ended.result}`)
  }
  noteRun(desk, job, atMs, ended)
}

/** How a job ended, and when it is due again. */
export function noteRun(desk: Desk, { name }: ScheduledJob, atMs: UnixMs, { ok, result }: JobResult): void {
  desk.jobs.ran({
    symbol: desk.symbol,
    name,
    lastMs: atMs,
    lastOkMs: ok ? atMs : (desk.jobs.of(name)?.lastOkMs ?? null),
    nextMs: DUE[name].after(atMs),
    result,
    ok: ok ? 1 : 0,
    wallMs: desk.parts.wallNow(),
  })
}

/** A room that was down catches up once; what it cannot make up for is logged. */
export function logMissed(desk: Desk, { name, expression }: ScheduledJob, nextMs: UnixMs | null, atMs: UnixMs): void {
  if (nextMs === null || nextMs >= atMs || expression === EVERY_MINUTE) return
  let missed = 0
  for (let at = nextMs; at < atMs && missed < MAX_MISSED; at = DUE[name].after(at)) missed++
  desk.events.log('job', 'info', `${name}: ${missed} runs were missed while the room was down; ran once to catch up`)
}
