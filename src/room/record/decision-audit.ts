/** What the tables say was decided, against what the chain says: a row without its entry, an entry without its row. */
import * as z from 'zod'
import type { DecisionRows } from '../../db/decisions.ts'
import type { ModelRow } from '../../db/models.ts'
import type { ApprovalRow } from '../../db/approvals.ts'
import type { CanaryRunRow } from '../../db/canary-runs.ts'
import type { PromotionRow } from '../../db/release.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { FILE, nameOf, type Findings } from '../../evidence/audit.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'
import type { ChainEntry } from '../../evidence/chain.ts'

const Said = z.object({
  step: z.string().optional(),
  action: z.string().optional(),
  subject: z.string().optional(),
  sha256: z.string().optional(),
  status: z.string().optional(),
  slot: z.string().optional(),
  model_sha256: z.string().optional(),
  former: z.string().optional(),
  retired: z.string().optional(),
  approval: z.string().optional(),
  reason: z.string().optional(),
  given: z.array(z.object({ by: z.string(), reason: z.string() })).optional(),
  figures_sha256: z.string().optional(),
  against: z.array(z.string()).optional(),
})
type Said = z.infer<typeof Said>

const Answered = z.object({
  approval: z.object({
    subject: z.string(),
    sha256: z.string().nullable(),
    given: z.array(z.object({ by: z.string(), reason: z.string() })),
    figures: z.unknown(),
    against: z.array(z.string()),
  }),
})
type Shown = Pick<z.infer<typeof Answered>['approval'], 'figures' | 'against'>
const RunState = z.object({ kind: z.string() })

const RUN_STATUS: Readonly<Record<string, string>> = {
  succeeded: 'SUCCESS',
  aborted: 'ABORTED',
  inconclusive: 'INCONCLUSIVE',
}
/** The artifacts that a model's row holds beside its weights, by their column. */
const ARTIFACTS = {
  reference: 'reference_distributions',
  scaler: 'scaler_params',
  manifest: 'training_manifest',
} as const

interface Told {
  readonly entry: ChainEntry
  readonly said: Said
}

/** Holds the few entries of decisions, by what they are about, while the chain goes by. */
export class DecisionAudit {
  private readonly asked = new Map<string, Told>()
  private readonly approvals = new Map<string, Told>()
  private readonly runEnds = new Map<string, Told>()
  private readonly changes = new Map<string, Told>()
  private readonly registrations = new Map<string, Told>()
  private readonly artifacts = new Map<string, string>()
  /** Who came into charge last, by symbol, as the chain has it. */
  private readonly inCharge = new Map<string, string>()

  constructor(private readonly findings: Findings) {}

  take(entry: ChainEntry): void {
    if (entry.kind === FILE) {
      if (entry.subject.startsWith('ml-artifacts/')) this.artifacts.set(entry.subject, entry.sha256)
      return
    }
    const known = ['approval', 'canary', 'promotion', 'rollback', 'registration']
    if (!known.includes(entry.kind)) return
    const said = saidIn(entry.detail)
    if (said === null) {
      this.findings.add(nameOf(entry), 'chain', 'its detail is not one of its kind')
      return
    }
    this.note({ entry, said })
  }

  /** Compares with the tables, to be called after the last entry. */
  end(rows: DecisionRows, artifactSubject: (symbol: string, version: string, name: string) => string): void {
    for (const row of rows.approvals) this.checkApproval(row)
    for (const row of rows.promotions) this.checkChange(row)
    for (const row of rows.runs) this.checkRun(row)
    for (const row of rows.models) this.checkModel(row, artifactSubject)
    for (const { symbol, slot, version } of rows.slots) {
      const told = this.inCharge.get(symbol)
      if (slot !== 'baseline' || told === version) continue
      const whom = told === undefined ? 'nobody' : told
      this.findings.add(
        `slot baseline of ${symbol}`,
        'table slots',
        `${version} is in charge there, the chain put ${whom} in charge`,
      )
    }
    this.rowless(this.approvals, 'approvals')
    this.rowless(this.changes, 'promotions')
    this.rowless(this.runEnds, 'canary_runs')
    this.rowless(this.registrations, 'models')
  }

  private note(told: Told): void {
    const { entry, said } = told
    const [symbol, version] = split(entry.subject)
    switch (entry.kind) {
      case 'approval':
        if (said.step === 'asked') this.asked.set(entry.subject, told)
        this.approvals.set(entry.subject, told)
        break
      case 'canary':
        if (said.step === 'ended') this.runEnds.set(entry.subject, told)
        break
      case 'registration':
        this.registrations.set(entry.subject, told)
        if (said.slot === 'baseline') this.inCharge.set(symbol, version)
        break
      case 'promotion':
      case 'rollback':
        this.changes.set(changeKey(entry.kind, entry.subject, entry.tsMs), told)
        this.inCharge.set(symbol, version)
        break
    }
  }

