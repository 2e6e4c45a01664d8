import type { Desks } from '../desk/desks.ts'
import { gatesDocument } from '../watch/gate-documents.ts'
import type { GateJudge } from '../watch/judge-gates.ts'
import { measurePsiFromRows, psiDocument } from '../watch/measure-drift.ts'

interface Exported {
  readonly symbol: string
  readonly files: readonly string[]
  readonly entries: number
  readonly head: string | null
}

/** Writes the documents of this moment: gates, PSI, and the offline report of the model judged. */
export function exportEvidence(desks: Desks, judge: GateJudge, symbol: string | undefined): Exported {
  const desk = desks.of(symbol)
  const { evidence, store, limits } = desks
  const atMs = desk.nowMs()
  const files: string[] = []
  const model = desk.judged
  desk.transaction(() => {
    const write = (name: string, document: object, detail: object): void => {
      const subject = evidence.subject(desk.symbol, name)
      evidence.writeDocument(subject, document, atMs, detail)
      files.push(evidence.pathOf(subject))
    }
    const judgement = judge.judgeFresh(desk, atMs)
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
      write(`offline_report_${model.version}.json`, evidence.stamp('offline_report/1', atMs, row.offline), detail)
  })
  desks.drainOutbox()
  const last = store.journal.lastEntry()
  return { symbol: desk.symbol, files, entries: last?.seq ?? 0, head: last?.hash ?? null }
}
