import { ruleNamed } from '../../engine/alerts/rules.ts'
import { shortPercent } from '../../engine/kernel/figures.ts'
import { clockText, minuteText } from '../../engine/kernel/units.ts'
import type { DayPage, GatesPage } from '../documents/day-figures.ts'
import type { StoredDailyReport } from '../documents/documents.ts'
import { html, table, type Html } from './html.ts'
import { ruleLink, stepsId, verdict } from './page-words.ts'

/** More than this would bury the day; the JSON and the database have all of it. */
const MAX_ROWS = 60

export function gatesSection({ report, figures }: DayPage): Html {
  const { gates } = figures
  if (gates === null)
    return html`<h2>Gates</h2><p class="muted">They were not evaluated on this day: there was no model to judge.</p>`
  const passed = gates.gates.filter((gate) => gate.verdict === 'PASS').length
  const old =
    gates.reasonsAtMs === gates.atMs
      ? ''
      : ` Reasons as they were when a verdict last changed, ${minuteText(gates.reasonsAtMs)}.`
  return html`<h2>Gates</h2><p>${report.gates?.verdict ?? 'BLOCKED'}: ${passed} of ${gates.gates.length} pass for ${gates.model ?? 'no model'}.</p>
${table(
  `At the day's last evaluation, ${minuteText(gates.atMs)}.${old}`,
  [{ title: 'Gate' }, { title: 'Verdict' }, { title: 'Value' }, { title: 'Limit' }, { title: 'Why' }],
  gates.gates.map((gate) => [
    `${gate.gate} ${gate.name.replaceAll('_', ' ')}`,
    verdict(gate.verdict),
    valueOf(gate),
    limitOf(gate),
    gate.reason,
  ]),
  'words',
)}`
}

type Gate = GatesPage['gates'][number]

function valueOf({ name, value, verdict: said }: Gate): string {
  // The log keeps no count of the files; what is missing is among the reasons.
  if (name === 'evidence') return said === 'PASS' ? 'all there' : 'incomplete'
  if (value === null) return 'unknown'
  if (typeof value === 'number') return name === 'alert_silence' ? String(value) : String(Number(value.toFixed(4)))
  if ('present' in value) return `${value.present} of ${value.required}`
  return `AUC ${value.auc.toFixed(3)}, P@20 ${value.precision_at_20.toFixed(3)}`
}

function limitOf({ name, threshold }: Gate): string {
  if (threshold === null) return ''
  if (typeof threshold === 'number') return `${name === 'alert_silence' ? 'exactly' : 'below'} ${threshold}`
  return `AUC ${threshold.auc}, P@20 ${threshold.precision_at_20} or more`
}

export function alertsSection({ figures }: DayPage): Html {
  const { alerts, gateChanges } = figures
  return html`<h2>Alerts and changes of gates</h2>
${
  alerts.length === 0
    ? html`<p>No alert fired, was resolved or acknowledged.</p>`
    : html`${table(
        `Alerts, ${counted(alerts.length)}`,
        [{ title: 'At' }, { title: 'Rule' }, { title: 'What' }, { title: 'Text' }],
        alerts
          .slice(0, MAX_ROWS)
          .map((alert) => [
            clockText(alert.atMs),
            ruleLink(alert.rule),
            html`${verdict(alert.severity)} ${alert.change}`,
            alert.text,
          ]),
        'words',
      )}`
}
${
  gateChanges.length === 0
    ? html`<p>No gate changed.</p>`
    : html`${table(
        `Changes of gates, ${counted(gateChanges.length)}`,
        [{ title: 'At' }, { title: 'Gate' }, { title: 'Now' }, { title: 'Why' }],
        gateChanges
          .slice(0, MAX_ROWS)
          .map((change) => [
            clockText(change.atMs),
            change.gate.replaceAll('_', ' '),
            html`${verdict(change.to)}${change.from === null ? null : html` <span class="muted">was ${change.from}</span>`}`,
            change.reason,
          ]),
        'words',
      )}`
}`
}

/** A report of before there were arms has none. */
export function armsSection({ report: { arms = [] } }: { readonly report: StoredDailyReport }): Html {
  if (arms.length === 0) return html``
  return html`<h2>Trades on paper</h2>
