/** What the tables say was decided, against what the chain says: a row without its entry, an entry without its row. */
import * as z from 'zod'
import type { CanaryRunRow } from '../../db/canary-runs.ts'
import type { DecisionRows } from '../../db/decisions.ts'
import type { PromotionRow } from '../../db/release.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { FILE, nameOf, type Findings } from '../../evidence/audit.ts'
import type { ChainEntry } from '../../evidence/chain.ts'
import type { Coverage } from '../../evidence/coverage.ts'
import { ApprovalAudit } from './approval-audit.ts'
import { type ArtifactSubject, ModelAudit } from './model-audit.ts'
import { endMark, runMarks } from './marks.ts'
import { KillAudit, SetAudit, SlotAudit } from './standing-audit.ts'
import { taken, TableFindings, type Told, toldBy } from './told.ts'

const KINDS: readonly string[] = [
  'approval',
  'canary',
  'promotion',
  'rollback',
  'registration',
  'retirement',
  'profile',
  'set',
  'swap',
  'challenger',
  'kill_switch',
]
const RunState = z.object({ kind: z.string() })

const RUN_STATUS: Readonly<Record<string, string>> = {
  succeeded: 'SUCCESS',
  aborted: 'ABORTED',
  inconclusive: 'INCONCLUSIVE',
}

/** Holds the few entries of decisions, by what they are about, while the chain goes by. */
export class DecisionAudit {
  private readonly approvals: ApprovalAudit
  private readonly models: ModelAudit
  private readonly slots: SlotAudit
  private readonly sets: SetAudit
  private readonly kills: KillAudit
  private readonly runEnds = new Map<string, Told>()
  /** The newest entry of each run, ended or not. */
  private readonly runs = new Map<string, Told>()
  private readonly changes = new Map<string, Told>()
  private readonly runTable: TableFindings
  private readonly changeTable: TableFindings

  constructor(
    private readonly findings: Findings,
    private readonly coverage: Coverage,
  ) {
    this.approvals = new ApprovalAudit(findings, coverage)
    this.models = new ModelAudit(findings, coverage)
    this.slots = new SlotAudit(findings)
    this.sets = new SetAudit(findings)
    this.kills = new KillAudit(findings)
    this.runTable = new TableFindings(findings, 'canary_runs')
    this.changeTable = new TableFindings(findings, 'promotions')
  }

  take(entry: ChainEntry): void {
    if (entry.kind === FILE) return this.models.takeFile(entry)
    if (!KINDS.includes(entry.kind)) return
    const told = toldBy(entry)
    if (told === null) this.findings.add(nameOf(entry), 'chain', 'its detail is not one of its kind')
    else this.note(told)
  }

  /** Whether the chain was begun by a version whose entries say less. */
  get beganEarlier(): boolean {
    return this.models.beganEarlier
  }

  /** Compares with the tables, to be called after the last entry. */
  end(rows: DecisionRows, artifactSubject: ArtifactSubject): void {
    this.approvals.end(rows.approvals)
    for (const row of rows.promotions) this.checkChange(row)
    this.changeTable.rowless(this.changes.values())
    for (const row of rows.runs) this.checkRun(row)
    this.runTable.rowless(this.runEnds.values())
    this.models.end(rows.models, artifactSubject)
    this.slots.end(rows.slots)
    this.sets.end(rows)
    this.kills.end(rows.kills)
  }

  private note(told: Told): void {
    const { entry, said } = told
    this.slots.take(told)
    this.sets.take(told)
    this.kills.take(told)
    switch (entry.kind) {
      case 'approval':
        this.approvals.take(told)
        break
      case 'canary':
        if (said.step === 'ended') this.runEnds.set(entry.subject, told)
        this.runs.set(entry.subject, told)
        break
      case 'registration':
        this.models.take(told)
        break
      case 'promotion':
      case 'rollback':
        this.changes.set(changeKey(entry.kind, entry.subject, entry.tsMs), told)
        break
    }
  }

  private checkChange(row: PromotionRow): void {
    const subject = `${row.symbol}/${row.version}`
    const what = `${row.kind} ${subject}`
    const told = taken(this.changes, changeKey(row.kind, subject, row.tsMs))
    if (told === null) return this.changeTable.entryless(what)
    const { said } = told
    const before = row.kind === 'promotion' ? said.former : said.retired
    if ((row.former ?? '') !== (before ?? ''))
      return this.changeTable.unlike(what, told, `it took the place of ${row.former}, there ${before}`)
    if ((row.approvalId ?? '') !== (said.approval ?? ''))
      return this.changeTable.unlike(what, told, `its approval is ${row.approvalId}, there ${said.approval}`)
    if (said.profile !== undefined && said.profile !== row.profile)
      return this.changeTable.unlike(what, told, `its profile is ${row.profile}, there ${said.profile}`)
    const reason = said.reason ?? this.approvals.reasonOf(`${row.symbol}/${row.approvalId}`)
    if (reason !== undefined && reason !== row.reason)
      this.changeTable.unlike(what, told, `its reason is "${row.reason}", there "${reason}"`)
  }

  private checkRun(row: CanaryRunRow): void {
    const subject = `${row.symbol}/${row.runId}`
    const what = `canary run ${subject}`
    const state = RunState.safeParse(tryJson(row.state))
    const status = RUN_STATUS[state.success ? state.data.kind : ''] ?? null
    const told = taken(this.runEnds, subject)
    if (status === null && told !== null)
      return this.runTable.unlike(what, told, `it has not ended, there ${told.said.status}`)
    if (status !== null && told === null) return this.runTable.entryless(what)
    if (told !== null && told.said.status !== status)
      return this.runTable.unlike(what, told, `it ended ${status}, there ${told.said.status}`)
    const newest = this.runs.get(subject)
    // A run that waits for ONAY has no entry of its own yet.
    if (newest === undefined) return
    if (newest.said.model_sha256 !== row.sha256)
      return this.runTable.unlike(what, newest, 'it is of another artifact there')
    this.checkMarks(what, row, newest)
    if (told?.said.end_sha256 !== undefined && told.said.end_sha256 !== endMark(row).end_sha256)
      this.runTable.unlike(what, told, 'how it ended, or what the judge said last, is not what was recorded')
  }

  private checkMarks(what: string, row: CanaryRunRow, newest: Told): void {
    const { said } = newest
    if (said.terms_sha256 === undefined || said.phases_sha256 === undefined) {
      this.coverage.lacks('phases of a canary that an earlier version ran')
      return
    }
    const marks = runMarks(row)
    if (marks.terms_sha256 !== said.terms_sha256)
      this.runTable.unlike(what, newest, 'what it was asked for with is not what was recorded')
    if (marks.phases_sha256 !== said.phases_sha256)
      this.runTable.unlike(what, newest, 'what its phases came to is not what was recorded')
  }
}

function changeKey(kind: string, subject: string, tsMs: number): string {
  return `${kind} ${subject} ${tsMs}`
}
