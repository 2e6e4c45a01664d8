/** The go-live checklist: what is to be known of a room before it is left alone, gathered here and judged by the engine. */
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import type { GoLiveDocument } from '../../control/checklist.ts'
import { backupsDir, listBackups } from '../../db/backup-shelf.ts'
import { ownToken, ownTokenPath } from '../../db/own-token.ts'
import { type GoLiveFacts, isReady, judgeGoLive } from '../../engine/approval/go-live.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { DAY_MS, isoTime, MINUTE_MS, fileTime } from '../../engine/kernel/units.ts'
import { staleAfterMs } from '../../engine/models/columns.ts'
import { rowAgeMs } from '../../engine/market/row-age.ts'
import { COMPARED_SOURCES } from '../../engine/shadow/source.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import type { Notifier } from '../notifications/notifier.ts'
import { freeBytes } from '../release/canary-preflight.ts'
import { gatesDocument } from '../watch/gate-documents.ts'
import type { GateJudge } from '../watch/judge-gates.ts'
import { overdueJobs } from '../watch/rule-inputs.ts'

interface GoLiveParts {
  readonly desks: Desks
  readonly judge: GateJudge
  /** Where the room listens; null where it does not. */
  readonly url: string | null
  /** Left out where nothing is sent. */
  readonly notify: Notifier | undefined
  readonly signal: AbortSignal
}

const ANSWER_MS = 5_000
const RECENT_MS = 15 * MINUTE_MS
const ARTIFACTS = ['model_weights', 'reference_distributions', 'scaler_params', 'training_manifest']
const DRILL = 'kill_drill_'

/** Changes nothing but the record of what it found; its one prediction is a caller's as any other. */
export async function goLive(parts: GoLiveParts, desk: Desk): Promise<GoLiveDocument> {
  const checks = judgeGoLive(await gathered(parts, desk))
  return {
    symbol: desk.symbol,
    at: isoTime(desk.parts.wallNow()),
    verdict: isReady(checks) ? 'READY' : 'NOT READY',
    checks,
  }
}

async function gathered(parts: GoLiveParts, desk: Desk): Promise<GoLiveFacts> {
  const { desks } = parts
  const { lineUp, kill, tape, alerts } = desk
  const { limits, wallNow } = desk.parts
  const nowMs = desk.nowMs()
  const checked = lineUp.inCharge === null ? undefined : desk.drift.days.newestOf(lineUp.inCharge.version)
  return {
    health: await healthOf(parts, desk),
    prediction: await predictionOf(parts, desk),
    latencyLimitMs: limits.gates.p95Ms,
    inCharge: lineUp.inCharge?.version ?? null,
    artifacts: artifactsOf(desks, desk),
    shadow: shadowOf(desk, nowMs),
    killSwitch: {
      on: kill.on,
      reason: kill.state.reason,
      ...drillsOf(desks, desk, wallNow()),
      fileFault: kill.fileFault(),
    },
    rowAgeMs: tape.newestBar === null ? null : Math.max(0, rowAgeMs(tape.newestBar.tsMs, nowMs)),
    rowLimitMs: staleAfterMs(lineUp.inCharge?.model ?? null, limits.serving.stalenessBars),
    gates: gatesOf(parts, desk, nowMs),
    jobs: {
      overdue: overdueJobs(desk, nowMs),
      failed: desk.jobs.all().flatMap(({ name, ok, result }) => (ok === 1 ? [] : [`${name}: ${result}`])),
    },
    backup: await newestBackup(desks.options.dataDir, wallNow()),
    isRecording: tape.feed.clockKind === 'replay',
    clock: desks.troubles.of('clock'),
    disk: { free: freeBytes(desks.options.dataDir), perDay: growthOf(desks) },
    channels: await deliveries(parts),
    tokenMode: modeOf(ownTokenPath(desks.options.dataDir)),
    drift: checked === undefined ? null : { verdict: checked.verdict, asksKill: checked.asks_kill },
    firing: alerts.active.flatMap(({ state, severity, rule }) =>
      state === 'firing' && severity === 'critical' ? [rule] : [],
    ),
  }
}

const Health = z.object({ ok: z.boolean(), troubles: z.array(z.string()) })
const Drill = z.object({ abstained: z.number() })
const Answer = z.object({ served_by: z.string(), reason: z.string(), latency_ms: z.number() })

async function healthOf(parts: GoLiveParts, { symbol }: Desk): Promise<GoLiveFacts['health']> {
  const answer = await asked(parts, `/healthz?symbol=${encodeURIComponent(symbol)}`, null)
  if (typeof answer === 'string') return answer
  const { data } = Health.safeParse(answer.body)
  return data ?? 'what answers is not this room'
}

async function predictionOf(parts: GoLiveParts, { symbol }: Desk): Promise<GoLiveFacts['prediction']> {
  const answer = await asked(parts, '/ml/predict', { symbol, key: 'checklist' })
  if (typeof answer === 'string') return answer
  const { data } = Answer.safeParse(answer.body)
  if (data === undefined) return `it was refused: ${JSON.stringify(answer.body).slice(0, 200)}`
  return { servedBy: data.served_by, reason: data.reason, latencyMs: data.latency_ms }
}

