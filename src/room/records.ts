import { OperatorError } from '../engine/kernel/errors.ts'
import { DAY_MS, floorTo, isoDate } from '../engine/kernel/units.ts'
import type { DailyReport, GatesDocument } from '../evidence/documents.ts'
import type { WeeklyReport } from '../evidence/weekly-document.ts'
import type { Core } from './core.ts'
import { measurePsiFromRows, psiDocument } from './drift-watch.ts'
import { gatesDocument, judge } from './gate-inputs.ts'
import { parseOffline } from './registry.ts'
import { sundayOf, WEEK_ENDS_MS, writeWeek } from './weekly-report.ts'

const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/

/** Judges the gates and keeps the record as `gates_<label>.json`. @throws OperatorError for a label that is no file name */
export function saveGates(core: Core, symbol: string | undefined, label: string): GatesDocument {
  if (!LABEL.test(label))
    throw new OperatorError(
      `${label} is no label`,
      'letters, digits, dots and dashes only, at most 40',
      'choose another',
      'label',
      422,
    )
  const { desk } = core.station(symbol)
  const atMs = desk.nowMs()
  const { evidence, store } = core
  const judgement = judge(desk, evidence, atMs, true)
  const document = evidence.stamp('gates/1', atMs, gatesDocument(desk, judgement, label, atMs))
  const detail =
    judgement.model === null ? {} : { model: judgement.model.version, model_sha256: judgement.model.sha256 }
  store.db.transaction(() =>
    evidence.writeDocument(evidence.subject(desk.symbol, `gates_${label}.json`), document, atMs, detail),
  )
  core.drainOutbox()
  return document
}

/** The report of a day that has ended. @throws OperatorError when the day has not, or lies before the first bar */
export function reportNow(core: Core, symbol: string | undefined, date: string): DailyReport {
  const { desk, jobs } = core.station(symbol)
  const dayMs = Date.parse(date)
  const nowMs = desk.nowMs()
  const { firstMs } = core.store.bars.span(desk.symbol)
  if (Number.isNaN(dayMs) || dayMs % DAY_MS !== 0)
    throw new OperatorError(`${date} is no day`, 'a UTC date is needed', 'write it like 2025-05-25', 'date', 422)
  if (dayMs + DAY_MS > nowMs)
    throw new OperatorError(
      `${date} has not ended`,
      `it is ${isoDate(nowMs)} on the market clock`,
      'ask for an earlier day',
      'date',
      422,
    )
  if (firstMs === null || dayMs < floorTo(firstMs, DAY_MS)) {
    throw new OperatorError(
      `nothing is known of ${date}`,
      firstMs === null ? 'there are no bars' : `the first bar is of ${isoDate(firstMs)}`,
      'ask for a later day',
      'date',
      422,
    )
  }
  const report = core.store.db.transaction(() => jobs.reportDay(dayMs, nowMs))
  core.drainOutbox()
  return report
}

/** The summary of a week that has ended, named by its Sunday; by default the last one. @throws OperatorError when it has not ended, or is unknown */
export function weekNow(core: Core, symbol: string | undefined, date: string | undefined): WeeklyReport {
  const { desk, jobs } = core.station(symbol)
  const nowMs = desk.nowMs()
  const { firstMs } = core.store.bars.span(desk.symbol)
  const sundayMs = date === undefined ? sundayOf(nowMs - WEEK_ENDS_MS) : Date.parse(date)
  const said = date ?? 'the last week'
  if (Number.isNaN(sundayMs) || sundayOf(sundayMs) !== sundayMs)
    throw new OperatorError(
      `${said} is no Sunday`,
      'a week is named by the UTC Sunday that ends it',
      'write it like 2025-05-25',
      'date',
      422,
    )
  if (sundayMs + WEEK_ENDS_MS > nowMs)
    throw new OperatorError(
      `the week of ${said} has not ended`,
      `it is ${isoDate(nowMs)} on the market clock`,
      'ask for an earlier week',
      'date',
      422,
    )
  if (firstMs === null || sundayMs + DAY_MS <= firstMs) {
    const why = firstMs === null ? 'there are no bars' : `the first bar is of ${isoDate(firstMs)}`
    throw new OperatorError(
      `nothing is known of the week of ${isoDate(sundayMs)}`,
      why,
      'ask for a later week',
      'date',
      422,
    )
  }
  const report = core.store.db.transaction(() => writeWeek(desk, core.evidence, sundayMs, nowMs, jobs.thresholds))
  core.drainOutbox()
  return report
}

export interface Exported {
  readonly symbol: string
  readonly files: readonly string[]
  readonly entries: number
  readonly head: string | null
}

/** Writes the documents of this moment: gates, PSI, and the offline report of the model judged. */
export function exportEvidence(core: Core, symbol: string | undefined): Exported {
  const { desk } = core.station(symbol)
  const { evidence, store, limits } = core
  const atMs = desk.nowMs()
  const files: string[] = []
  const model = desk.judged
  store.db.transaction(() => {
    const write = (name: string, document: object, detail: object): void => {
      const subject = evidence.subject(desk.symbol, name)
      evidence.writeDocument(subject, document, atMs, detail)
      files.push(evidence.pathOf(subject))
    }
    const judgement = judge(desk, evidence, atMs, true)
    const detail = model === null ? {} : { model: model.version, model_sha256: model.sha256 }
    write('gates_now.json', evidence.stamp('gates/1', atMs, gatesDocument(desk, judgement, 'now', atMs)), detail)
    if (model === null) return
    const snapshot = measurePsiFromRows(desk, model, atMs)
    write(
      'psi_snapshot.json',
      evidence.stamp('psi/1', atMs, psiDocument(desk.symbol, model.reference, snapshot, limits.psi)),
      detail,
    )
    const row = store.models.get(desk.symbol, model.version)
    if (row !== null)
      write(
        `offline_report_${model.version}.json`,
        evidence.stamp('offline_report/1', atMs, parseOffline(row.offline)),
        detail,
      )
  })
  core.drainOutbox()
  const last = store.journal.lastEntry()
  return { symbol: desk.symbol, files, entries: last?.seq ?? 0, head: last?.hash ?? null }
}
