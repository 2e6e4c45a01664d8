/** Documents as people read them: one line a fact, figures before words, limits beside figures. */
import type { OwnFeatures } from '../evidence/documents/own-features.ts'
import { percent } from '../engine/kernel/figures.ts'
import { minuteUtc } from '../engine/kernel/units.ts'
import type {
  StoredDailyReport,
  FeaturesDocument,
  GateDocument,
  GatesDocument,
  ModelDocument,
  PsiDocument,
} from '../evidence/documents/documents.ts'
import type { PsiTrend } from '../control/answers.ts'

export function gatesText(document: GatesDocument): string {
  const lines = document.gates.map((gate) => {
    const ready = gate.ready_at === null ? '' : `, ready ${minuteUtc(gate.ready_at)}`
    return `${gate.gate} ${gate.name.padEnd(14)}${gate.verdict.padEnd(6)}${valueOf(gate).padEnd(14)}${limitOf(gate).padEnd(14)}${gate.reason}${ready}`
  })
  const missing = document.gates.flatMap((gate) => (isCount(gate.value) ? gate.value.missing : []))
  const makes = [...new Set(missing.map((file) => file.make))]
  return [
    `${document.symbol} ${minuteUtc(document.at)}  ${document.model ?? 'no model'}: ${document.verdict}, ${document.passed} of ${document.of}`,
    ...lines,
    `  outcome       ${document.outcome.verdict.replace('_', ' ')}: ${document.outcome.text}`,
    ...makes.map((make) => `  ${missing.filter((file) => file.make === make).length} files missing, made by: ${make}`),
  ].join('\n')
}

function isCount(value: GateDocument['value']): value is Extract<GateDocument['value'], { missing: unknown }> {
  return typeof value === 'object' && value !== null && 'missing' in value
}

function valueOf(gate: GateDocument): string {
  const { value } = gate
  if (value === null) return '-'
  if (typeof value === 'number') return value.toFixed(gate.name === 'alert_silence' ? 0 : 3)
  return isCount(value)
    ? `${value.present}/${value.required}`
    : `${value.auc.toFixed(3)} ${value.precision_at_20.toFixed(3)}`
}

function limitOf(gate: GateDocument): string {
  const { threshold } = gate
  if (threshold === null) return ''
  if (typeof threshold === 'number') return `${gate.name === 'alert_silence' ? '=' : '<'} ${threshold}`
  return `>= ${threshold.auc} ${threshold.precision_at_20}`
}

export function psiText(document: PsiDocument): string {
  const rows = Object.entries(document.features).map(
    ([name, feature]) =>
      `  ${name.padEnd(18)}${feature.psi.toFixed(4).padStart(8)}  ${feature.level.padEnd(9)} chance ${feature.chance_p95.toFixed(4)}, within the reference ${figure(feature.within_reference_p95)}`,
  )
  return [
    `${document.symbol} ${minuteUtc(document.at)}  PSI of ${document.model}: ${document.verdict}, ${document.reason}`,
    `  ${'overall'.padEnd(18)}${figure(document.overall_psi).padStart(8)}  ${(document.level ?? 'unknown').padEnd(9)} limit ${document.slo_check.threshold}, one feature ${document.slo_check.feature_threshold}`,
    ...rows,
    `  reference ${minuteUtc(document.reference.from)} to ${minuteUtc(document.reference.until)}, n ${document.reference.n}; current from ${minuteUtc(document.current.from)}, n ${document.current.n}`,
  ].join('\n')
}

export function trendText(trend: PsiTrend): string {
  const lines = trend.items.map((item) => {
    const features = Object.entries(item.features).map(([name, psi]) => `${name} ${psi.toFixed(3)}`)
    return `${minuteUtc(item.at)}  ${(item.overall_psi?.toFixed(3) ?? '-').padStart(7)}  ${item.verdict.padEnd(6)}${features.join('  ')}`
  })
  return [
    `${trend.symbol} PSI of ${trend.model}, hourly`,
    ...(lines.length === 0 ? ['no snapshot in this span'] : lines),
  ].join('\n')
}

export function featuresText(document: FeaturesDocument): string {
  const missing = Object.entries(document.missing).filter(([, share]) => share > 0)
  return [
    `${document.symbol}  ${document.rows} rows, ${document.from === null ? 'none yet' : `${minuteUtc(document.from)} to ${minuteUtc(document.until ?? '')}`}`,
    `  completeness ${document.completeness === null ? 'unknown' : percent(document.completeness, 3)}, ${document.gaps.length} gaps`,
    `  dropped: ${document.bad_rows} bad, ${document.duplicates} duplicates, ${document.late} late`,
    `  missing: ${missing.length === 0 ? 'nothing' : missing.map(([name, share]) => `${name} ${percent(share, 2)}`).join(', ')}`,
    ...(document.own === undefined ? [] : ownLines(document.own)),
    ...(document.anomalies.length === 0 ? ['  no anomaly'] : document.anomalies.map((anomaly) => `  ! ${anomaly}`)),
  ].join('\n')
}

