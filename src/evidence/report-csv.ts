import type { StoredDailyReport } from './documents/documents.ts'

/** One line a day, for spreadsheets. */
export function reportCsv(reports: readonly StoredDailyReport[]): string {
  const fields = [
    'psi_score',
    'error_rate',
    'match_rate',
    'predict_p95_ms',
    'mean_delta',
    'requests',
    'auc_live',
    'ece',
    'base_rate',
  ] as const
  const header = [
    'date',
    'symbol',
    'overall_status',
    'promote_eligible',
    ...fields,
    'rows',
    'completeness',
    'settled',
    'alerts',
    'gates',
    'tried',
    'comparisons',
    'timed',
  ].join(',')
  const lines = reports.map((report) =>
    [
      report.date,
      report.symbol,
      report.overall_status,
      report.promote_eligible,
      ...fields.map((field) => report.metrics[field] ?? ''),
      report.data_quality.rows,
      report.data_quality.completeness ?? '',
      report.n.settled ?? '',
      report.alerts.length,
      report.gates?.verdict ?? '',
      report.n.tried ?? '',
      report.n.comparisons ?? '',
      report.n.timed ?? '',
    ].join(','),
  )
  return `${[header, ...lines].join('\n')}\n`
}
