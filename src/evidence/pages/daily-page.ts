import { shortPercent } from '../../engine/kernel/figures.ts'
import { clockText, DAY_MS, isoDate, minuteText } from '../../engine/kernel/units.ts'
import type { DayPage, PageLimits } from '../documents/day-figures.ts'
import {
  alertsSection,
  armsSection,
  dataSection,
  decisionsSection,
  gatesSection,
  runbookSection,
} from './daily-page-record.ts'
import { courseSection, driftSection, outcomeSection, qualitySection, shadowSection } from './daily-page-charts.ts'
import type { DailyReport } from '../documents/documents.ts'
import { html, page, table, type Html } from './html.ts'
import { PAGE_STYLE } from './page-style.ts'
import { longDate, ruleLink } from './page-words.ts'

/** The page of a day as it is read at breakfast, what to do first, then what it rests on, every figure with its n: style and drawings inside, no script, nothing fetched. */
export function dailyPage(day: DayPage): string {
  const { report } = day
  const body = html`<header>${neighbours(day)}<h1>${report.symbol} <small>${longDate(report.date)}</small></h1>
${headline(day)}</header>
<main>${[
    metricsSection(day),
    partsSection(report),
    courseSection(day),
    decisionsSection(day),
    gatesSection(day),
    outcomeSection(day),
    shadowSection(day),
    armsSection(day),
    driftSection(day),
    qualitySection(day),
    alertsSection(day),
    dataSection(day),
    chainSection(report),
  ]}${runbookSection(day)}</main>
<footer><p>Times are UTC, of the ${report.clock === 'real' ? 'real' : 'replayed'} market clock. Written at ${minuteText(report.generated_at ?? '')} by onay ${report.onay_version ?? ''}; the figures of <code>report_${report.date}.json</code>, drawn. The page of a day that was run through as history is made by <code>onay report daily --date DAY --html</code>.</p></footer>`
  return page(`${report.symbol} ${report.date}: ${report.overall_status}`, PAGE_STYLE, body)
}

/** The pages beside this one. The next day has its own once it has ended. */
function neighbours({ report, figures }: DayPage): Html {
  const at = Date.parse(report.date)
  const link = (date: string, text: string): Html => html`<a href="report_${date}.html">${text}</a>`
  const [before, after] = [isoDate(at - DAY_MS), isoDate(at + DAY_MS)]
  return html`<nav>${figures.followsDay ? link(before, `← ${before}`) : html`<span></span>`}${link(after, `${after} →`)}</nav>`
}

const STATUS = {
  OK: { tone: 'good', says: 'Nothing needs attention.' },
  WARNING: { tone: 'mid', says: 'Something needs a look.' },
  CRITICAL: { tone: 'bad', says: 'Something needs action.' },
} as const

function headline({ report, figures }: DayPage): Html {
  const { overall_status: status, action_required: actions, anomalies, promote_eligible, models } = report
  const { tone, says } = STATUS[status]
  const { baseline, candidate } = models
  const turns = figures.decisions.filter(({ kind }) => kind === 'promotion' || kind === 'rollback')
  const shadow =
    candidate === null
      ? html`none`
      : html`${candidate} <span class="muted">${promote_eligible ? 'may be promoted' : 'may not be promoted yet'}</span>`
  return html`<div class="hero ${tone}"><p><span class="status ${tone}">${status}</span> ${says}</p>
${turns.map(turnText)}
${
  actions.length === 0
    ? null
    : html`<h2>What to do</h2><ul>${actions.map((action) => html`<li>${withLinks(action, report)}</li>`)}</ul>`
}
${anomalies.length === 0 ? null : html`<p>Noticed in the data:</p><ul>${anomalies.map((anomaly) => html`<li>${anomaly}</li>`)}</ul>`}</div>
<p class="roles"><span class="muted">in charge</span> <b>${baseline ?? 'no model'}</b> <span class="muted">in the shadow</span> <b>${shadow}</b></p>`
}

/** A change of the model in charge, which a reader must not miss. */
function turnText({ kind, subject, atMs, by, reason }: DayPage['figures']['decisions'][number]): Html {
  const who = by.length === 0 ? '' : ` by ${by.join(', ')}`
  const why = reason === null || reason === '' ? '.' : html`: “${reason}”`
  return html`<p><b>${subject}</b> was ${kind === 'promotion' ? 'promoted' : 'put back in charge'} at ${clockText(atMs)}${who}${why}</p>`
}

/** Names of the day's alerts lead to what to do about them. */
function withLinks(action: string, { alerts }: DailyReport): Html {
  const rules = new Set(alerts.map(({ rule }) => rule))
  const pieces = action.split(/\b(ML[A-Za-z0-9]+)\b/)
  return html`${pieces.map((piece) => (rules.has(piece) ? ruleLink(piece) : html`${piece}`))}`
}

/** Of a day on which the model in charge changed: the tiles are about the one at its end. */
function partsSection({ parts }: DailyReport): Html {
  if (parts.length === 0) return html``
  return html`${table(
    'The day had more than one model in charge',
    [
      { title: 'From' },
      { title: 'In charge' },
      { title: 'Errors' },
      { title: 'Settled' },
      { title: 'AUC' },
      { title: 'Log loss' },
    ],
    parts.map(({ from, baseline, error_rate: errors, settled, auc, log_loss: loss }) => [
      clockText(Date.parse(from)),
      baseline ?? 'no model',
      errors === null ? 'unknown' : shortPercent(errors),
      String(settled),
      auc?.toFixed(3) ?? 'unknown',
      loss?.toFixed(4) ?? 'unknown',
    ]),
  )}`
}

