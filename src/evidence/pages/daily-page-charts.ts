import { signed } from '../../engine/kernel/figures.ts'
import { clockText, minuteText } from '../../engine/kernel/units.ts'
import type { Interval } from '../../engine/stats/intervals.ts'
import type { DayPage, DriftPage, PageLimits } from '../documents/day-figures.ts'
import { chart, html, table, type Html } from './html.ts'
import { verdict } from './page-words.ts'

const RANK = { critical: 2, warning: 1, stable: 0 } as const

export function driftSection({ report, figures, charts, limits }: DayPage): Html {
  const why =
    report.models.baseline === null
      ? 'No model was in charge.'
      : 'There is no hourly snapshot of the day, so drift is unknown.'
  if (figures.drift.length === 0) return html`<h2>Drift</h2><p class="muted">${why}</p>`
  return html`<h2>Drift</h2>${figures.drift.map((drift, i) => driftOf(drift, charts.drift[i], limits))}`
}

function driftOf(
  { model, role, snapshot, course }: DriftPage,
  drawn: { readonly features: string; readonly course: string } | undefined,
  { psi }: PageLimits,
): Html {
  const features = Object.entries(snapshot.features).sort(
    ([, a], [, b]) => RANK[b.level] - RANK[a.level] || b.psi - a.psi,
  )
  const sizes = `n ${snapshot.current.n} rows of the last 7 days against ${snapshot.reference.n} of the reference`
  return html`<h3>${model}, ${role}</h3>
<p>${verdict(snapshot.verdict)} at ${minuteText(snapshot.at)}: ${snapshot.reason}. ${sizes}.</p>
<div class="charts">${[
    chart(
      'PSI by feature',
      drawn?.features ?? null,
      `Logarithmic. Circle stable, diamond warning, triangle critical; the limit of one feature is ${psi.feature}. ${sizes}.`,
      'There is no snapshot.',
    ),
    chart(
      'PSI over seven days',
      drawn?.course ?? null,
      `Logarithmic, hourly, ${course.length} snapshots; the limit overall is ${psi.overall}. Empty where there was no snapshot.`,
      'There is no snapshot.',
    ),
  ]}${table(
    `PSI by feature, and what chance alone and the reference itself would show (95th percentiles). n ${spread(features.map(([, feature]) => feature.n_current))} rows.`,
    [
      { title: 'Feature' },
      { title: 'PSI', figures: true },
      { title: 'Level' },
      { title: 'Chance', figures: true },
      { title: 'Itself', figures: true },
    ],
    features.map(([name, feature]) => [
      name,
      feature.psi.toFixed(4),
      verdict(feature.level),
      feature.chance_p95.toFixed(4),
      feature.within_reference_p95 === null ? 'too short' : feature.within_reference_p95.toFixed(2),
    ]),
  )}</div>`
}

export function shadowSection({ report, figures, charts, limits }: DayPage): Html {
  const why =
    report.models.candidate === null ? 'No candidate was in the shadow.' : 'There was no comparison with a candidate.'
  const counted = figures.compared.filter((hour) => hour.n > 0)
  if (counted.length === 0) return html`<h2>In the shadow</h2><p class="muted">${why}</p>`
  const each = counted.map((hour) => hour.n)
  const n = `n ${report.n.comparisons ?? 'unknown'} comparisons, ${spread(each)} an hour`
  return html`<h2>In the shadow</h2><div class="charts">${[
    chart(
      'Match rate by hour',
      charts.match,
      `Share of comparisons within ${limits.matchTolerance} of the model in charge. ${n}.`,
      why,
    ),
    chart(
      'Mean delta by hour',
      charts.delta,
      `Mean distance of the two scores; gate 5 asks for less than ${limits.meanDelta}. ${n}.`,
      why,
    ),
  ]}</div>`
}

