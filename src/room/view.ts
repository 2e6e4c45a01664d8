import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { ActiveAlert } from '../engine/alerts/evaluate.ts'
import { ruleNamed, RULES } from '../engine/alerts/rules.ts'
import { wilson } from '../engine/stats/intervals.ts'
import type { PsiDocument } from '../evidence/documents.ts'
import { SCHEDULE } from '../jobs/schedule.ts'
import type { LoadedModel } from '../serving/contract.ts'
import { TIMED_SOURCES } from '../serving/rollups.ts'
import { planViews } from './canary-plans.ts'
import type {
  AlertView,
  ChannelView,
  ClockView,
  DriftView,
  EventView,
  JobView,
  ModelView,
  ModelsPart,
  RoomPart,
  RoomView,
  ServingView,
  WatchPart,
  WorkView,
} from '../control/view.ts'
import type { Core } from './core.ts'
import type { Desk } from './desk.ts'
import type { Release } from './release.ts'
import { gatesDocument, judge } from './gate-inputs.ts'

const RECENT_MS = 15 * MINUTE_MS
const COURSE_HOURS = 168
const EVENTS_SHOWN = 50

export interface ViewParts {
  readonly core: Core
  readonly symbol: string
  readonly phase: RoomPart['phase']
  readonly clock: ClockView
  readonly url: string | null
  readonly work: readonly WorkView[]
  readonly notifications: readonly ChannelView[]
  readonly release: Release
}

/** Everything a screen shows of one symbol now. */
export function roomView(parts: ViewParts): RoomView {
  return { room: roomPart(parts), models: modelsPart(parts), watch: watchPart(parts) }
}

function roomPart({ core, symbol, phase, clock, url, work, notifications }: ViewParts): RoomPart {
  const { desk } = core.station(symbol)
  return {
    version: core.options.version,
    symbols: core.symbols,
    symbol,
    phase,
    clock,
    url,
    bars: desk.feed.bars,
    jobs: SCHEDULE.map((job): JobView => {
      const row = desk.jobs.get(job.name)
      return {
        name: job.name,
        lastMs: row?.lastMs ?? null,
        nextMs: row?.nextMs ?? null,
        result: row?.result ?? 'not yet',
        ok: row === undefined ? null : row.ok === 1,
      }
    }),
    events: core.store.journal.events(symbol, EVENTS_SHOWN).map(
      (row): EventView => ({
        id: row.id,
        symbol: row.symbol,
        tsMs: row.tsMs,
        kind: row.kind,
        severity: row.severity,
        text: row.text,
      }),
    ),
    work,
    troubles: [...core.troubles],
    notifications,
  }
}

function modelsPart({ core, symbol, release }: ViewParts): ModelsPart {
  const { desk } = core.station(symbol)
  const nowMs = desk.nowMs()
  return {
    baseline: modelView(desk.slots.baseline),
    candidate: modelView(desk.slots.candidate),
    killSwitch: desk.killSwitch,
    gates: desk.judged === null ? null : gatesDocument(desk, judge(desk, core.evidence, nowMs, false), 'now', nowMs),
    canary: release.status(symbol),
    plans: planViews(core.options.config),
    approvals: release.waiting(),
    promotion: promotionView(core, symbol, release),
  }
}

function watchPart({ core, symbol }: ViewParts): WatchPart {
  const { desk } = core.station(symbol)
  return {
    drift: driftViews(core, desk),
    serving: servingView(desk, desk.nowMs()),
    alerts: desk.alerts.map((alert) => alertView(desk, alert)),
  }
}

/**
 * The next moment that something waits for: the end of a canary's phase, of the validation, of the bake, a gate that will be
 * ready; else the next UTC midnight.
 */
export function nextMoment(core: Core, symbol: string, release: Release): { atMs: UnixMs; why: string } {
  const { desk } = core.station(symbol)
  const nowMs = desk.nowMs()
  const canary = release.status(symbol)
  const waits: { atMs: UnixMs; why: string }[] = []
  const wait = (iso: string | null | undefined, why: string): void => {
    if (iso !== null && iso !== undefined) waits.push({ atMs: Date.parse(iso), why })
  }
  wait(canary.until, `the end of phase ${canary.phase ?? 0}`)
  wait(canary.validation?.until, 'the end of the validation')
  wait(canary.bake?.until, 'the end of the bake')
  for (const gate of desk.judged === null ? [] : judge(desk, core.evidence, nowMs, false).gates) {
    if (gate.readyAtMs !== null)
      waits.push({ atMs: gate.readyAtMs, why: `gate ${gate.gate} ${gate.name}: ${gate.reason}` })
  }
  const next = waits.filter((moment) => moment.atMs > nowMs).sort((a, b) => a.atMs - b.atMs)[0]
  return next ?? { atMs: floorTo(nowMs, DAY_MS) + DAY_MS, why: 'the next UTC midnight' }
}

function alertView(desk: Desk, { clearMs, ...alert }: ActiveAlert): AlertView {
  const ack = desk.acknowledged.get(alert.rule)
  return {
    ...alert,
    acknowledged: ack === undefined ? null : { by: ack.by, reason: ack.reason },
    next: ruleNamed(alert.rule)?.next.join(' ') ?? '',
  }
}

