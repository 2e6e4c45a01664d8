import { labelText } from '../../engine/models/contract.ts'
import { shortPercent, signed } from '../../engine/kernel/figures.ts'
import { clockText, minuteText } from '../../engine/kernel/units.ts'
import type { Interval } from '../../engine/stats/intervals.ts'
import type { DayPage, DriftPage, PageLimits } from '../documents/day-figures.ts'
import { chart, html, table, wideChart, type Html } from './html.ts'
import { verdict } from './page-words.ts'

const RANK = { critical: 2, warning: 1, stable: 0 } as const

/** The day at a glance: where the price went, which signals came true, and what was promised beside what came. */
export function courseSection({ report, figures: { course, decisions }, charts }: DayPage): Html {
  if (course === null || charts.course === null)
    return html`<h2>The day</h2><p class="muted">No bar came in, so there is no price to show.</p>`
  const { label, signals, hours, threshold, closes } = course
  const came = signals.filter(({ cameTrue }) => cameTrue).length
  const settled = hours.reduce((sum, { n }) => sum + n, 0)
  const event = labelText(label)
  const ran = decisions.some(({ kind }) => kind === 'canary') ? ' Shaded: a canary ran.' : ''
  const said =
    report.models.baseline === null || threshold === null
      ? 'No model was in charge.'
      : `${report.models.baseline} predicts ${event}. Marks are its signals, scores of ${shortPercent(threshold, 1)} or more: ${came} of ${signals.length} came true. Below, by hour, how often it promised the event and how often it came. n ${settled} settled minutes.${ran}`
  const base = report.metrics.base_rate
  const anyway = base === null ? '' : ` The event came on ${shortPercent(base, 1)} of all minutes.`
  const rate = signals.length === 0 ? null : came / signals.length
  const { open, close, low, high } = rangeOf(closes.map((minute) => minute.close))
  return html`<h2>The day</h2>
<p>${figureText(open)} to <b>${figureText(close)}</b> (${signedPercent(close / open - 1)}), between ${figureText(low)} and ${figureText(high)}.${
    rate === null
      ? null
      : html` ${signals.length} signals, of which <b>${shortPercent(rate, 1)}</b> came true.${anyway}`
  }</p>
${wideChart(`Price of ${report.symbol}, and what came of the signals`, charts.course, said)}`
}

function rangeOf(closes: readonly number[]): Record<'open' | 'close' | 'low' | 'high', number> {
  return {
    open: closes[0] ?? Number.NaN,
    close: closes.at(-1) ?? Number.NaN,
    low: Math.min(...closes),
    high: Math.max(...closes),
  }
}

function figureText(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 7 })
}

function signedPercent(value: number): string {
  return `${value > 0 ? '+' : ''}${shortPercent(value)}`
}

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
    `PSI by feature, and what chance alone and the reference itself (ref.) would show (95th percentiles). n ${spread(features.map(([, feature]) => feature.n_current))} rows.`,
    [
      { title: 'Feature' },
      { title: 'PSI', figures: true },
      { title: 'Level' },
      { title: 'Chance', figures: true },
      { title: 'Ref.', figures: true },
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

/** How far the scores can be believed, and how fast the answers were. */
export function qualitySection(day: DayPage): Html {
  return html`<h2>Calibration and latency</h2><div class="charts">${[calibrationOf(day), latencyOf(day)]}</div>
${[binsOf(day), quantilesOf(day)]}`
}

function latencyOf({ report, figures, charts, limits }: DayPage): Html {
  const each = figures.latency.filter((hour) => hour.n > 0).map((hour) => hour.n)
  return chart(
    'Latency by hour',
    charts.latency,
    `Logarithmic. From a request taken in to its answer stored; p95 is to stay below ${limits.p95Ms} ms. n ${report.n.timed ?? 'unknown'} answers, ${spread(each)} an hour.`,
    'No caller waited for an answer on this day, so latency is unknown: history is run through without callers.',
  )
}

function quantilesOf({ figures }: DayPage): Html {
  const counted = figures.latency.filter((hour) => hour.n > 0)
  if (counted.length === 0) return html``
  return html`<details><summary>Latency by hour, in figures</summary>${table(
    'Quantiles in ms',
    [
      { title: 'Hour' },
      { title: 'p50', figures: true },
      { title: 'p95', figures: true },
      { title: 'p99', figures: true },
      { title: 'n', figures: true },
    ],
    counted.map((hour) => [clockText(hour.fromMs), ms(hour.p50Ms), ms(hour.p95Ms), ms(hour.p99Ms), hour.n]),
  )}</details>`
}

function calibrationOf({ report, figures, charts }: DayPage): Html {
  const n = figures.calibration.reduce((sum, bin) => sum + bin.n, 0)
  const { baseline } = report.models
  return chart(
    `Calibration of ${baseline ?? 'no model'}`,
    charts.calibration,
    `Live scores against what came true, in bins of equal count with 95 % intervals; on the dashed line the two agree. n ${n} settled minutes.${n < 1_000 ? ' Mostly noise below 1,000.' : ''}`,
    baseline === null ? 'No model was in charge.' : 'No minute of the day is settled, so calibration is unknown.',
  )
}

function binsOf({ figures: { calibration } }: DayPage): Html {
  if (calibration.length === 0) return html``
  return html`<details><summary>Calibration, in figures</summary>${table(
    'Bins, ascending by score',
    [
      { title: 'Mean score', figures: true },
      { title: 'Came true', figures: true },
      { title: '95 % interval', figures: true },
      { title: 'n', figures: true },
    ],
    calibration.map((bin) => [
      bin.mean_score.toFixed(3),
      bin.mean_label.toFixed(3),
      `${bin.lo.toFixed(2)} to ${bin.hi.toFixed(2)}`,
      bin.n,
    ]),
  )}</details>`
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
