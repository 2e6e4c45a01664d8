import { setImmediate as othersTurn } from 'node:timers/promises'
import { CHECK_EVERY_MS } from '../../engine/drift/check.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { isStale, rowAgeMs } from '../../engine/market/row-age.ts'
import type { Desk } from '../desk/desk.ts'
import { look } from '../release/canary.ts'
import { killByDrift } from '../safety/drift-kill.ts'
import { checkedModels } from '../watch/check-drift.ts'
import { logGates } from '../watch/gate-documents.ts'
import { tradeMinute } from '../trading/trade-minute.ts'
import { watchAlerts } from '../watch/watch-alerts.ts'
import { scoreHistory } from './history-scoring.ts'
import { historyId, takeRow } from './intake.ts'
import { runLongJobs } from './long-jobs.ts'
import type { Moment, MomentKind, TimelineParts } from './moment.ts'
import { runStage } from './run-jobs.ts'

/** Neighbours that share a transaction are stored together, or not at all. */
type Transaction = 'bars' | 'settlement' | 'watch' | 'jobs'

interface StepCommon {
  readonly name: string
  readonly kinds: readonly MomentKind[]
  /** Taken only at moments that are a multiple of it; left out, at every moment. */
  readonly everyMs?: number
}

/** A step that is part of a transaction, or stands alone because it waits or decides in a transaction of its own. */
export type Step =
  | (StepCommon & { readonly within: Transaction; readonly run: (parts: TimelineParts, moment: Moment) => void })
  | (StepCommon & {
      readonly within: 'alone'
      readonly run: (parts: TimelineParts, moment: Moment) => void | Promise<void>
    })

const OPEN: readonly MomentKind[] = ['live', 'waiting']
const WHOLE: readonly MomentKind[] = ['live', 'waiting', 'history']

/** Everything that happens at one moment of the market clock, in this order, whichever way the bars came. */
export const ORDER: readonly Step[] = [
  { name: 'bars', kinds: ['live', 'push', 'waiting', 'history'], within: 'bars', run: takeBars },
  { name: 'score history', kinds: ['waiting', 'history'], within: 'bars', run: scoreArrived },
  { name: 'store', kinds: ['live', 'push', 'waiting'], within: 'bars', run: (_, { desk }) => desk.persist() },
  { name: 'score', kinds: ['live', 'push'], within: 'alone', run: scoreLive },
  { name: 'trade', kinds: ['live', 'push', 'waiting', 'history'], within: 'settlement', run: trade },
  { name: 'settle', kinds: ['live', 'push', 'waiting', 'history'], within: 'settlement', run: settle },
  { name: 'train', kinds: OPEN, within: 'alone', run: trainFirst },
  {
    name: 'long jobs',
    kinds: OPEN,
    everyMs: MINUTE_MS,
    within: 'alone',
    run: runLongJobs,
  },
  { name: 'references', kinds: OPEN, everyMs: MINUTE_MS, within: 'alone', run: readReferences },
  { name: 'log', kinds: WHOLE, everyMs: MINUTE_MS, within: 'watch', run: (p, m) => void runStage(p, m, 'log') },
  { name: 'drift', kinds: WHOLE, everyMs: MINUTE_MS, within: 'watch', run: (p, m) => void runStage(p, m, 'drift') },
  { name: 'alerts', kinds: ['between', ...WHOLE], within: 'watch', run: evaluateAlerts },
  { name: 'gates', kinds: WHOLE, everyMs: MINUTE_MS, within: 'watch', run: (p, m) => void runStage(p, m, 'gates') },
  { name: 'kill by drift', kinds: ['live'], everyMs: CHECK_EVERY_MS, within: 'alone', run: killIfDriftAsks },
  { name: 'judge canary', kinds: ['between', ...OPEN], within: 'alone', run: judgeCanary },
  { name: 'ask after live canary', kinds: OPEN, everyMs: CHECK_EVERY_MS, within: 'alone', run: askAfterCanary },
  { name: 'jobs', kinds: WHOLE, everyMs: MINUTE_MS, within: 'jobs', run: (p, m) => void runStage(p, m, 'jobs') },
  { name: 'reports', kinds: WHOLE, everyMs: MINUTE_MS, within: 'jobs', run: writeReports },
  { name: 'gates again', kinds: WHOLE, everyMs: MINUTE_MS, within: 'jobs', run: judgeAgain },
  { name: 'clock', kinds: WHOLE, within: 'jobs', run: (_, { desk, atMs }) => desk.tape.finishMoment(atMs) },
  { name: 'store again', kinds: OPEN, within: 'jobs', run: (_, { desk }) => desk.persist() },
  {
    name: 'bake',
    kinds: OPEN,
    everyMs: HOUR_MS,
    within: 'alone',
    run: ({ bake }, { desk, atMs }) => bake.look(desk, atMs),
  },
]

