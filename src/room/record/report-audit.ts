/** Daily and weekly reports: the rows that screens and pages show, against the files that the chain has of them. */
import type { ReportRow } from '../../db/reports.ts'
import { isRecord, tryJson } from '../../engine/kernel/json.ts'
import type { FileMark, Findings } from '../../evidence/audit.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'

type EvidenceSubject = (symbol: string, name: string) => string

const REPORT = /^ml\/(?:[^/]+\/)?(?:daily|weekly)\/report_\d{4}-\d{2}-\d{2}\.json$/

export function auditReports(
  rows: readonly ReportRow[],
  files: ReadonlyMap<string, FileMark>,
  subjectOf: EvidenceSubject,
  findings: Findings,
): void {
  const seen = new Set<string>()
  for (const { symbol, period, date, document } of rows) {
    const subject = subjectOf(symbol, `${period}/report_${date}.json`)
    const what = `${period} report ${symbol}/${date}`
    const mark = files.get(subject)
    seen.add(subject)
    if (mark === undefined) findings.add(what, 'table reports', `the chain has no ${subject}: the row was put in`)
    else if (mark.sha256 !== hashOf(document))
      findings.add(what, 'table reports', `it is not what entry ${mark.seq} has as ${subject}`)
  }
  for (const [subject, { seq }] of files)
    if (REPORT.test(subject) && !seen.has(subject))
      findings.add(subject, 'table reports', `the table has no row of it, entry ${seq} has its file`)
}

/** Of the file that is written with the row. */
function hashOf(document: string): string | null {
  const value = tryJson(document)
  return isRecord(value) ? sha256Hex(`${canonicalJson(value)}\n`) : null
}
