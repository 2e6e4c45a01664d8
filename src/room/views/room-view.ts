import { calibrated } from '../../engine/models/calibration.ts'
import type { LineUp } from '../../serving/line-up.ts'
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { ActiveAlert } from '../../engine/alerts/evaluate.ts'
import type { Rule } from '../../engine/alerts/rule.ts'
import { rowAgeMs } from '../../engine/market/row-age.ts'
import { wilson } from '../../engine/stats/intervals.ts'
import type { PsiDocument } from '../../evidence/documents/documents.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import { TIMED_SOURCES } from '../../engine/shadow/source.ts'
import { plansOffered } from '../config/canary-policy.ts'
import type {
  AlertView,
  ChannelView,
  ClockView,
  DriftView,
  EventView,
  ModelView,
  ModelsPart,
  RoomPart,
  RoomView,
  ServingView,
  SettledView,
  WatchPart,
  WorkView,
} from '../../control/view.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import type { Release } from '../release/release.ts'
import { gatesDocument } from '../watch/gate-documents.ts'
import type { GateJudge, Judgement } from '../watch/judge-gates.ts'
import { MarketViews } from './market-part.ts'
import { jobViews } from './job-views.ts'
import { overviewOf } from './overview.ts'
import { NOTHING_SETTLED, SettledFigures } from './settled-figures.ts'

const RECENT_MS = 15 * MINUTE_MS
const COURSE_HOURS = 168
const EVENTS_SHOWN = 50

interface ViewParts {
  readonly symbol: string
  readonly phase: RoomPart['phase']
  readonly clock: ClockView
  readonly url: string | null
  readonly work: readonly WorkView[]
  readonly notifications: readonly ChannelView[]
}

/** What a screen sees of a room. */
export class RoomViews {
  private readonly courses = new Map<string, { readonly key: string; readonly course: DriftView['course'] }>()
  private readonly markets = new MarketViews()
  private readonly settled = new SettledFigures()

  constructor(
    private readonly desks: Desks,
    private readonly judge: GateJudge,
    private readonly release: Release,
  ) {}

  /** Everything a screen shows of one symbol now. */
  view(parts: ViewParts): RoomView {
    const desk = this.desks.of(parts.symbol)
    return {
      room: this.room(desk, parts),
      market: this.markets.of(desk),
      models: this.models(desk, parts.phase),
      watch: this.watch(desk),
    }
  }

  /**
   * The next moment that something waits for: the end of a canary's phase, of the validation, of the bake, a gate that will be
   * ready; else the next UTC midnight.
   */
  nextMoment(symbol: string): { atMs: UnixMs; why: string } {
    const desk = this.desks.of(symbol)
    const nowMs = desk.nowMs()
    const canary = this.release.status(symbol)
    const waits: { atMs: UnixMs; why: string }[] = []
    const wait = (iso: string | null | undefined, why: string): void => {
      if (iso !== null && iso !== undefined) waits.push({ atMs: Date.parse(iso), why })
    }
    wait(canary.until, `the end of phase ${canary.phase ?? 0}`)
    wait(canary.validation?.until, 'the end of the validation')
    wait(canary.bake?.until, 'the end of the bake')
    for (const gate of desk.judged === null ? [] : this.judge.judge(desk, nowMs).gates) {
      if (gate.readyAtMs !== null)
        waits.push({ atMs: gate.readyAtMs, why: `gate ${gate.gate} ${gate.name}: ${gate.reason}` })
    }
    const next = waits.filter((moment) => moment.atMs > nowMs).sort((a, b) => a.atMs - b.atMs)[0]
    return next ?? { atMs: floorTo(nowMs, DAY_MS) + DAY_MS, why: 'the next UTC midnight' }
  }

