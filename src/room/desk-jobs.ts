import { DAY_MS, floorTo, isoDate, isoTime, MINUTE_MS, HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { GateResult } from '../engine/gates/catalogue.ts'
import type { Verdict } from '../engine/kernel/verdict.ts'
import { dropHoursBefore } from '../db/drift.ts'
import type { DailyReport } from '../evidence/documents.ts'
import { keptFromMs, prunableLogs, ROTATED_PREFIX } from '../evidence/retention.ts'
import { reportCsv } from '../evidence/report-csv.ts'
import type { JobDesk, JobResult } from '../jobs/contract.ts'
import type { Config } from './config.ts'
import { dailyReport, type DayThresholds } from './daily-report.ts'
import type { Desk } from './desk.ts'
import { measurePsi, psiDocument } from './drift-watch.ts'
import type { EvidenceDesk } from './evidence-desk.ts'
import { judge } from './gate-inputs.ts'
import { noteDrift, psiDayBefore } from './alert-inputs.ts'
import { recordHead } from './head-signing.ts'
import { owePage } from './report-pages.ts'
import { sundayOf, WEEK_ENDS_MS, WEEK_MS, writeWeek } from './weekly-report.ts'

/** Days written at once when a room comes back after a long time. */
const MAX_MISSED_DAYS = 400
const MAX_MISSED_WEEKS = 60

const LETTER: Record<Verdict, string> = { PASS: 'P', FAIL: 'F', WAIT: 'W', ERROR: 'E' }

/** What the jobs do to one desk. */
export class DeskJobs implements JobDesk {
  readonly symbol: string
  /** Days that a room lives through get a page; of days of history it is made when somebody asks. */
  live = false

  constructor(
    private readonly desk: Desk,
    private readonly evidence: EvidenceDesk,
    private readonly config: Config,
  ) {
    this.symbol = desk.symbol
  }

  rowArrived(atMs: UnixMs): boolean {
    return this.desk.newestBar?.tsMs === atMs - MINUTE_MS
  }

  /** @param only the one version to measure; without it, every model in a slot */
  measurePsi(atMs: UnixMs, only?: string): JobResult {
    const { desk, evidence } = this
    const { store, limits, wallNow } = desk.parts
    let result: JobResult = { ok: true, result: 'no model yet' }
    for (const model of desk.standing) {
      if (only !== undefined && model.version !== only) continue
      const snapshot = measurePsi(desk, model, atMs)
      const document = psiDocument(desk.symbol, model.reference, snapshot, limits.psi)
      if (model === desk.slots.baseline) noteDrift(desk, document, atMs)
      desk.psi.set(model.version, document)
      store.drift.putSnapshot({
        symbol: desk.symbol,
        model: model.version,
        tsMs: atMs,
        overall: snapshot.overall,
        verdict: snapshot.verdict,
        level: snapshot.level,
        document: JSON.stringify(document),
        wallMs: wallNow(),
      })
      if (model.version !== desk.judged?.version) continue
      evidence.writeDocument(
        evidence.subject(desk.symbol, 'psi_snapshot.json'),
        evidence.stamp('psi/1', atMs, document),
        atMs,
        {
          model_sha256: model.sha256,
        },
      )
      result = { ok: true, result: snapshot.overall === null ? 'no rows' : snapshot.overall.toFixed(3) }
    }
    const { baseline } = desk.slots
    desk.psiDayAgo = baseline === null ? null : psiDayBefore(desk, baseline.version, atMs)
    return result
  }

  judgeGates(atMs: UnixMs, round: 0 | 1): JobResult {
    const { desk, evidence } = this
    const { store, wallNow } = desk.parts
    const judgement = judge(desk, evidence, atMs, false)
    if (judgement.model === null) return { ok: true, result: 'no model yet' }
    const { gates, model, outcome } = judgement
    const verdicts = gates.map((gate) => LETTER[gate.verdict]).join('')
    const changed = desk.gates?.verdicts !== verdicts
    store.watch.logGates({
      symbol: desk.symbol,
      tsMs: atMs,
      round,
      model: model.version,
      verdicts,
      detail: changed ? JSON.stringify(gates) : null,
      figures: JSON.stringify(gates.map((gate) => gate.value)),
      outcome: outcome.verdict,
      wallMs: wallNow(),
    })
    if (changed) this.tellChanges(gates, model.version, desk.gates?.verdicts ?? '', atMs)
    desk.gates = { verdicts }
    const passed = gates.filter((gate) => gate.verdict === 'PASS').length
    return { ok: true, result: passed === 6 ? 'eligible' : `blocked ${passed}/6` }
  }

  reportDays(atMs: UnixMs): JobResult {
    const { desk } = this
    const firstMs = desk.parts.store.bars.span(desk.symbol).firstMs
    if (firstMs === null) return { ok: true, result: 'no bar yet' }
    const last = desk.parts.store.journal.lastReportDate(desk.symbol, 'daily')
    const fromMs = last === null ? floorTo(firstMs, DAY_MS) : Date.parse(last) + DAY_MS
    let result: JobResult = { ok: true, result: 'written before' }
    const untilMs = floorTo(atMs, DAY_MS)
    for (let dayMs = Math.max(fromMs, untilMs - MAX_MISSED_DAYS * DAY_MS); dayMs < untilMs; dayMs += DAY_MS) {
      result = { ok: true, result: this.reportDay(dayMs, atMs).overall_status }
    }
    return result
  }

  reportWeeks(atMs: UnixMs): JobResult {
    const { desk, evidence } = this
    const { journal, bars } = desk.parts.store
    const firstMs = bars.span(desk.symbol).firstMs
    if (firstMs === null) return { ok: true, result: 'no bar yet' }
    const last = journal.lastReportDate(desk.symbol, 'weekly')
    const lastSundayMs = sundayOf(atMs - WEEK_ENDS_MS)
    const fromMs = last === null ? sundayOf(firstMs + 6 * DAY_MS) : Date.parse(last) + WEEK_MS
    let result: JobResult = { ok: true, result: 'written before' }
    for (
      let sundayMs = Math.max(fromMs, lastSundayMs - MAX_MISSED_WEEKS * WEEK_MS);
      sundayMs <= lastSundayMs;
      sundayMs += WEEK_MS
    )
      result = {
        ok: true,
        result: writeWeek(desk, evidence, sundayMs, atMs, this.thresholds).overall_status ?? 'unknown',
      }
    return result
  }

  /** Writes the report of one day, once; a second asking gives what was written. */
  reportDay(dayMs: UnixMs, atMs: UnixMs): DailyReport {
    const { desk, evidence } = this
    const { store, wallNow } = desk.parts
    const date = isoDate(dayMs)
    const written = store.journal.report(desk.symbol, 'daily', date)
    if (written !== null) return JSON.parse(written.document) as DailyReport
    const last = store.journal.lastEntry()
    const head = last === null ? null : { seq: last.seq, hash: last.hash }
    const report = evidence.stamp(
      'daily_report/1',
      atMs,
      dailyReport(desk, dayMs, head, this.thresholds),
    ) as DailyReport
    store.journal.putReport({
      symbol: desk.symbol,
      period: 'daily',
      date,
      document: JSON.stringify(report),
      tsMs: atMs,
      wallMs: wallNow(),
    })
    evidence.writeDocument(evidence.subject(desk.symbol, `daily/report_${date}.json`), report, atMs)
    evidence.writeText(evidence.subject(desk.symbol, `daily/report_${date}.csv`), reportCsv([report]), atMs)
    const all = store.journal.reports(desk.symbol, 'daily').map((row) => JSON.parse(row.document) as DailyReport)
    evidence.writePlain(evidence.subject(desk.symbol, 'daily/ml_daily_reports.csv'), reportCsv(all), atMs)
    if (this.config.evidence.signing_key !== null) recordHead(evidence, date, atMs)
    if (this.live) owePage(store, desk.symbol, date, atMs)
    const psi = report.metrics.psi_score
    desk.event(
      'report',
      report.overall_status === 'CRITICAL' ? 'critical' : report.overall_status === 'WARNING' ? 'warning' : 'info',
      `report ${date}: ${report.overall_status}${psi === null ? '' : `, psi ${psi.toFixed(3)}`}`,
      'always',
    )
    return report
  }

  get thresholds(): DayThresholds {
    const { completeness, missing_share } = this.config.features
    return { completeness, missingShare: missing_share }
  }

  retain(atMs: UnixMs): JobResult {
    const { desk, evidence, config } = this
    const { store, limits } = desk.parts
    const beforeMs = keptFromMs(atMs, config.retention.raw_days)
    const gone = store.predictions.prune(desk.symbol, beforeMs)
    const logs = prunableLogs(store.journal.entriesUnder(evidence.subject(desk.symbol, ROTATED_PREFIX)), beforeMs)
    for (const entry of logs) evidence.pruneFile(entry, atMs)
    if (gone > 0)
      evidence.recordFact('retention', `${desk.symbol}/predictions`, atMs, { rows: gone, before: isoTime(beforeMs) })
    dropHoursBefore(store.db, desk.symbol, atMs - limits.psi.windowMs - DAY_MS)
    desk.rollups.expire(atMs - HOUR_MS)
    return { ok: true, result: logs.length === 0 ? `${gone} rows` : `${gone} rows, ${logs.length} logs` }
  }

  private tellChanges(gates: readonly GateResult[], version: string, before: string, atMs: UnixMs): void {
    const { desk, evidence } = this
    const words: Record<string, string> = { P: 'PASS', F: 'FAIL', W: 'WAIT', E: 'ERROR' }
    gates.forEach((gate, i) => {
      const was = words[before[i] ?? '']
      if (was === gate.verdict) return
      const text = `gate ${gate.gate} ${gate.name} of ${version}: ${was === undefined ? '' : `${was} to `}${gate.verdict}, ${gate.reason}`
      evidence.recordFact('gate', `${desk.symbol}/${gate.name}`, atMs, {
        model: version,
        from: was ?? null,
        to: gate.verdict,
        reason: gate.reason,
      })
      desk.event('gate', gate.verdict === 'FAIL' || gate.verdict === 'ERROR' ? 'warning' : 'info', text)
    })
  }
}
