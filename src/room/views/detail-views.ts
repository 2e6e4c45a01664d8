import type { Interval } from '../../engine/stats/intervals.ts'
import { percent } from '../../engine/kernel/figures.ts'
import { HOUR_MS, isoTime, MINUTE_MS, type UnixMs, minuteText } from '../../engine/kernel/units.ts'
import type { GateDocument, GatesDocument } from '../../evidence/documents/documents.ts'
import { LatencyHistogram } from '../../db/latency-histogram.ts'
import type { DetailView, Panel } from '../../control/panels.ts'
import type { RoomView } from '../../control/view.ts'
import { alertsTable } from './alerts-table.ts'
import { marketTable } from './market-table.ts'
import { modelsTable, outcomeView } from './outcome-views.ts'
import { phaseDocument } from '../canary/canary-document.ts'
import type { Desks } from '../desk/desks.ts'

const HOURS_OF_LATENCY = 6
const MAX_POINTS = 360
/** Features that a chart of drift names. */
const WORST = 3

/** What a panel shows when it is opened large: a series where there is one, else rows. */
export function detailView(desks: Desks, view: RoomView, panel: Panel): DetailView {
  switch (panel) {
    case 'gates':
      return gatesTable(view)
    case 'canary':
      return canaryTable(desks, view)
    case 'models':
      return modelsTable(view)
    case 'outcome':
      return outcomeView(desks, view)
    case 'market':
      return marketTable(desks, view)
    case 'drift':
      return driftChart(view)
    case 'serving':
      return latencyChart(desks, view)
    case 'jobs':
      return {
        kind: 'table',
        title: 'Jobs',
        rows: view.room.jobs.map((job) => ({
          job: job.name,
          last: minute(job.lastMs),
          next: minute(job.nextMs),
          ok: job.ok === null ? '-' : job.ok ? 'yes' : 'no',
          result: job.result,
        })),
        note: 'times are UTC on the market clock',
      }
    case 'alerts':
      return alertsTable(desks, view)
    case 'events':
      return {
        kind: 'table',
        title: 'Events',
        rows: desks.store.journal.events(view.room.symbol, 500).map((event) => ({
          time: isoTime(event.tsMs).slice(0, 19).replace('T', ' '),
          kind: event.kind,
          severity: event.severity,
          text: event.text,
        })),
        note: 'newest first',
      }
  }
}

/** The phases of the newest run, and the one that runs. */
function canaryTable(desks: Desks, view: RoomView): DetailView {
  const { canary } = view.models
  const share = (value: number | null): string => (value === null ? '-' : percent(value))
  const ended = (desks.of(view.room.symbol).canary.begun?.phases ?? []).map(phaseDocument)
  const rows = ended.map((phase) => ({
    phase: `${phase.phase}, ${share(phase.split)}`,
    from: phase.started_at.slice(5, 16).replace('T', ' '),
    live: String(phase.live),
    probes: String(phase.probes),
    match: share(phase.match_rate),
    errors: share(phase.error_rate),
    p95: phase.p95_ms === null ? '-' : `${phase.p95_ms.toFixed(2)} ms`,
    decision: phase.decision,
    reason: phase.reason,
  }))
  const name =
    canary.run_id === null ? '' : ` of ${canary.candidate ?? ''}, ${canary.plan_name ?? ''}, ${canary.profile}`
  const note =
    canary.run_id === null ? 'no canary has run' : `${canary.state.replace('_', ' ')}: ${canary.reason ?? ''}`
  return { kind: 'table', title: `Canary${name}`, rows, note }
}

/** Each gate with its limit, then the files of gate 6 that are missing, and what the outcome says beside them. */
function gatesTable(view: RoomView): DetailView {
  const { gates: judged } = view.models
  const gates = judged?.gates ?? []
  const rows = gates.map((gate) => ({
    gate: `${gate.gate} ${gate.name}`,
    verdict: gate.verdict,
    value: gateValue(gate),
    limit: gateLimit(gate),
    reason: gate.reason,
    'ready at': gate.ready_at === null ? '' : minuteText(gate.ready_at),
  }))
  const missing = gates.flatMap((gate) =>
    typeof gate.value === 'object' && gate.value !== null && 'missing' in gate.value ? gate.value.missing : [],
  )
  const files = missing.map((file) => ({
    gate: '6 evidence',
    verdict: 'missing',
    value: '',
    limit: '',
    reason: `${file.file}: made by ${file.make}`,
    'ready at': '',
  }))
  const outcome = judged === null || view.models.candidate === null ? [] : [outcomeRow(judged)]
  return {
    kind: 'table',
    title: `Gates of ${judged?.model ?? 'no model'}`,
    rows: [...rows, ...outcome, ...files],
    note: judged === null ? 'no model yet' : `${judged.verdict}, ${judged.passed} of ${judged.of} pass`,
    inDetail: ['ready at'],
  }
}

