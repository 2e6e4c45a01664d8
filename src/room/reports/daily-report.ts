import { eligible } from '../../engine/gates/evaluate.ts'
import { verdictOf } from '../../engine/kernel/verdict.ts'
import { percent } from '../../engine/kernel/figures.ts'
import type { AlertChangeRow } from '../../db/watch.ts'
import { answeredLatencies } from '../../db/report-reads.ts'
import { DAY_MS, isoDate, isoTime, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { completeness, findGaps, type Gap } from '../../engine/market/gaps.ts'
import { ece, logLoss } from '../../engine/stats/calibration.ts'
import { atTop, auc } from '../../engine/stats/ranking.ts'
import type { DailyReport, PsiDocument } from '../../evidence/documents/documents.ts'
import { LatencyHistogram } from '../../db/latency-histogram.ts'
import { COMPARED_SOURCES } from '../../engine/shadow/source.ts'
import type { Desk } from '../desk/desk.ts'
import { alertsOf } from './day-alerts.ts'
import { dayArms } from './day-arms.ts'
import { dayParts } from './day-parts.ts'
import { sumOf } from './rollup-sums.ts'

const MIN_TIMED = 59
const MIN_ECE_ROWS = 1_000

export interface DayThresholds {
  /** Share of the minutes that must have their row, and share of missing values that is still no anomaly, 0 to 1. */
  readonly completeness: number
  readonly missingShare: number
  /** More missing minutes than this in a row are a gap that is named as an anomaly. */
  readonly gapMin: number
}

/** Everything that is known of one UTC day of a symbol. What could not be measured is null and says why. */
export function dailyReport(
  desk: Desk,
  dayMs: UnixMs,
  chain: DailyReport['chain'],
  thresholds: DayThresholds,
): DailyReport {
  const { store } = desk.parts
  const { symbol } = desk
  const untilMs = dayMs + DAY_MS
  const baseline = desk.lineUp.inCharge
  const candidate = desk.lineUp.candidate
  const rollups = store.rollups.countsBetween(symbol, dayMs, untilMs)
  const served = sumOf(rollups, COMPARED_SOURCES)
  const own = sumOf(rollups, COMPARED_SOURCES, baseline?.version ?? '')
  const shadow = sumOf(rollups, COMPARED_SOURCES, candidate?.version ?? '')
  const latency = desk.rollups.serviceOver(dayMs, untilMs) ?? latencyOf(desk, dayMs, untilMs)
  const psi = baseline === null ? null : psiAt(desk, baseline.version, untilMs)
  const live = liveFigures(desk, baseline?.version ?? null, dayMs, untilMs)
  const quality = qualityOf(desk, dayMs, untilMs, thresholds)
  const alerts = alertsOf(store.watch.alertChanges(symbol, 0, untilMs), dayMs)
  const lastGates = store.watch.newestGatesIn(symbol, dayMs, untilMs)
  const gates = lastGates === null ? null : gateSummary(lastGates.verdicts)
  const unmeasured: Record<string, string> = {}
  const measured = <T>(field: string, value: T | null, why: string): T | null => {
    if (value === null) unmeasured[field] = why
    return value
  }
  const noModel = baseline === null ? 'no model was in charge' : null
  const metrics: DailyReport['metrics'] = {
    psi_score: measured('psi_score', psi?.overall_psi ?? null, noModel ?? 'no hourly snapshot of the day'),
    psi_by_feature: measured(
      'psi_by_feature',
      psi === null ? null : Object.fromEntries(Object.entries(psi.features).map(([name, f]) => [name, f.psi])),
      noModel ?? 'no hourly snapshot of the day',
    ),
    error_rate: measured(
      'error_rate',
      own.tried === 0 ? null : own.errors / own.tried,
      noModel ?? 'the model was not asked',
    ),
    match_rate: measured(
      'match_rate',
      shadow.compared === 0 ? null : shadow.matched / shadow.compared,
      'no comparison with a candidate',
    ),
    predict_p95_ms: measured(
      'predict_p95_ms',
      latency.count < MIN_TIMED ? null : latency.quantileMs(0.95),
      `${latency.count} timed answers, ${MIN_TIMED} needed`,
    ),
    mean_delta: measured(
      'mean_delta',
      shadow.compared === 0 ? null : shadow.deltaSum / shadow.compared,
      'no comparison with a candidate',
    ),
    requests: served.requests,
    auc_live: measured('auc_live', live.auc, noModel ?? 'no settled minute of both classes'),
    precision_at_20_live: measured('precision_at_20_live', live.precision, noModel ?? 'too few settled minutes'),
    log_loss_live: measured('log_loss_live', live.logLoss, noModel ?? 'no settled minute'),
    ece: measured('ece', live.ece, noModel ?? 'no settled minute'),
    base_rate: measured('base_rate', live.baseRate, noModel ?? 'no settled minute'),
  }
  const anomalies = anomaliesOf(quality, live.n, thresholds)
  const { status, actions } = judgeDay({ psi, alerts, anomalies, hasModel: baseline !== null, quality, thresholds })
  return {
    symbol,
    date: isoDate(dayMs),
    models: {
      baseline: baseline?.version ?? null,
      candidate: candidate?.version ?? null,
      candidate_since: candidate === null ? null : isoTime(candidate.sinceMs),
    },
    parts: dayParts(desk, dayMs),
    arms: dayArms(desk, dayMs),
    metrics,
    n: {
      requests: served.requests,
      tried: own.tried,
      comparisons: shadow.compared,
      psi_rows: psi?.current.n ?? 0,
      settled: live.n,
      timed: latency.count,
      rows: quality.rows,
    },
    unmeasured,
    promised:
      baseline?.offline == null
        ? null
        : {
            auc: baseline.offline.auc,
            precision_at_20: baseline.offline.precisionAt20,
            log_loss: baseline.offline.logLoss,
            ece: baseline.offline.ece,
            base_rate: baseline.offline.baseRate,
          },
    data_quality: quality,
    alerts: alerts.map((change) => ({ rule: change.rule, severity: change.severity, at: isoTime(change.tsMs) })),
    gates,
    anomalies,
    overall_status: status,
    promote_eligible: gates?.verdict === 'ELIGIBLE',
    action_required: actions,
    chain_head: chain?.hash ?? null,
    chain,
  }
}

function latencyOf({ symbol, parts }: Desk, fromMs: UnixMs, untilMs: UnixMs): LatencyHistogram {
  const all = LatencyHistogram.empty()
  for (const { histogram } of answeredLatencies(parts.store.db, symbol, fromMs, untilMs))
    all.add(LatencyHistogram.decode(histogram))
  return all
}

function psiAt(desk: Desk, version: string, atMs: UnixMs): PsiDocument | null {
  return desk.parts.store.drift.snapshots(desk.symbol, version, atMs - DAY_MS + 1, atMs).at(-1)?.document ?? null
}

function liveFigures(desk: Desk, version: string | null, fromMs: UnixMs, untilMs: UnixMs) {
  const rows = version === null ? [] : desk.parts.store.predictions.settled(desk.symbol, version, fromMs, untilMs)
  const labels = rows.map((row) => row.label)
  const scores = rows.map((row) => row.score)
  const n = rows.length
  if (n === 0) return { n, auc: null, precision: null, logLoss: null, ece: null, baseRate: null }
  const area = auc(labels, scores)
  const top = atTop(labels, scores)
  return {
    n,
    auc: Number.isNaN(area) ? null : area,
    precision: top.k === 0 ? null : top.precision,
    logLoss: logLoss(labels, scores),
    ece: ece(labels, scores),
    baseRate: labels.reduce((sum, label) => sum + label, 0) / n,
  }
}

function qualityOf(desk: Desk, dayMs: UnixMs, untilMs: UnixMs, thresholds: DayThresholds): DailyReport['data_quality'] {
  const { store } = desk.parts
  const times = store.features.times(desk.symbol, dayMs, untilMs)
  const first = times[0]
  const { rows, missing } = store.features.missing(desk.symbol, dayMs, untilMs)
  const features = desk.lineUp.inCharge?.model.features ?? []
  return {
    rows,
    // The first day begins with its first bar; every other is a whole day, up to where the recording has come.
    completeness:
      first === undefined ? null : completeness(rows, firstMinute(desk, dayMs, first), lastMinute(desk, untilMs)),
    gaps: gapsOf(desk, times, { dayMs, untilMs }, thresholds).map((gap) => ({
      from: isoTime(gap.fromMs),
      until: isoTime(gap.untilMs),
      minutes: gap.minutes,
    })),
    // Of no rows no share is missing: that is unknown, and the anomalies say that there was no row.
    missing: rows === 0 ? {} : Object.fromEntries(features.map((name) => [name, (missing[name] ?? 0) / rows])),
  }
}

/**
 * The gaps that a day saw the end of, from where they began, even the day before; and one that it ended in, as far as it went.
 * At the day's edges those alone that are an anomaly: the last bar of a day comes a little after its midnight.
 */
function gapsOf(
  desk: Desk,
  times: Float64Array,
  { dayMs, untilMs }: { readonly dayMs: UnixMs; readonly untilMs: UnixMs },
  { gapMin }: DayThresholds,
): Gap[] {
  const { store } = desk.parts
  const before = store.bars.newestBefore(desk.symbol, dayMs)
  const endMs = lastMinute(desk, untilMs) + MINUTE_MS
  const last = times.at(-1) ?? before
  const seen = [...(before === null ? [] : [before]), ...times]
  const named = findGaps(last === null || endMs <= last ? seen : [...seen, endMs])
  return named.filter(({ fromMs, untilMs: over, minutes }) => minutes > gapMin || (fromMs >= dayMs && over < endMs))
}

function firstMinute(desk: Desk, dayMs: UnixMs, firstRowMs: UnixMs): UnixMs {
  const begun = desk.parts.store.bars.firstMs(desk.symbol) ?? dayMs
  return begun > dayMs ? firstRowMs : dayMs
}

function lastMinute(desk: Desk, untilMs: UnixMs): UnixMs {
  return Math.min(untilMs, desk.tape.momentMs) - MINUTE_MS
}

function gateSummary(verdicts: string): NonNullable<DailyReport['gates']> {
  const each = verdicts.split('').map(verdictOf)
  const passed = each.filter((verdict) => verdict === 'PASS').length
  return {
    verdict: eligible(each.map((verdict) => ({ verdict }))) ? 'ELIGIBLE' : 'BLOCKED',
    passed,
    verdicts: each,
  }
}

function anomaliesOf(quality: DailyReport['data_quality'], settled: number, thresholds: DayThresholds): string[] {
  const anomalies: string[] = []
  if (quality.completeness === null) anomalies.push('no row in the whole day')
  else if (quality.completeness <= thresholds.completeness)
    anomalies.push(`completeness ${percent(quality.completeness, 2)}`)
  for (const gap of quality.gaps)
    if (gap.minutes > thresholds.gapMin) anomalies.push(`gap of ${gap.minutes} minutes from ${gap.from}`)
  for (const [name, share] of Object.entries(quality.missing)) {
    if (share > thresholds.missingShare) anomalies.push(`${name} missing in ${percent(share, 2)} of the rows`)
  }
  if (settled > 0 && settled < MIN_ECE_ROWS) anomalies.push(`ECE over ${settled} rows is mostly noise`)
  return anomalies
}

interface DayFigures {
  readonly psi: PsiDocument | null
  readonly alerts: readonly AlertChangeRow[]
  readonly anomalies: readonly string[]
  readonly hasModel: boolean
  readonly quality: DailyReport['data_quality']
  readonly thresholds: { readonly completeness: number }
}

function judgeDay({ psi, alerts, anomalies, hasModel, quality }: DayFigures): {
  status: DailyReport['overall_status']
  actions: string[]
} {
  const actions: string[] = []
  let critical = false
  let warning = anomalies.length > 0
  if (psi?.verdict === 'FAIL') {
    critical = true
    actions.push(`drift: ${psi.reason}; retrain on features that drift less: onay retrain`)
  } else if (psi !== null && psi.level !== null && psi.level !== 'stable') {
    warning = true
    actions.push(`drift has reached the ${psi.level} level: watch it with onay psi --trend 7d`)
  }
  for (const alert of alerts) {
    if (alert.severity === 'critical') critical = true
    else warning = true
  }
  if (alerts.length > 0)
    actions.push(`look at the alerts: ${[...new Set(alerts.map((alert) => alert.rule))].join(', ')}`)
  if (!hasModel) {
    warning = true
    actions.push('no model is in charge: 14 days of bars are needed')
  }
  if (quality.rows === 0) {
    critical = true
    actions.push('no bar came in: look at the feed')
  }
  return { status: critical ? 'CRITICAL' : warning ? 'WARNING' : 'OK', actions }
}
