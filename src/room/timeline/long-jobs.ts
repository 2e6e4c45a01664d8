/** Jobs that take seconds. A recording waits for them, so that every run of it is the same; a real feed goes on meanwhile. */
import { setImmediate as othersTurn } from 'node:timers/promises'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { DAY_MS, floorTo, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { JobResult } from '../../jobs/contract.ts'
import { SCHEDULE } from '../../jobs/schedule.ts'
import type { Desk } from '../desk/desk.ts'
import { backUpDaily } from '../readiness/daily-backup.ts'
import type { Moment, TimelineParts } from './moment.ts'
import { DUE, isDue, logMissed, noteRun, type ScheduledJob } from './run-jobs.ts'

type LongJob = Extract<ScheduledJob, { stage: 'long' }>

const LONG: readonly LongJob[] = SCHEDULE.filter((job): job is LongJob => job.stage === 'long')

/** What each does: the long part first; what that gives is stored inside a transaction of its own, with the job's own row. */
const WORK: Readonly<Record<LongJob['name'], (parts: TimelineParts, moment: Moment) => Promise<() => JobResult>>> = {
  'paper retrain': retrainSet,
  'ab eval': compareSets,
  'tick retention': removeOldTicks,
  backup: ({ desks, signal }, { desk, atMs }) => backUpDaily(desks, desk, atMs, signal),
}

/** The first moment from `atMs` on that may wait for long work: midnight, or when a long job is due. */
export function nextWait(atMs: UnixMs): UnixMs {
  const midnightMs = floorTo(atMs + DAY_MS - MINUTE_MS, DAY_MS)
  return Math.min(midnightMs, ...LONG.map(({ name }) => DUE[name].after(atMs - MINUTE_MS)))
}

/** Begins those that are due, each of which stores its outcome with its own row. */
export async function runLongJobs(parts: TimelineParts, moment: Moment): Promise<void> {
  const { desk, atMs } = moment
  const waits = desk.tape.feed.clockKind === 'replay'
  for (const job of LONG) {
    if (!isDue(desk, job, atMs)) continue
    await parts.background.begin(`${desk.symbol}/${job.name}`, waits, () => prepare(parts, moment, job))
  }
}

async function prepare(parts: TimelineParts, moment: Moment, job: LongJob): Promise<() => void> {
  const { desk, atMs } = moment
  const keep = await outcomeOf(parts, moment, job)
  return () =>
    desk.transaction(() => {
      logMissed(desk, job, desk.jobs.of(job.name)?.nextMs ?? null, atMs)
      noteRun(desk, job, atMs, keep())
      desk.jobs.persist()
    })
}

/** What fails is the job's outcome, but for what was cancelled: that is due again. */
async function outcomeOf(parts: TimelineParts, moment: Moment, job: LongJob): Promise<() => JobResult> {
  try {
    return await WORK[job.name](parts, moment)
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'cancelled') throw error
    const result = `failed: ${error instanceof OperatorError ? `${error.what}: ${error.why}` : messageOf(error)}`
    return () => {
      moment.desk.events.log('job', 'warning', `${job.name} ${result}`)
      return { ok: false, result }
    }
  }
}

async function retrainSet({ sets }: TimelineParts, { desk }: Moment): Promise<() => JobResult> {
  const off = notTrading(desk)
  if (off !== null) return () => off
  const run = await sets.run(desk, { mode: 'daily', by: 'onay' })
  return () => {
    const { outcome, set } = run.keep()
    return { ok: outcome !== 'failed', result: set === null ? outcome : `${set.version} as ${set.name}` }
  }
}

async function compareSets({ arms, release, config }: TimelineParts, moment: Moment): Promise<() => JobResult> {
  const { desk, kind } = moment
  const off = notTrading(desk)
  if (off !== null) return () => off
  if (desk.sets.trading.length < 2) return () => ({ ok: true, result: 'one set so far' })
  const look = await arms.compare(desk, {}, kind === 'waiting')
  return () => {
    const document = look.keep()
    // History is run through at full speed: nobody is asked meanwhile.
    const isAsked = kind !== 'waiting' || config.ab.swap === 'auto'
    if (isAsked) release.offerSwap(desk, document, { by: 'onay', isForced: false })
    return { ok: true, result: document.verdict }
  }
}

/** Ticks that one transaction removes: some milliseconds. */
const REMOVED_AT_ONCE = 20_000

async function removeOldTicks({ config }: TimelineParts, { desk, atMs }: Moment): Promise<() => JobResult> {
  const { ticks } = desk.parts.store
  const beforeMs = atMs - config.retention.tick_days * DAY_MS
  let removed = 0
  for (;;) {
    const gone = desk.transaction(() => ticks.prune(desk.symbol, beforeMs, REMOVED_AT_ONCE))
    removed += gone
    if (gone === 0) break
    await othersTurn()
  }
  return () => ({ ok: true, result: `${removed} rows` })
}

function notTrading({ lineUp, parts }: Desk): JobResult | null {
  if (!parts.limits.paper.sets) return { ok: true, result: 'off' }
  return lineUp.inCharge === null ? { ok: true, result: 'no model yet' } : null
}