function overdueText(overdue: number): string {
  return overdue === 0 ? 'none is overdue' : `${overdue} minutes of the last 24 hours lack one, past their horizon`
}

function ownLines({ columns, sets, moments, newest, outcomes }: OwnFeatures): string[] {
  const values = moments === 0 ? 'no value yet' : `values of ${moments} moments, the newest ${minuteUtc(newest ?? '')}`
  return [
    `  your own: ${columns.length} columns, ${values}`,
    ...columns.map(
      ({ name, unit, max_age_s, about }) =>
        `    ${name}  in ${unit}, for at most ${max_age_s} s${about === '' ? '' : `: ${about}`}`,
    ),
    ...sets.map(({ name, model }) => `    set ${name}: ${model.join(', ')}`),
    ...(outcomes === null ? [] : [`  outcomes of ${outcomes.name}: ${overdueText(outcomes.overdue)}`]),
  ]
}

export function modelsText(items: readonly ModelDocument[]): string {
  if (items.length === 0) return 'no model yet: the first is trained once there are 14 days of bars'
  return items
    .map(
      (model) =>
        `${model.version.padEnd(12)}${(model.slot ?? '').padEnd(11)}${(model.offline?.auc.toFixed(4) ?? '-').padEnd(8)}${model.sha256.slice(0, 12)}  ${model.features.length} features`,
    )
    .join('\n')
}

export function modelText(model: ModelDocument): string {
  const { offline } = model
  return [
    `${model.version} of ${model.symbol}: ${model.kind}, ${model.slot ?? 'in no slot'}, profile ${model.profile}`,
    `  sha256 ${model.sha256}`,
    // What comes from elsewhere was trained on rows of its maker's, and measured on these.
    `  ${model.kind === 'logistic' ? 'trained' : 'measured'} on ${model.window === null ? 'nothing' : `${minuteUtc(model.window.from)} to ${minuteUtc(model.window.until)}`}, features ${model.features.join(', ')}`,
    ...(offline === null
      ? ['  no offline report']
      : [
          `  AUC ${offline.auc.toFixed(4)} [${offline.auc_interval.lo.toFixed(4)}, ${offline.auc_interval.hi.toFixed(4)}], P@20 ${offline.precision_at_20.toFixed(4)}, log loss ${offline.log_loss.toFixed(4)}, ECE ${offline.ece.toFixed(4)}, n ${offline.rows}`,
          `  ${offline.plain}`,
        ]),
  ].join('\n')
}

/** What each figure of a day was counted over. */
const COUNTED: Readonly<Record<string, string>> = {
  psi_score: 'psi_rows',
  error_rate: 'tried',
  match_rate: 'comparisons',
  mean_delta: 'comparisons',
  predict_p95_ms: 'timed',
  auc_live: 'settled',
  precision_at_20_live: 'settled',
  log_loss_live: 'settled',
  ece: 'settled',
  base_rate: 'settled',
}

export function reportText(report: StoredDailyReport): string {
  const counted = (name: string): string => {
    const field = COUNTED[name]
    return field === undefined ? '' : `  n ${report.n[field] ?? 'unknown'} ${field.replace('_', ' ')}`
  }
  const figures = Object.entries(report.metrics).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [
          `  ${name.padEnd(22)}${(name === 'requests' ? String(value) : value.toFixed(4)).padEnd(10)}${counted(name)}`.trimEnd(),
        ]
      : [],
  )
  const unknown = Object.entries(report.unmeasured).map(([name, why]) => `  ${name.padEnd(22)}unknown: ${why}`)
  const arms = (report.arms ?? []).map(
    ({ arm, active, trades, net, expectancy_bp: expectancy }) =>
      `  ${(active ? `${arm} *` : arm).padEnd(22)}${net.toFixed(2).padEnd(10)}  net of ${trades} trades on paper${expectancy === null ? '' : `, ${expectancy.toFixed(1)} bp each`}`,
  )
  return [
    `${report.symbol} ${report.date}: ${report.overall_status}, ${report.promote_eligible ? 'eligible' : 'not eligible'} for promotion`,
    ...figures,
    ...unknown,
    ...arms,
    ...report.action_required.map((action) => `  to do: ${action}`),
  ].join('\n')
}

function figure(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(4)
}
