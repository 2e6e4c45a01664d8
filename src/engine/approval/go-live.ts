/** Whether a room may be left alone with money: one judgement a fact, from facts that somebody else has gathered. */
import type { DriftVerdict } from '../drift/check.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../kernel/units.ts'

export const CHECK_VERDICTS = ['PASS', 'FAIL', 'NOT TRIED'] as const
type CheckVerdict = (typeof CHECK_VERDICTS)[number]

export interface GoLiveCheck {
  readonly check: string
  readonly verdict: CheckVerdict
  readonly said: string
  /** What to do about it; null where it passes. */
  readonly next: string | null
}

/** What was found of one room and market. Null where it is not known. */
export interface GoLiveFacts {
  /** What the room answered over HTTP, as any caller is answered; a text is why it did not. */
  readonly health: { readonly ok: boolean; readonly troubles: readonly string[] } | string
  readonly prediction: { readonly servedBy: string; readonly reason: string; readonly latencyMs: number } | string
  readonly latencyLimitMs: number
  /** Version in charge; null where the fallback answers. */
  readonly inCharge: string | null
  /** Artifacts of the models that have a role that are not what the chain has. */
  readonly artifacts: { readonly files: number; readonly faults: readonly string[] }
  /** The candidate, and how often it was asked in the last 15 minutes; null without one. */
  readonly shadow: { readonly version: string; readonly tried: number; readonly compared: number } | null
  readonly killSwitch: {
    readonly on: boolean
    readonly reason: string
    /** Of the newest drill during which somebody asked; null without one. */
    readonly drilledAgoMs: number | null
    /** Whether nobody asked during the newest drill. */
    readonly isDrillEmpty: boolean
    /** What is wrong with its file; null where nothing is. */
    readonly fileFault: string | null
  }
  readonly rowAgeMs: number | null
  readonly rowLimitMs: number
  /** How long ago the gates were judged, and what they say of a candidate; the verdict is null without one. */
  readonly gates: {
    readonly agoMs: number
    readonly verdict: string | null
    readonly failing: readonly string[]
  } | null
  /** Jobs that are overdue, and those whose last run failed with why. */
  readonly jobs: { readonly overdue: readonly string[]; readonly failed: readonly string[] }
  /** The newest backup, and whether its archive is what was verified; null where there is none. */
  readonly backup: { readonly ageMs: number; readonly isWhole: boolean } | null
  readonly isRecording: boolean
  /** What is wrong with the machine's clock; null where nothing is. */
  readonly clock: string | null
  /** Free bytes, and what a day of bars adds; null before there is any. */
  readonly disk: { readonly free: number; readonly perDay: number | null }
  /** By channel, why a test message did not arrive; null where it did. */
  readonly channels: readonly { readonly channel: string; readonly fault: string | null }[]
  /** Who may read the file of the room's own token, as octal digits; null where the file is missing. */
  readonly tokenMode: string | null
  readonly drift: { readonly verdict: DriftVerdict; readonly asksKill: boolean } | null
  /** Critical alerts that fire. */
  readonly firing: readonly string[]
}

const DRILL_MAX_MS = 30 * DAY_MS
const BACKUP_MAX_MS = 26 * HOUR_MS
const JUDGED_MAX_MS = 5 * MINUTE_MS
const MIN_FREE_BYTES = 200 * 1_048_576
const MIN_DAYS_LEFT = 7

export type Judged = readonly [verdict: CheckVerdict, said: string, next?: string]
type Judges<F> = readonly (readonly [check: string, judge: (facts: F) => Judged])[]

export const pass = (said: string): Judged => ['PASS', said]
export const fail = (said: string, next: string): Judged => ['FAIL', said, next]
export const notTried = (said: string, next: string): Judged => ['NOT TRIED', said, next]