/** As any caller is answered; a text is why not. */
async function asked(
  { desks, url, signal }: GoLiveParts,
  path: string,
  body: object | null,
): Promise<{ readonly body: unknown } | string> {
  if (url === null) return 'the room does not listen'
  const token = ownToken(desks.options.dataDir)
  try {
    const response = await fetch(`${url}${path}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      headers: {
        // A connection that was kept from an earlier look may have been closed at the other end by now.
        connection: 'close',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === null ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    return { body: tryJson(await response.text()) }
  } catch (error) {
    return `it did not answer: ${messageOf(error)}`
  }
}

/**
 * Of the models that have a role and the sets that trade, and what gates and people go by: the newest snapshot of drift and daily report.
 * Their hashes are computed again.
 */
function artifactsOf({ evidence, store }: Desks, desk: Desk): GoLiveFacts['artifacts'] {
  const { symbol, standing, sets } = desk
  const models = standing.flatMap(({ version }) =>
    ARTIFACTS.map((name) => evidence.artifactSubject(symbol, version, `${name}_${version}.json`)),
  )
  const under = (prefix: string): string[] => store.journal.entriesUnder(prefix).map(({ subject }) => subject)
  const ofSets = sets.trading.flatMap(({ set }) => under(evidence.artifactSubject(symbol, set.version, '')))
  const reports = under(evidence.subject(symbol, 'daily/report_')).filter((subject) => subject.endsWith('.json'))
  const records = [evidence.subject(symbol, 'psi_snapshot.json'), ...reports.toSorted().slice(-1)]
  const known = (subjects: readonly string[]): readonly { file: string; found: string }[] =>
    subjects.flatMap((subject) => {
      const found = evidence.standing(subject)
      return found === 'unknown' ? [] : [{ file: basename(subject), found }]
    })
  const ofModels = known([...models, ...ofSets])
  const all = [...ofModels, ...known(records)]
  return {
    files: ofModels.length,
    faults: all.flatMap(({ file, found }) => (found === 'whole' ? [] : [`${file} is ${found}`])),
  }
}

function shadowOf({ lineUp: { candidate }, rollups }: Desk, nowMs: number): GoLiveFacts['shadow'] {
  if (candidate === null) return null
  const { version } = candidate
  const { tried, compared } = rollups.totals(nowMs - RECENT_MS, nowMs + MINUTE_MS, COMPARED_SOURCES, version)
  return { version, tried, compared }
}

/** By the machine's clock: how practised people are has nothing to do with the market's. */
function drillsOf(
  { store, evidence }: Desks,
  { symbol }: Desk,
  nowWallMs: number,
): Pick<GoLiveFacts['killSwitch'], 'drilledAgoMs' | 'isDrillEmpty'> {
  const drills = store.journal
    .entriesUnder(evidence.subject(symbol, DRILL))
    .toSorted((a, b) => a.wallMs - b.wallMs)
    .map(({ wallMs, subject }) => ({ wallMs, isEmpty: !wasAsked(evidence.pathOf(subject)) }))
  const last = drills.findLast(({ isEmpty }) => !isEmpty)
  return {
    drilledAgoMs: last === undefined ? null : Math.max(0, nowWallMs - last.wallMs),
    isDrillEmpty: drills.at(-1)?.isEmpty === true,
  }
}

/** Whether somebody was answered during a drill, by its file. */
function wasAsked(path: string): boolean {
  const { data } = Drill.safeParse(tryJson(textOf(path)))
  return data !== undefined && data.abstained > 0
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Its archive is read again, a piece at a time: it has to be what was verified. */
async function newestBackup(dataDir: string, nowWallMs: number): Promise<GoLiveFacts['backup']> {
  const newest = listBackups(dataDir).findLast(({ at }) => Date.parse(at) <= nowWallMs)
  if (newest === undefined) return null
  const hash = createHash('sha256')
  const isRead = await pipeline(createReadStream(join(backupsDir(dataDir), newest.file)), hash).then(
    () => true,
    () => false,
  )
  return { ageMs: nowWallMs - Date.parse(newest.at), isWhole: isRead && hash.digest('hex') === newest.sha256 }
}

function gatesOf({ desks, judge }: GoLiveParts, desk: Desk, nowMs: number): GoLiveFacts['gates'] {
  const logged = desks.store.watch.newestGates(desk.symbol)
  if (logged === null) return null
  const agoMs = Math.max(0, nowMs - logged.tsMs)
  if (desk.lineUp.candidate === null) return { agoMs, verdict: null, failing: [] }
  const { verdict, gates } = gatesDocument(desk, judge.judge(desk, nowMs), 'checklist', nowMs)
  const failing = gates.flatMap((gate) => (gate.verdict === 'PASS' ? [] : [`${gate.name} ${gate.verdict}`]))
  return { agoMs, verdict, failing }
}

/** A day of a minute a bar, of what the database holds a bar, in every market. */
function growthOf(desks: Desks): number | null {
  const markets = desks.all()
  const bars = markets.reduce((sum, { tape }) => sum + tape.feed.bars, 0)
  if (bars === 0) return null
  return (statSync(desks.store.db.path).size / bars) * (DAY_MS / MINUTE_MS) * markets.length
}

async function deliveries({ desks, notify }: GoLiveParts): Promise<GoLiveFacts['channels']> {
  if (notify === undefined || !notify.hasChannels) return []
  const tested = await notify.test(desks, undefined)
  return tested.map(({ channel, ok, said }) => ({ channel, fault: ok ? null : said }))
}

function modeOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : (found.mode & 0o777).toString(8).padStart(3, '0')
}

/** Where the record of a checklist is kept. */
export function checklistName({ at }: GoLiveDocument): string {
  return `checklist_${fileTime(Date.parse(at))}.json`
}