type Metric = keyof DailyReport['metrics']

interface Tile {
  readonly metric: Metric
  readonly title: string
  readonly n: readonly [field: string, unit: string]
  readonly show: (value: number) => string
  readonly limit?: {
    readonly says: (limits: PageLimits) => string
    readonly holds: (value: number, limits: PageLimits) => boolean
  }
  /** Not judged of a candidate that is meant to differ. */
  readonly ofAgreement?: boolean
  /** What the offline report of the model in charge promised. */
  readonly promised?: (promised: NonNullable<DailyReport['promised']>) => number | undefined
}

const TILES: readonly Tile[] = [
  {
    metric: 'psi_score',
    title: 'PSI, model in charge',
    n: ['psi_rows', 'rows of 7 days'],
    show: (v) => v.toFixed(3),
    limit: { says: ({ psi }) => `below ${psi.overall}`, holds: (v, { psi }) => v < psi.overall },
  },
  {
    metric: 'match_rate',
    title: 'Match rate',
    ofAgreement: true,
    n: ['comparisons', 'comparisons'],
    show: (v) => shortPercent(v),
    limit: {
      says: (limits) => `at least ${shortPercent(limits.matchRate)}`,
      holds: (v, limits) => v >= limits.matchRate,
    },
  },
  {
    metric: 'mean_delta',
    title: 'Mean delta',
    ofAgreement: true,
    n: ['comparisons', 'comparisons'],
    show: (v) => v.toFixed(4),
    limit: { says: (limits) => `below ${limits.meanDelta}`, holds: (v, limits) => v < limits.meanDelta },
  },
  { metric: 'error_rate', title: 'Errors of the model', n: ['tried', 'tries'], show: (v) => shortPercent(v) },
  {
    metric: 'predict_p95_ms',
    title: 'Latency, p95',
    n: ['timed', 'timed answers'],
    show: (v) => `${v.toFixed(2)} ms`,
    limit: { says: (limits) => `below ${limits.p95Ms} ms`, holds: (v, limits) => v < limits.p95Ms },
  },
  {
    metric: 'auc_live',
    title: 'AUC, live',
    n: ['settled', 'settled minutes'],
    show: (v) => v.toFixed(3),
    promised: ({ auc }) => auc,
  },
  {
    metric: 'precision_at_20_live',
    title: 'Precision at 20 %, live',
    n: ['settled', 'settled minutes'],
    show: (v) => shortPercent(v),
    promised: (report) => report.precision_at_20,
  },
  {
    metric: 'log_loss_live',
    title: 'Log loss, live',
    n: ['settled', 'settled minutes'],
    show: (v) => v.toFixed(4),
    promised: (report) => report.log_loss,
  },
  {
    metric: 'ece',
    title: 'Calibration error',
    n: ['settled', 'settled minutes'],
    show: (v) => v.toFixed(3),
    promised: ({ ece }) => ece,
  },
  {
    metric: 'base_rate',
    title: 'Base rate',
    n: ['settled', 'settled minutes'],
    show: (v) => shortPercent(v),
    promised: ({ base_rate }) => base_rate,
  },
]

function metricsSection(day: DayPage): Html {
  return html`<h2>In figures</h2><dl class="tiles"><div><dt>Requests answered</dt><dd>${day.report.metrics.requests ?? 'unknown'}</dd></div>${TILES.map((tile) => tileOf(tile, day))}</dl>`
}

function tileOf(tile: Tile, day: DayPage): Html {
  const { report, limits } = day
  const { metric, title, show, limit, promised } = tile
  const [field, unit] = tile.n
  const value = report.metrics[metric]
  const n = `n ${report.n[field] ?? 'unknown'} ${unit}`
  if (typeof value !== 'number')
    return html`<div class="none"><dt>${title}</dt><dd class="unknown">unknown <span class="n0">${report.unmeasured[metric] ?? 'not measured'}; ${n}</span></dd></div>`
  const holds =
    limit === undefined || (tile.ofAgreement === true && isMeantToDiffer(day)) ? null : limit.holds(value, limits)
  const promisedValue = report.promised === null ? undefined : promised?.(report.promised)
  const tone = holds === null ? '' : holds ? 'good' : 'bad'
  const words = [
    limit === undefined ? null : limitText(limit.says(limits), holds),
    promisedValue === undefined ? null : html`promised ${show(promisedValue)}`,
    html`${n}`,
  ].filter((line) => line !== null)
  return html`<div class="${tone}"><dt>${title}</dt><dd>${show(value)} ${words.map((line) => html`<span class="n0">${line}</span>`)}</dd></div>`
}

function limitText(limit: string, holds: boolean | null): Html {
  if (holds === null) return html`meant to differ: ${limit} is not asked for`
  return html`<b class="${holds ? 'good' : 'bad'}">${holds ? 'within' : 'beyond'}</b> its limit: ${limit}`
}

/** Gate 5 has let a larger difference pass: the candidate's profile is `improve`. */
function isMeantToDiffer({ report, figures, limits }: DayPage): boolean {
  const delta = figures.gates?.gates.find(({ name }) => name === 'delta')
  return delta?.verdict === 'PASS' && (report.metrics.mean_delta ?? 0) >= limits.meanDelta
}

function chainSection({ chain }: DailyReport): Html {
  return html`<h2>The chain</h2><p>${
    chain == null
      ? 'There was no entry yet when this report was made.'
      : html`Its head when this report was made: entry ${String(chain.seq)}, <code>${chain.hash}</code>. Kept elsewhere, it shows whether the chain was cut short later.`
  }</p>`
}
