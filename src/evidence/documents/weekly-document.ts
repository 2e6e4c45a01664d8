import { clockText, minuteText } from '../../engine/kernel/units.ts'
import type { DailyReport, DocumentHeader, Span } from './documents.ts'

/** A day of the week as its own report has it. */
export interface WeekDay extends Pick<DailyReport, 'metrics' | 'n' | 'unmeasured'> {
  readonly date: string
  /** Null where the day has no report. */
  readonly overall_status: DailyReport['overall_status'] | null
  /** Up to when its figures go, ISO: a Sunday's end a minute before midnight when the summary is made on time. */
  readonly until: string
}

/** The summary of a week that ends on a Sunday. Figures of the whole week are counted anew, never means of daily means. */
export interface WeeklyReport extends Partial<DocumentHeader> {
  readonly symbol: string
  /** The Sunday that the week ends with. */
  readonly date: string
  readonly week: Span
  readonly models: { readonly baseline: string | null; readonly candidate: string | null }
  readonly metrics: {
    readonly requests: number
    readonly match_rate: number | null
    readonly mean_delta: number | null
    readonly auc_live: number | null
    readonly ece: number | null
    readonly log_loss_live: number | null
    readonly base_rate: number | null
  }
  readonly n: {
    readonly days: number
    readonly requests: number
    readonly comparisons: number
    readonly settled: number
  }
  readonly unmeasured: Readonly<Record<string, string>>
  /** Of every model that was compared with the one in charge, also of one that has left the shadow since. */
  readonly shadow: readonly {
    readonly model: string
    readonly comparisons: number
    readonly match_rate: number
    readonly mean_delta: number
  }[]
  readonly psi: {
    readonly model: string | null
    /** Hourly snapshots of the week with a figure. */
    readonly n: number
    readonly first: number | null
    readonly last: number | null
    readonly lowest: number | null
    readonly highest: number | null
    readonly course: readonly { readonly at: string; readonly overall_psi: number | null; readonly n: number }[]
  }
  readonly days: readonly WeekDay[]
  readonly alerts: readonly {
    readonly at: string
    readonly rule: string
    readonly change: string
    readonly severity: string
    readonly text: string
  }[]
  readonly gates: readonly {
    readonly at: string
    readonly gate: string
    readonly model: string
    readonly from: string | null
    readonly to: string
    readonly reason: string
  }[]
  readonly decisions: readonly {
    readonly at: string
    readonly kind: string
    readonly subject: string
    readonly what: string
    readonly by: readonly string[]
    readonly reason: string | null
  }[]
  /** The worst of the days; null when none has a report. */
  readonly overall_status: DailyReport['overall_status'] | null
}

/** Lines of one list in the text; the document has all. */
const MAX_LINES = 40

/** The summary as people read it. */
export function weeklyText(report: WeeklyReport): string {
  const { metrics, n, unmeasured, psi } = report
  const figure = (field: keyof WeeklyReport['metrics'], digits: number, count: number, unit: string): string => {
    const value = metrics[field]
    const said = value === null ? `unknown: ${unmeasured[field] ?? 'not measured'}` : value.toFixed(digits)
    return `  ${field.padEnd(16)}${said} (n ${count} ${unit})`
  }
  return [
    `${report.symbol}, week ${report.week.from.slice(0, 10)} to ${report.date}: ${report.overall_status ?? 'unknown'}, ${n.days} of 7 days reported`,
    `  in charge ${report.models.baseline ?? 'no model'}, in the shadow ${report.models.candidate ?? 'none'}`,
    '',
    'The week',
    `  ${'requests'.padEnd(16)}${metrics.requests}`,
    figure('match_rate', 4, n.comparisons, 'comparisons'),
    figure('mean_delta', 4, n.comparisons, 'comparisons'),
    figure('auc_live', 4, n.settled, 'settled minutes'),
    figure('ece', 4, n.settled, 'settled minutes'),
    figure('log_loss_live', 4, n.settled, 'settled minutes'),
    figure('base_rate', 4, n.settled, 'settled minutes'),
    `  ${'psi'.padEnd(16)}${psiText(psi)}`,
    ...report.shadow
      .filter(({ model }) => model !== report.models.candidate)
      .map(
        ({ model, comparisons, match_rate, mean_delta }) =>
          `  compared before: ${model}, match ${match_rate.toFixed(4)}, mean delta ${mean_delta.toFixed(4)} (n ${comparisons} comparisons)`,
      ),
    '',
    'The days',
    ...report.days.map(dayText),
    '',
    ...list(
      'Alerts',
      report.alerts,
      (alert) => `${minuteText(alert.at)}  ${alert.severity} ${alert.rule} ${alert.change}: ${alert.text}`,
    ),
    ...list(
      'Changes of gates',
      report.gates,
      (change) =>
        `${minuteText(change.at)}  ${change.gate} of ${change.model}: ${change.from ?? 'new'} to ${change.to}, ${change.reason}`,
    ),
    ...list(
      'Decided',
      report.decisions,
      ({ at: when, kind, subject, what, by, reason }) =>
        `${minuteText(when)}  ${kind} ${subject}${what === '' ? '' : `: ${what}`}; by ${by.length === 0 ? 'not named' : by.join(', ')}${reason === null ? '' : `; ${reason}`}`,
    ),
    '',
  ].join('\n')
}

function psiText({ model, n, first, last, lowest, highest }: WeeklyReport['psi']): string {
  if (first === null || last === null || lowest === null || highest === null)
    return `unknown: no hourly snapshot with a figure (n ${n} snapshots)`
  return `${first.toFixed(3)} to ${last.toFixed(3)}, between ${lowest.toFixed(3)} and ${highest.toFixed(3)}, of ${model ?? 'no model'} (n ${n} snapshots)`
}

function dayText({ date, overall_status, metrics, n, until }: WeekDay): string {
  if (overall_status === null) return `  ${date}  no report`
  const figure = (name: string, value: number | null, count: number | undefined): string =>
    `${name} ${value === null ? 'unknown' : value.toFixed(3)} (n ${count ?? 'unknown'})`
  const cut = until.endsWith('T00:00:00.000Z') ? '' : `, up to ${clockText(until)}`
  return `  ${date}  ${overall_status.padEnd(9)}${[
    figure('psi', metrics.psi_score, n.psi_rows),
    figure('match', metrics.match_rate, n.comparisons),
    figure('AUC', metrics.auc_live, n.settled),
    figure('ECE', metrics.ece, n.settled),
  ].join(', ')}${cut}`
}

function list<T>(title: string, items: readonly T[], line: (item: T) => string): string[] {
  if (items.length === 0) return [`${title}: none`]
  const more = items.length > MAX_LINES ? [`  and ${items.length - MAX_LINES} more in the JSON`] : []
  return [`${title}, ${items.length}`, ...items.slice(0, MAX_LINES).map((item) => `  ${line(item)}`), ...more]
}