function promotionView(core: Core, symbol: string, release: Release): ModelsPart['promotion'] {
  const { desk } = core.station(symbol)
  if (desk.slots.candidate === null) return { possible: false, missing: ['no candidate is in the shadow'] }
  const missing = release.missing(desk, judge(desk, core.evidence, desk.nowMs(), false))
  return { possible: missing.length === 0, missing }
}

function modelView(model: LoadedModel | null): ModelView | null {
  return model === null ? null : { version: model.version, sha256: model.sha256, auc: model.offline?.auc ?? null }
}

function driftViews(core: Core, desk: Desk): DriftView[] {
  return [desk.slots.baseline, desk.slots.candidate].flatMap((model) => {
    const snapshot = model === null ? undefined : desk.psi.get(model.version)
    return model === null || snapshot === undefined
      ? []
      : [{ model: model.version, snapshot, course: courseOf(core, desk, model.version, snapshot) }]
  })
}

/** Read once an hour: a week of snapshots is not parsed for every frame. */
function courseOf(core: Core, desk: Desk, version: string, newest: PsiDocument): DriftView['course'] {
  const key = `${version}/${newest.at}`
  const cached = desk.courses.get(version)
  if (cached?.key === key) return cached.course
  const untilMs = floorTo(Date.parse(newest.at), HOUR_MS)
  const fromMs = untilMs - (COURSE_HOURS - 1) * HOUR_MS
  const names = ['overall', ...Object.keys(newest.features)]
  const course: Record<string, (number | null)[]> = Object.fromEntries(
    names.map((name) => [name, Array.from({ length: COURSE_HOURS }, () => null)]),
  )
  for (const row of core.store.drift.snapshots(desk.symbol, version, fromMs, untilMs)) {
    const place = Math.round((row.tsMs - fromMs) / HOUR_MS)
    const document = JSON.parse(row.document) as PsiDocument
    const put = (name: string, value: number | null): void => {
      const points = course[name]
      if (points !== undefined && place >= 0 && place < COURSE_HOURS) points[place] = value
    }
    put('overall', row.overall)
    for (const [name, feature] of Object.entries(document.features)) put(name, feature.psi)
  }
  desk.courses.set(version, { key, course })
  return course
}

function servingView(desk: Desk, nowMs: UnixMs): ServingView {
  const { rollups, slots, parts } = desk
  const fromMs = nowMs - RECENT_MS
  const served = rollups.totals(fromMs, nowMs, TIMED_SOURCES)
  const own = slots.baseline === null ? null : rollups.totals(fromMs, nowMs, TIMED_SOURCES, slots.baseline.version)
  const shadow = slots.candidate === null ? null : rollups.totals(fromMs, nowMs, TIMED_SOURCES, slots.candidate.version)
  const latency = rollups.latencies(fromMs, nowMs, slots.candidate?.version)
  const by = rollups.answersBy(fromMs, nowMs, TIMED_SOURCES)
  const compared = shadow?.compared ?? 0
  const last = desk.settlement.newest()
  return {
    requests: served.requests,
    requestsPerMinute: served.requests / (RECENT_MS / MINUTE_MS),
    p50Ms: latency.service.quantileMs(0.5),
    p95Ms: latency.service.quantileMs(0.95),
    p99Ms: latency.service.quantileMs(0.99),
    answeredBy: Object.fromEntries([...by].map(([model, count]) => [model, count / served.requests])),
    abstained: served.abstained,
    modelErrors: own?.errors ?? 0,
    match:
      shadow === null || compared === 0
        ? null
        : { rate: shadow.matched / compared, ...wilson(shadow.matched, compared), n: compared },
    meanDelta: shadow === null || compared === 0 ? null : shadow.deltaSum / compared,
    shadowTried: shadow?.tried ?? 0,
    shadowErrors: shadow?.errors ?? 0,
    shadowP95Ms: slots.candidate === null ? null : latency.own.quantileMs(0.95),
    breaker: slots.candidate === null ? 'no candidate' : desk.breaker.open ? 'open' : 'closed',
    deltaLimit: parts.limits.gates.meanDelta,
    stalenessSec: desk.newestBar === null ? null : Math.max(0, (nowMs - desk.newestBar.tsMs - MINUTE_MS) / 1_000),
    last: last === null ? null : lastScored(last, slots.baseline?.version, slots.candidate?.version),
  }
}

function lastScored(
  last: { tsMs: UnixMs; scores: ReadonlyMap<string, number> },
  baseline: string | undefined,
  candidate: string | undefined,
): ServingView['last'] {
  const ours = baseline === undefined ? undefined : last.scores.get(baseline)
  const [by, score] = ours === undefined ? ([...last.scores][0] ?? ['', Number.NaN]) : [baseline ?? '', ours]
  if (Number.isNaN(score)) return null
  return {
    atMs: last.tsMs,
    score,
    by,
    candidateScore: candidate === undefined ? null : (last.scores.get(candidate) ?? null),
  }
}

/** How long each rule's condition must hold, for the screen's large view. */
export function ruleTable(): readonly Readonly<Record<string, string>>[] {
  return RULES.map((rule) => ({ rule: rule.name, severity: rule.severity, for: `${rule.forMs / MINUTE_MS} min` }))
}