  private checkApproval(row: ApprovalRow): void {
    const what = `approval ${row.symbol}/${row.id}`
    const told = taken(this.approvals, `${row.symbol}/${row.id}`)
    const document = Answered.safeParse(tryJson(row.document))
    if (told === null) return this.entryless(what, 'approvals')
    if (!document.success) return this.unlike(what, 'approvals', told, 'its document is not one')
    const { said } = told
    const { subject, sha256, given } = document.data.approval
    const step = said.step === 'asked' ? 'waiting' : said.step
    if (row.state !== step)
      return this.unlike(what, 'approvals', told, `it is ${row.state}, there ${step ?? 'nothing'}`)
    if (row.action !== said.action || subject !== said.subject || (sha256 ?? '') !== (said.sha256 ?? ''))
      return this.unlike(
        what,
        'approvals',
        told,
        `it is about ${row.action} ${subject}, there ${said.action} ${said.subject}`,
      )
    const words = (list: readonly { by: string; reason: string }[]): string =>
      list.map(({ by, reason }) => `${by}: "${reason}"`).join(', ') || 'nobody'
    if (words(given) !== words(said.given ?? []))
      return this.unlike(what, 'approvals', told, `given by ${words(given)}, there ${words(said.given ?? [])}`)
    const asked = this.asked.get(`${row.symbol}/${row.id}`)
    if (asked !== undefined) this.checkShown(what, asked, document.data.approval)
  }

  /** What the person was shown: the figures, and what spoke against it. */
  private checkShown(what: string, asked: Told, { figures, against }: Shown): void {
    const { said } = asked
    if (said.figures_sha256 !== sha256Hex(canonicalJson(figures)))
      this.unlike(what, 'approvals', asked, 'its figures are not those that were shown')
    else if (said.against !== undefined && canonicalJson(said.against) !== canonicalJson(against))
      this.unlike(what, 'approvals', asked, 'what spoke against it is not what was shown')
  }

  private checkChange(row: PromotionRow): void {
    const subject = `${row.symbol}/${row.version}`
    const what = `${row.kind} ${subject}`
    const told = taken(this.changes, changeKey(row.kind, subject, row.tsMs))
    if (told === null) return this.entryless(what, 'promotions')
    const { said } = told
    const before = row.kind === 'promotion' ? said.former : said.retired
    if ((row.former ?? '') !== (before ?? ''))
      return this.unlike(what, 'promotions', told, `it took the place of ${row.former}, there ${before}`)
    if ((row.approvalId ?? '') !== (said.approval ?? ''))
      return this.unlike(what, 'promotions', told, `its approval is ${row.approvalId}, there ${said.approval}`)
    if (said.reason !== undefined && said.reason !== row.reason)
      this.unlike(what, 'promotions', told, `its reason is "${row.reason}", there "${said.reason}"`)
  }

  private checkRun(row: CanaryRunRow): void {
    const what = `canary run ${row.symbol}/${row.runId}`
    const state = RunState.safeParse(tryJson(row.state))
    const status = RUN_STATUS[state.success ? state.data.kind : ''] ?? null
    const told = taken(this.runEnds, `${row.symbol}/${row.runId}`)
    if (status === null) {
      if (told !== null) this.unlike(what, 'canary_runs', told, `it has not ended, there ${told.said.status}`)
      return
    }
    if (told === null) return this.entryless(what, 'canary_runs')
    if (told.said.status !== status)
      return this.unlike(what, 'canary_runs', told, `it ended ${status}, there ${told.said.status}`)
    if (told.said.model_sha256 !== row.sha256) this.unlike(what, 'canary_runs', told, 'it is of another artifact there')
  }

  private checkModel(row: ModelRow, artifactSubject: (symbol: string, version: string, name: string) => string): void {
    const what = `model ${row.symbol}/${row.version}`
    const told = taken(this.registrations, `${row.symbol}/${row.version}`)
    if (told === null) return this.entryless(what, 'models')
    const registered = told.said.model_sha256 ?? ''
    if (row.sha256 !== registered)
      return this.unlike(what, 'models', told, `its SHA-256 is ${row.sha256}, there ${registered}`)
    if (sha256Hex(row.weights) !== registered)
      return this.unlike(what, 'models', told, `its weights do not give the SHA-256 ${registered}`)
    for (const [column, name] of Object.entries(ARTIFACTS)) {
      const content = row[column as keyof typeof ARTIFACTS]
      const file = artifactSubject(row.symbol, row.version, `${name}_${row.version}.json`)
      const recorded = this.artifacts.get(file)
      if (recorded !== undefined && recorded !== sha256Hex(content))
        this.findings.add(what, 'table models', `its ${column} is not what the chain has as ${file}`)
    }
  }

  private entryless(what: string, table: string): void {
    this.findings.add(what, `table ${table}`, 'no entry of the chain says so: the row was put in, or its entry is gone')
  }

  private unlike(what: string, table: string, { entry }: Told, how: string): void {
    this.findings.add(what, `table ${table}`, `it is not as ${nameOf(entry)} has it: ${how}`)
  }

  private rowless(left: ReadonlyMap<string, Told>, table: string): void {
    for (const { entry } of left.values())
      this.findings.add(
        nameOf(entry),
        `table ${table}`,
        'the table has no row of it: it was removed there, or the entry was put in',
      )
  }
}

/** Takes an entry out of those that still look for their row. */
function taken(from: Map<string, Told>, key: string): Told | null {
  const told = from.get(key) ?? null
  from.delete(key)
  return told
}

function changeKey(kind: string, subject: string, tsMs: number): string {
  return `${kind} ${subject} ${tsMs}`
}

function split(subject: string): [string, string] {
  const at = subject.indexOf('/')
  return [subject.slice(0, at), subject.slice(at + 1)]
}

function saidIn(detail: string): Said | null {
  const said = Said.safeParse(tryJson(detail))
  return said.success ? said.data : null
}