function outcomeRow({ outcome }: GatesDocument): Readonly<Record<string, string>> {
  const reason =
    outcome.difference === null
      ? outcome.text
      : `${outcome.text}; shadow minus in charge ${intervalText(outcome.difference)}`
  return { gate: 'outcome', verdict: outcome.verdict.replace('_', ' '), value: '', limit: '', reason, 'ready at': '' }
}

function intervalText({ value, lo, hi }: Interval): string {
  return `${value.toFixed(4)} (95 % ${lo.toFixed(4)} to ${hi.toFixed(4)})`
}

function gateLimit({ threshold, name }: GateDocument): string {
  if (threshold === null) return ''
  if (typeof threshold !== 'number') return `>= ${threshold.auc} / ${threshold.precision_at_20}`
  return name === 'alert_silence' ? `= ${threshold}` : `< ${threshold}`
}

function gateValue(gate: GateDocument): string {
  const { value } = gate
  if (value === null) return '-'
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(4)
  return 'missing' in value
    ? `${value.present} of ${value.required}`
    : `${value.auc.toFixed(4)} / ${value.precision_at_20.toFixed(4)}`
}

function driftChart(view: RoomView): DetailView {
  const drift = view.watch.drift[0]
  const untilMs = view.room.clock.marketMs
  const course = drift?.course ?? {}
  const hours = course.overall?.length ?? 0
  return {
    kind: 'chart',
    title: `PSI of ${drift?.model ?? 'no model'}, hourly, 7 days`,
    series: drawnSeries(course),
    fromMs: untilMs - hours * HOUR_MS,
    untilMs,
    limit: drift?.snapshot.slo_check.threshold ?? null,
    unit: 'PSI, logarithmic',
    logarithmic: true,
    note: drift === undefined ? 'no model yet' : drift.snapshot.reason,
  }
}

/** Overall first, then the features that stand highest now; the others lie faint behind them. */
function drawnSeries(
  course: Readonly<Record<string, readonly (number | null)[]>>,
): Extract<DetailView, { kind: 'chart' }>['series'] {
  const last = (points: readonly (number | null)[]): number => points.findLast((point) => point !== null) ?? 0
  const [overall, ...features] = Object.entries(course)
    .map(([name, points]) => ({ name, points }))
    .sort((a, b) => Number(b.name === 'overall') - Number(a.name === 'overall') || last(b.points) - last(a.points))
  if (overall === undefined) return []
  return [overall, ...features.map((one, i) => (i < WORST ? one : { ...one, faint: true }))]
}

function latencyChart(desks: Desks, view: RoomView): DetailView {
  const untilMs = view.room.clock.marketMs
  const fromMs = untilMs - HOURS_OF_LATENCY * HOUR_MS
  const points: (number | null)[] = Array.from({ length: MAX_POINTS }, () => null)
  const merged = new Map<number, LatencyHistogram>()
  for (const row of desks.store.rollups.between(view.room.symbol, fromMs, untilMs)) {
    if (row.serviceHist === null) continue
    const place = Math.floor((row.tsMs - fromMs) / MINUTE_MS)
    const histogram = merged.get(place) ?? LatencyHistogram.empty()
    histogram.add(LatencyHistogram.decode(row.serviceHist))
    merged.set(place, histogram)
  }
  for (const [place, histogram] of merged) if (place < MAX_POINTS) points[place] = histogram.quantileMs(0.95)
  return {
    kind: 'chart',
    title: 'P95 of the answers by minute',
    series: [{ name: 'p95', points }],
    fromMs,
    untilMs,
    limit: null,
    unit: 'ms',
    close: true,
    note: `limit ${desks.limits.gates.p95Ms} ms; the last ${HOURS_OF_LATENCY} hours of the market clock`,
  }
}

function minute(ms: UnixMs | null): string {
  return ms === null ? '-' : isoTime(ms).slice(5, 16).replace('T', ' ')
}