${table(
  'Closed on this day, after fees; of own bots too. The active arm is marked with *.',
  [
    { title: 'Arm' },
    { title: 'Trades', figures: true },
    { title: 'Won', figures: true },
    { title: 'Basis points a trade', figures: true },
    { title: 'Fees', figures: true },
    { title: 'Net', figures: true },
  ],
  arms.map(({ arm, active, trades, win_rate: won, expectancy_bp: expectancy, fees, net }) => [
    active ? `${arm} *` : arm,
    trades,
    shortPercent(won),
    expectancy?.toFixed(1) ?? 'unknown',
    fees.toFixed(2),
    net.toFixed(2),
  ]),
)}`
}

/** Who did what, in the order in which it was done. */
export function decisionsSection({ figures: { decisions } }: DayPage): Html {
  if (decisions.length === 0) return html`<h2>Who did what</h2><p>Nothing was decided on this day.</p>`
  const steps = decisions
    .slice(0, MAX_ROWS)
    .map(
      ({ atMs, kind, subject, what, by, reason }) =>
        html`<li><time>${clockText(atMs)}</time><span class="who">${by.length === 0 ? 'onay' : by.join(', ')}</span><div><b>${kind}</b> ${subject}${what === '' ? null : html`: ${what}`}${reason === null || reason === '' ? null : html`<p class="note">${reason}</p>`}</div></li>`,
    )
  return html`<h2>Who did what</h2>
<p class="note">From the evidence chain, ${counted(decisions.length)}. Steps without a person's name were carried out by onay.</p>
<ol class="story">${steps}</ol>`
}

/** What to do about each alert that the page names: the passages of the runbook, so that no other page is needed. */
export function runbookSection({ figures: { alerts } }: DayPage): Html | null {
  const rules = [...new Set(alerts.map(({ rule }) => rule))].flatMap((name) => ruleNamed(name) ?? [])
  if (rules.length === 0) return null
  const steps = rules.map(
    ({ name, summary, next }) =>
      html`<section id="${stepsId(name)}" class="steps"><h3>${name}</h3><p>${summary}</p><ul>${next.map((step) => html`<li>${step}</li>`)}</ul></section>`,
  )
  return html`<h2>Runbook</h2>
<p class="note">What to do about the alerts of this day. The whole runbook is <code>docs/runbook.md</code>; in an emergency, <code>b</code> <code>b</code> on the screen or <code>onay rollback</code> puts the former model back at once.</p>
<div class="charts">${steps}</div>`
}

export function dataSection({ report }: DayPage): Html {
  const { rows, completeness, gaps, missing } = report.data_quality
  const lacking = Object.entries(missing).filter(([, part]) => part > 0)
  return html`<h2>Data</h2><ul>
<li>${rows} rows, completeness ${completeness === null ? 'unknown: there was no row' : shortPercent(completeness)}.</li>
<li>${gaps.length === 0 ? (rows === 0 ? 'Gaps are unknown: there was no row.' : 'No gap.') : `${gaps.length} gaps:`}</li>
<li>${
    rows === 0
      ? 'Missing values are unknown: there was no row.'
      : lacking.length === 0
        ? `No value is missing in ${rows} rows.`
        : `Missing in ${rows} rows: ${lacking.map(([name, part]) => `${name} ${shortPercent(part)}`).join(', ')}.`
  }</li></ul>
${
  gaps.length === 0
    ? null
    : table(
        `Gaps, ${counted(gaps.length)}`,
        [{ title: 'From' }, { title: 'Until' }, { title: 'Minutes', figures: true }],
        gaps.slice(0, MAX_ROWS).map((gap) => [minuteText(gap.from), minuteText(gap.until), gap.minutes]),
      )
}`
}

function counted(n: number): string {
  return n > MAX_ROWS ? `the first ${MAX_ROWS} of ${n}` : String(n)
}
