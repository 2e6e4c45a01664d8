import { shortPercent } from '../../engine/kernel/figures.ts'
import { minuteText } from '../../engine/kernel/units.ts'
import type { DayPage, PageLimits } from '../documents/day-figures.ts'
import { alertsSection, dataSection, decisionsSection, gatesSection } from './daily-page-record.ts'
import { driftSection, latencySection, outcomeSection, shadowSection, worthSection } from './daily-page-charts.ts'
import type { DailyReport } from '../documents/documents.ts'
import { html, page, type Html } from './html.ts'
import { PAGE_STYLE } from './page-style.ts'

/** The page of a day as it is read at breakfast, what to do first, then what it rests on, every figure with its n: style and drawings inside, no script, nothing fetched. */
export function dailyPage(day: DayPage): string {
  const { report } = day
  const body = html`<header><h1>${report.symbol} on ${report.date}</h1>
${headline(report)}</header>
<main>${[
    metricsSection(report, day.limits),
    gatesSection(day),
    driftSection(day),
    shadowSection(day),
    latencySection(day),
    worthSection(day),
    outcomeSection(day),
    alertsSection(day),
    decisionsSection(day),
    dataSection(day),
    chainSection(report),
  ]}</main>
<footer><p>Times are UTC, of the ${report.clock === 'real' ? 'real' : 'replayed'} market clock. Written at ${minuteText(report.generated_at ?? '')} by onay ${report.onay_version ?? ''}; the figures of <code>report_${report.date}.json</code>, drawn.</p></footer>`
  return page(`${report.symbol} ${report.date}: ${report.overall_status}`, PAGE_STYLE, body)
}

const STATUS = {
  OK: { tone: 'good', says: 'nothing needs attention' },
  WARNING: { tone: 'mid', says: 'something needs a look' },
  CRITICAL: { tone: 'bad', says: 'something needs action' },
} as const

function headline({
  overall_status: status,
  action_required: actions,
  anomalies,
  promote_eligible,
  models,
}: DailyReport): Html {
  const { tone, says } = STATUS[status]
  const { baseline, candidate } = models
  return html`<p><span class="status ${tone}">${status}</span> ${says}.</p>
<p>${baseline ?? 'No model'} in charge, ${candidate === null ? 'no candidate in the shadow' : html`${candidate} in the shadow`}; ${promote_eligible ? 'eligible' : 'not eligible'} for promotion.</p>
<h2>What to do</h2>
${actions.length === 0 ? html`<p>No action needed.</p>` : html`<ul>${actions.map((action) => html`<li>${action}</li>`)}</ul>`}
${anomalies.length === 0 ? null : html`<p>Noticed in the data:</p><ul>${anomalies.map((anomaly) => html`<li>${anomaly}</li>`)}</ul>`}`
}

type Metric = keyof DailyReport['metrics']

interface Tile {
  readonly metric: Metric
  readonly title: string
  readonly n: readonly [field: string, unit: string]
  readonly show: (value: number) => string
  readonly limit?: (limits: PageLimits) => string
}

const TILES: readonly Tile[] = [
  {
    metric: 'psi_score',
    title: 'PSI, model in charge',
    n: ['psi_rows', 'rows of 7 days'],
    show: (v) => v.toFixed(3),
    limit: ({ psi }) => `below ${psi.overall}`,
  },
  {
    metric: 'match_rate',
    title: 'Match rate',
    n: ['comparisons', 'comparisons'],
    show: (v) => shortPercent(v),
    limit: (limits) => `at least ${shortPercent(limits.matchRate)}`,
  },
  {
    metric: 'mean_delta',
    title: 'Mean delta',
    n: ['comparisons', 'comparisons'],
    show: (v) => v.toFixed(4),
    limit: (limits) => `below ${limits.meanDelta}`,
  },
  { metric: 'error_rate', title: 'Errors of the model', n: ['tried', 'tries'], show: (v) => shortPercent(v) },
  {
    metric: 'predict_p95_ms',
    title: 'Latency, p95',
    n: ['timed', 'timed answers'],
    show: (v) => `${v.toFixed(2)} ms`,
    limit: (limits) => `below ${limits.p95Ms} ms`,
  },
  { metric: 'auc_live', title: 'AUC, live', n: ['settled', 'settled minutes'], show: (v) => v.toFixed(3) },
  {
    metric: 'precision_at_20_live',
    title: 'Precision at 20 %, live',
    n: ['settled', 'settled minutes'],
    show: (v) => shortPercent(v),
  },
  { metric: 'log_loss_live', title: 'Log loss, live', n: ['settled', 'settled minutes'], show: (v) => v.toFixed(4) },
  { metric: 'ece', title: 'Calibration error', n: ['settled', 'settled minutes'], show: (v) => v.toFixed(3) },
  { metric: 'base_rate', title: 'Base rate', n: ['settled', 'settled minutes'], show: (v) => shortPercent(v) },
]

function metricsSection(report: DailyReport, limits: PageLimits): Html {
  const tiles = TILES.map((tile) => tileOf(tile, report, limits))
  return html`<h2>The day in figures</h2><dl class="tiles"><div><dt>Requests answered</dt><dd>${report.metrics.requests ?? 'unknown'}</dd></div>${tiles}</dl>
${
  report.promised === null
    ? null
    : html`<p class="note">Promised by the offline report of the model in charge: AUC ${report.promised.auc.toFixed(3)}, calibration error ${report.promised.ece.toFixed(3)}, base rate ${shortPercent(report.promised.base_rate)}.</p>`
}`
}

function tileOf({ metric, title, n: [field, unit], show, limit }: Tile, report: DailyReport, limits: PageLimits): Html {
  const value = report.metrics[metric]
  const n = `n ${report.n[field] ?? 'unknown'} ${unit}`
  if (typeof value !== 'number')
    return html`<div><dt>${title}</dt><dd class="unknown">unknown <span class="n0">${report.unmeasured[metric] ?? 'not measured'}; ${n}</span></dd></div>`
  return html`<div><dt>${title}</dt><dd>${show(value)} <span class="n0">${n}${limit === undefined ? null : html`; ${limit(limits)}`}</span></dd></div>`
}

function chainSection({ chain }: DailyReport): Html {
  return html`<h2>The chain</h2><p>${
    chain == null
      ? 'There was no entry yet when this report was made.'
      : html`Its head when this report was made: entry ${String(chain.seq)}, <code>${chain.hash}</code>. Kept elsewhere, it shows whether the chain was cut short later.`
  }</p>`
}