/** Each check, in the order in which a person would look. */
const CHECKS: Judges<GoLiveFacts> = [
  ['api', api],
  ['prediction', prediction],
  ['model', ({ inCharge }) => (inCharge === null ? fail('the fallback answers', 'train one: r') : pass(inCharge))],
  ['artifacts', artifacts],
  ['shadow', shadow],
  ['gates', gates],
  ['drift', drift],
  ['rows', rows],
  ['kill switch', killSwitch],
  [
    'alerts',
    ({ firing }) =>
      firing.length === 0
        ? pass('no critical one fires')
        : fail(firing.join(', '), 'see what to do: panel 6, or docs/runbook.md'),
  ],
  ['delivery', delivery],
  ['jobs', jobs],
  ['backup', backup],
  ['clock', clock],
  ['disk', disk],
  ['token', token],
]

export function judgeGoLive(facts: GoLiveFacts): readonly GoLiveCheck[] {
  return judgeEach(facts, CHECKS)
}

export function judgeEach<F>(facts: F, judges: Judges<F>): readonly GoLiveCheck[] {
  return judges.map(([check, judge]) => {
    const [verdict, said, next = null] = judge(facts)
    return { check, verdict, said, next }
  })
}

/** What was not tried is named, and stands in nobody's way. */
export function isReady(checks: readonly GoLiveCheck[]): boolean {
  return checks.every(({ verdict }) => verdict !== 'FAIL')
}

function api({ health }: GoLiveFacts): Judged {
  if (typeof health === 'string') return fail(health, 'look at the room: onay status')
  return health.ok && health.troubles.length === 0
    ? pass('the room answers')
    : fail(health.troubles.join('; ') || 'the room does not serve', 'mend what the troubles name')
}

function prediction({ prediction: answer, latencyLimitMs, inCharge }: GoLiveFacts): Judged {
  if (typeof answer === 'string') return fail(answer, 'look at the room: onay status')
  const { servedBy, reason, latencyMs } = answer
  const said = `${servedBy} in ${latencyMs.toFixed(1)} ms, limit ${latencyLimitMs}`
  if (latencyMs > latencyLimitMs) return fail(said, 'see what takes the time: panel 5')
  const isOwn = servedBy !== 'fallback' || inCharge === null
  return isOwn ? pass(said) : fail(`${said}: ${reason}`, 'the model in charge does not answer: see the reason')
}

function artifacts({ artifacts: { files, faults }, inCharge }: GoLiveFacts): Judged {
  if (faults.length > 0) return fail(faults.join(', '), 'onay evidence verify; restore the files from a backup')
  if (files === 0)
    return inCharge === null
      ? notTried('no model is registered', 'train one: r')
      : notTried('the chain has no file of the models', 'onay evidence verify')
  return pass(`${files} files as the chain has them`)
}

function shadow({ shadow: beside }: GoLiveFacts): Judged {
  if (beside === null) return notTried('nothing is in the shadow', 'train or add a candidate: r')
  const said = `${beside.version}: ${beside.tried} runs, ${beside.compared} comparisons in 15 minutes`
  return beside.compared > 0 ? pass(said) : fail(said, 'see its errors: panel 5')
}

function gates({ gates: judged }: GoLiveFacts): Judged {
  if (judged === null) return fail('they were never judged', 'wait for a minute of bars')
  if (judged.agoMs > JUDGED_MAX_MS)
    return fail(`last judged ${minutes(judged.agoMs)} ago`, 'see whether the feed has stalled: onay status')
  if (judged.verdict === null) return pass('judged each minute, of the model in charge alone')
  return judged.verdict === 'ELIGIBLE'
    ? pass('the candidate is eligible')
    : fail(`${judged.verdict}: ${judged.failing.join(', ')}`, 'see why: onay gates')
}

function drift({ drift: checked }: GoLiveFacts): Judged {
  if (checked === null || checked.verdict === 'wait') return notTried('too few rows yet', 'wait for a day of rows')
  if (checked.asksKill) return fail('beyond every limit', 'onay drift; K K stops every answer')
  return checked.verdict === 'critical'
    ? fail('critical', 'see which feature: onay drift; retrain: r')
    : pass(checked.verdict)
}