  private room(desk: Desk, { symbol, phase, clock, url, work, notifications }: ViewParts): RoomPart {
    const { desks } = this
    return {
      version: desks.options.version,
      symbols: desks.symbols,
      symbol,
      overview: desks.all().map((one) => overviewOf(one, this.release)),
      phase,
      clock,
      url,
      bars: desk.tape.feed.bars,
      jobs: jobViews(desk),
      events: desks.store.journal.events(symbol, EVENTS_SHOWN).map(
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
      troubles: desks.troubles.lines,
      notifications,
    }
  }

  private models(desk: Desk, phase: RoomPart['phase']): ModelsPart {
    const { desks, judge, release } = this
    const nowMs = desk.nowMs()
    const judgement = judge.judge(desk, nowMs)
    // While history runs, days pass between two looks: the figures of each would slow it down.
    const { figures: settled, outcome } = phase === 'history' ? NOTHING_SETTLED : this.settled.of(desk)
    const { version } = desk.fallback
    return {
      baseline: modelView(desk.lineUp.inCharge, settled),
      candidate: modelView(desk.lineUp.candidate, settled),
      former: modelView(desk.lineUp.former, settled),
      fallback: { version, settled: settled.get(version) ?? null },
      overdueOutcomes: desk.settlement.overdue(desk.tape.newestBar?.tsMs ?? null),
      killSwitch: desk.killSwitch,
      gates: judgement.model === null ? null : gatesDocument(desk, judgement, 'now', nowMs),
      outcome,
      canary: release.status(desk.symbol),
      plans: plansOffered(desks.options.config, desks.options.dataDir),
      approvals: release.waiting(),
      promotion: this.promotion(desk, judgement),
    }
  }

  private watch(desk: Desk): WatchPart {
    return {
      drift: this.drift(desk),
      serving: servingView(desk, desk.nowMs()),
      alerts: desk.alerts.active.map((alert) => alertView(desk, alert)),
    }
  }

  private promotion(desk: Desk, judgement: Judgement): ModelsPart['promotion'] {
    if (desk.lineUp.candidate === null) return { possible: false, missing: ['no candidate is in the shadow'] }
    const missing = this.release.missing(desk, judgement)
    return { possible: missing.length === 0, missing }
  }

  private drift(desk: Desk): DriftView[] {
    return [desk.lineUp.inCharge, desk.lineUp.candidate].flatMap((model) => {
      const snapshot = model === null ? undefined : desk.drift.snapshotOf(model.version)
      return model === null || snapshot === undefined
        ? []
        : [{ model: model.version, snapshot, course: this.course(desk, model.version, snapshot) }]
    })
  }

  /** Read once an hour: a week of snapshots is not parsed for every frame. */
  private course(desk: Desk, version: string, newest: PsiDocument): DriftView['course'] {
    const place = `${desk.symbol}/${version}`
    const known = this.courses.get(place)
    if (known?.key === newest.at) return known.course
    const course = courseOf(desk, version, newest)
    this.courses.set(place, { key: newest.at, course })
    return course
  }
}

function alertView(desk: Desk, { clearMs, ...alert }: ActiveAlert): AlertView {
  const ack = desk.alerts.acknowledgementOf(alert.rule)
  return {
    ...alert,
    acknowledged: ack === null ? null : { by: ack.by, reason: ack.reason },
    next: desk.parts.rules.find(({ name }) => name === alert.rule)?.next.join(' ') ?? '',
  }
}

function modelView(model: LoadedModel | null, settled: ReadonlyMap<string, SettledView>): ModelView | null {
  if (model === null) return null
  const { version, sha256, sinceMs, reference, offline } = model
  return {
    version,
    sha256,
    auc: offline?.auc ?? null,
    trained: reference.window,
    sinceMs,
    settled: settled.get(version) ?? null,
  }
}

/** A week of hourly PSI as the screen draws it. */
function courseOf(desk: Desk, version: string, newest: PsiDocument): DriftView['course'] {
  const untilMs = floorTo(Date.parse(newest.at), HOUR_MS)
  const fromMs = untilMs - (COURSE_HOURS - 1) * HOUR_MS
  const names = ['overall', ...Object.keys(newest.features)]
  const course: Record<string, (number | null)[]> = Object.fromEntries(
    names.map((name) => [name, Array.from({ length: COURSE_HOURS }, () => null)]),
  )
  for (const { tsMs, document } of desk.parts.store.drift.snapshots(desk.symbol, version, fromMs, untilMs)) {
    const place = Math.round((tsMs - fromMs) / HOUR_MS)
    const put = (name: string, value: number | null): void => {
      const points = course[name]
      if (points !== undefined && place >= 0 && place < COURSE_HOURS) points[place] = value
    }
    put('overall', document.overall_psi)
    for (const [name, feature] of Object.entries(document.features)) put(name, feature.psi)
  }
  return course
}

function servingView(desk: Desk, nowMs: UnixMs): ServingView {
  const { rollups, lineUp, parts } = desk
  const fromMs = nowMs - RECENT_MS
  const served = rollups.totals(fromMs, nowMs, TIMED_SOURCES)
  const own = lineUp.inCharge === null ? null : rollups.totals(fromMs, nowMs, TIMED_SOURCES, lineUp.inCharge.version)
  const shadow =
    lineUp.candidate === null ? null : rollups.totals(fromMs, nowMs, TIMED_SOURCES, lineUp.candidate.version)
  const latency = rollups.latencies(fromMs, nowMs, lineUp.candidate?.version)
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
    shadowP95Ms: lineUp.candidate === null ? null : latency.own.quantileMs(0.95),
    breaker: lineUp.candidate === null ? 'no candidate' : desk.breaker.open ? 'open' : 'closed',
    deltaLimit: parts.limits.gates.meanDelta,
    stalenessSec: desk.tape.newestBar === null ? null : rowAgeMs(desk.tape.newestBar.tsMs, nowMs) / 1_000,
    last: last === null ? null : lastScored(last, lineUp),
  }
}

/** As callers get it: the score of the model in charge calibrated, where it is. */
function lastScored(
  last: { tsMs: UnixMs; scores: ReadonlyMap<string, number> },
  { inCharge, candidate }: LineUp,
): ServingView['last'] {
  const ours = inCharge === null ? undefined : last.scores.get(inCharge.version)
  const [by, score] =
    inCharge === null || ours === undefined
      ? ([...last.scores][0] ?? ['', Number.NaN])
      : [inCharge.version, calibrated(inCharge.calibration.map, ours)]
  if (Number.isNaN(score)) return null
  return {
    atMs: last.tsMs,
    score,
    by,
    candidateScore: candidate === null ? null : (last.scores.get(candidate.version) ?? null),
  }
}

/** How long each rule's condition must hold, for the screen's large view. */
export function ruleTable(rules: readonly Rule[]): readonly Readonly<Record<string, string>>[] {
  return rules.map((rule) => ({ rule: rule.name, severity: rule.severity, for: `${rule.forMs / MINUTE_MS} min` }))
}