function takeBars({ config }: TimelineParts, { desk, rows, atMs, knownMs, taken }: Moment): void {
  for (const row of rows) taken.push(takeRow(desk, row, knownMs, config.features.gap_min))
  desk.rollups.expire(atMs)
}

function scoreArrived(_: TimelineParts, { desk }: Moment): void {
  const wallMs = desk.parts.wallNow()
  for (const { row, scored } of desk.tape.arrived) if (!scored) scoreHistory(desk, row, historyId(row.tsMs), wallMs)
}

async function scoreLive({ scoring }: TimelineParts, { desk }: Moment): Promise<void> {
  if (desk.tape.arrived.some((arrival) => !arrival.scored)) await scoring.score(desk)
}

function trade(_: TimelineParts, { desk, kind }: Moment): void {
  for (const { bar, row } of desk.tape.arrived) tradeMinute(desk, bar, row)
  // With the trades of the minute, in their transaction; a block of history writes it once at its end.
  if (kind !== 'history') desk.paper.persist()
}

function settle(_: TimelineParts, { desk, atMs }: Moment): void {
  for (const { bar } of desk.tape.arrived) desk.settlement.settle(bar, desk.lineUp, atMs)
  desk.tape.clearArrived()
}

async function trainFirst({ bootstrap, sets }: TimelineParts, { desk, atMs }: Moment): Promise<void> {
  if (!bootstrap.due(desk, atMs)) return
  sets.beginFirst(desk, atMs)
  await bootstrap.train(desk, atMs)
  if (desk.lineUp.inCharge === null) sets.forgetFirst(desk)
}

/** What the checks of drift need of models that are new here, a little at a time: callers have their turn in between. */
async function readReferences(_: TimelineParts, { desk, atMs }: Moment): Promise<void> {
  const { ks, days } = desk.drift
  try {
    while (ks.prepareNext(desk.standing) || days.prepareNext(checkedModels(desk), atMs)) await othersTurn()
  } catch {
    // A row that cannot be read stops no watch: the check that needs it says which it is.
  }
}

/** A real feed's rules are looked at every half minute, a recording's each minute, however often the judge of a canary looks. */
function evaluateAlerts({ evidence, inputs }: TimelineParts, { kind, desk, atMs }: Moment): void {
  const everyMs = kind === 'between' ? MINUTE_MS / 2 : MINUTE_MS
  if (atMs % everyMs === 0) watchAlerts(desk, evidence, inputs, atMs)
}

/** Not within the check's transaction: what lowers risk is kept, also where that one is undone. */
function killIfDriftAsks({ evidence }: TimelineParts, { desk, atMs }: Moment): void {
  killByDrift(evidence, desk, atMs)
}

async function judgeCanary(parts: TimelineParts, { desk, atMs }: Moment): Promise<void> {
  if (!desk.canary.running || isSilent(desk, atMs)) return
  await parts.scoring.probe(desk, atMs)
  // After a start, what a canary of days has settled before the last day; the judge reads the rest.
  while (parts.live.readNext(desk, atMs - DAY_MS)) await othersTurn()
  look(parts, desk, atMs)
}

/** Not in the moment in which it has succeeded: the gates ask for the record of its run, which is written after it. */
function askAfterCanary({ release }: TimelineParts, { desk }: Moment): void {
  release.askAfterLiveCanary(desk)
}

/** Without bars a real feed's canary stands still: its time passes with the market's. */
function isSilent({ tape }: Desk, atMs: UnixMs): boolean {
  const { feed, newestBar } = tape
  return feed.clockKind === 'real' && newestBar !== null && isStale(rowAgeMs(newestBar.tsMs, atMs), 2 * MINUTE_MS)
}

function writeReports(parts: TimelineParts, moment: Moment): void {
  moment.reported = runStage(parts, moment, 'reports')
}

/** A report may be what gate 6 waited for. */
function judgeAgain({ evidence, judge }: TimelineParts, { desk, atMs, reported }: Moment): void {
  if (reported) logGates(desk, evidence, judge, atMs, 1)
}