function rows({ rowAgeMs, rowLimitMs }: GoLiveFacts): Judged {
  if (rowAgeMs === null) return fail('no row yet', 'start the feed, or import bars')
  const said = `the newest is ${Math.round(rowAgeMs / 1_000)} s old, limit ${Math.round(rowLimitMs / 1_000)}`
  return rowAgeMs <= rowLimitMs ? pass(said) : fail(said, 'look at the feed: onay status')
}

function killSwitch({ killSwitch: { on, reason, drilledAgoMs, isDrillEmpty, fileFault } }: GoLiveFacts): Judged {
  if (on) return fail(`it is on: ${reason}`, 'onay kill off asks for it to be taken back')
  if (fileFault !== null) return fail(fileFault, 'start the room again: it writes the file anew')
  if (drilledAgoMs === null)
    return isDrillEmpty
      ? fail('nobody asked during its drill, which showed nothing', 'onay kill drill, and onay predict while it lasts')
      : fail('it was never drilled', 'onay kill drill')
  const said = `drilled ${Math.floor(drilledAgoMs / DAY_MS)} days ago, limit 30`
  return drilledAgoMs <= DRILL_MAX_MS ? pass(said) : fail(said, 'onay kill drill')
}

function delivery({ channels }: GoLiveFacts): Judged {
  if (channels.length === 0)
    return notTried('no channel is configured', 'docs/notifications.md: a webhook, Telegram or a command')
  const faults = channels.flatMap(({ channel, fault }) => (fault === null ? [] : [`${channel}: ${fault}`]))
  if (faults.length > 0) return fail(faults.join('; '), 'onay notify test')
  return pass(`a test message by ${channels.map(({ channel }) => channel).join(', ')}`)
}

function jobs({ jobs: { overdue, failed } }: GoLiveFacts): Judged {
  if (failed.length > 0) return fail(failed.join('; '), 'the events say why: onay events')
  return overdue.length > 0
    ? fail(`overdue: ${overdue.join(', ')}`, 'the events say why: onay events')
    : pass('none overdue')
}

function backup({ backup: newest, isRecording }: GoLiveFacts): Judged {
  if (newest === null)
    return isRecording
      ? notTried('a recording can be played again', 'onay backup')
      : fail('there is none', 'onay backup')
  const { ageMs, isWhole } = newest
  if (!isWhole) return fail('the newest has changed since it was verified', 'take another one: onay backup')
  const hours = Math.floor(ageMs / HOUR_MS)
  const said = `${hours === 0 ? 'less than 1' : hours} h old, restored and verified`
  return isRecording || ageMs <= BACKUP_MAX_MS ? pass(said) : fail(`${said}; limit 26 h`, 'onay backup')
}

function clock({ clock: fault, isRecording }: GoLiveFacts): Judged {
  if (fault !== null) return fail(fault, 'set the clock of the machine, by NTP')
  return isRecording ? notTried('the clock is that of the recording', 'try it on a real feed') : pass("with the feed's")
}

export function disk({ disk: { free, perDay } }: Pick<GoLiveFacts, 'disk'>): Judged {
  const days = perDay === null || perDay <= 0 ? null : Math.floor(free / perDay)
  const said = `${(free / 1e9).toFixed(1)} GB free${days === null ? '' : `, ${days > 999 ? 'years' : `${days} days`} at this growth`}`
  if (free < MIN_FREE_BYTES || (days !== null && days < MIN_DAYS_LEFT))
    return fail(said, 'make room: older backups and logs first')
  return pass(said)
}

export function token({ tokenMode }: Pick<GoLiveFacts, 'tokenMode'>): Judged {
  if (tokenMode === null) return fail('the file of the token is missing', 'start the room again')
  return tokenMode.endsWith('00')
    ? pass('readable by its owner alone')
    : fail(`others may read it (${tokenMode})`, 'chmod 600 on the file token in the data directory')
}

function minutes(ms: number): string {
  return `${Math.round(ms / MINUTE_MS)} minutes`
}