export function latencySection({ report, figures, charts, limits }: DayPage): Html {
  const why =
    'No caller waited for an answer on this day, so latency is unknown: history is run through without callers.'
  const counted = figures.latency.filter((hour) => hour.n > 0)
  if (counted.length === 0) return html`<h2>Latency</h2><p class="muted">${why}</p>`
  const each = counted.map((hour) => hour.n)
  return html`<h2>Latency</h2><div class="charts">${chart(
    'Latency by hour',
    charts.latency,
    `Logarithmic. From a request taken in to its answer stored; p95 is to stay below ${limits.p95Ms} ms. n ${report.n.timed ?? 'unknown'} answers, ${spread(each)} an hour.`,
    why,
  )}${table(
    'Quantiles by hour, ms',
    [
      { title: 'Hour' },
      { title: 'p50', figures: true },
      { title: 'p95', figures: true },
      { title: 'p99', figures: true },
      { title: 'n', figures: true },
    ],
    counted.map((hour) => [clockText(hour.fromMs), ms(hour.p50Ms), ms(hour.p95Ms), ms(hour.p99Ms), hour.n]),
  )}</div>`
}

export function worthSection({ report, figures, charts }: DayPage): Html {
  const why =
    report.models.baseline === null
      ? 'No model was in charge.'
      : 'No minute of the day is settled, so calibration is unknown.'
  const bins = figures.calibration
  if (bins.length === 0) return html`<h2>Calibration</h2><p class="muted">${why}</p>`
  const n = bins.reduce((sum, bin) => sum + bin.n, 0)
  return html`<h2>Calibration</h2><div class="charts">${chart(
    `Calibration of ${report.models.baseline ?? 'no model'}`,
    charts.calibration,
    `Live scores against what came true, in bins of equal count with 95 % intervals; on the dashed line the two agree. n ${n} settled minutes.${n < 1_000 ? ' Mostly noise below 1,000.' : ''}`,
    why,
  )}${table(
    'Bins, ascending by score',
    [
      { title: 'Mean score', figures: true },
      { title: 'Came true', figures: true },
      { title: '95 % interval', figures: true },
      { title: 'n', figures: true },
    ],
    bins.map((bin) => [
      bin.mean_score.toFixed(3),
      bin.mean_label.toFixed(3),
      `${bin.lo.toFixed(2)} to ${bin.hi.toFixed(2)}`,
      bin.n,
    ]),
  )}</div>`
}

export function outcomeSection({ report, figures, charts }: DayPage): Html {
  const { outcome } = figures
  if (outcome === null)
    return html`<h2>Outcome</h2><p class="muted">There is no candidate to compare with a model in charge.</p>`
  const { candidate, baseline, candidate_since: since } = report.models
  const { log_loss: loss, difference, against_fallback: fallback } = outcome
  return html`<h2>Outcome</h2><p><b>${outcome.verdict.replaceAll('_', ' ')}</b>: ${outcome.text}.</p>
<div class="charts">${chart(
    'Log loss of the candidate',
    charts.outcome,
    `Difference with its 95 % interval; left of zero the candidate is better. n ${outcome.n} settled minutes since ${minuteText(since ?? '')}.`,
    `No minute of both is settled yet; n ${outcome.n}.`,
  )}${table(
    `Log loss on the same settled minutes since ${minuteText(since ?? '')}, to the end of the day`,
    [
      { title: 'Model' },
      { title: 'Log loss', figures: true },
      { title: 'Candidate minus it, 95 %', figures: true },
      { title: 'n', figures: true },
    ],
    [
      [candidate ?? '', lossOf(loss.candidate), '', outcome.n],
      [baseline ?? '', lossOf(loss.baseline), intervalOf(difference), outcome.n],
      ['fallback', lossOf(loss.fallback), intervalOf(fallback), outcome.n],
    ],
  )}</div>`
}

function lossOf(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(4)
}

function intervalOf(interval: Interval | null): string {
  if (interval === null) return 'unknown'
  return `${signed(interval.value)} [${signed(interval.lo)}, ${signed(interval.hi)}]`
}

function ms(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2)
}

function spread(counts: readonly number[]): string {
  if (counts.length === 0) return '0'
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  return least === most ? String(least) : `${least} to ${most}`
}
