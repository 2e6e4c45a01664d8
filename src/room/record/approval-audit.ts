/** Prompts as their table has them, against what the chain says was asked, shown and answered. */
import * as z from 'zod'
import type { ApprovalRow } from '../../db/approvals.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import type { Findings } from '../../evidence/audit.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'
import type { Coverage } from '../../evidence/coverage.ts'
import { shownMark } from './marks.ts'
import { type Said, taken, TableFindings, type Told } from './told.ts'

const Given = z.object({
  by: z.string(),
  person: z.string().optional(),
  reason: z.string(),
  atWallMs: z.number().optional(),
  sentence: z.string().optional(),
})
const Document = z.object({
  approval: z.object({
    subject: z.string(),
    sha256: z.string().nullable(),
    sentence: z.string().optional(),
    given: z.array(Given),
    figures: z.unknown(),
    against: z.array(z.string()),
    needs: z.unknown(),
    openedBy: z.unknown(),
    verdictsKey: z.unknown(),
  }),
  shown: z.unknown(),
  why: z.string().nullable().optional(),
})
type Document = z.infer<typeof Document>

export class ApprovalAudit {
  private readonly asked = new Map<string, Told>()
  private readonly newest = new Map<string, Told>()
  /** The word that each approved prompt was approved with. */
  private readonly words = new Map<string, string | undefined>()
  private readonly table: TableFindings

  constructor(
    findings: Findings,
    private readonly coverage: Coverage,
  ) {
    this.table = new TableFindings(findings, 'approvals')
  }

  take(told: Told): void {
    const { entry, said } = told
    if (said.step === 'asked') this.asked.set(entry.subject, told)
    if (said.step === 'approved') this.words.set(entry.subject, said.given?.at(-1)?.reason)
    this.newest.set(entry.subject, told)
  }

  /** The reason that a prompt was approved with, as the chain has it. @param subject `BTCUSDT/promote-1a2b3c4d` */
  reasonOf(subject: string): string | undefined {
    return this.words.get(subject)
  }

  end(rows: readonly ApprovalRow[]): void {
    for (const row of rows) this.check(row)
    this.table.rowless(this.newest.values())
  }

  private check(row: ApprovalRow): void {
    const subject = `${row.symbol}/${row.id}`
    const what = `approval ${subject}`
    const told = taken(this.newest, subject)
    if (told === null) return this.table.entryless(what)
    const document = Document.safeParse(tryJson(row.document))
    const wrong = document.success ? answerFault(row, document.data, told.said) : 'its document is not one'
    if (wrong !== null) return this.table.unlike(what, told, wrong)
    const asked = this.asked.get(subject)
    if (asked === undefined || !document.success) return
    const fault = this.shownFault(row, document.data, asked.said)
    if (fault !== null) this.table.unlike(what, asked, fault)
  }

  /** What the person was shown: the sentence, the figures, what spoke for it and against it. */
  private shownFault(row: ApprovalRow, { approval, shown }: Document, said: Said): string | null {
    if (said.figures_sha256 !== sha256Hex(canonicalJson(approval.figures)))
      return 'its figures are not those that were shown'
    if (said.against !== undefined && canonicalJson(said.against) !== canonicalJson(approval.against))
      return 'what spoke against it is not what was shown'
    if (said.sentence !== undefined && said.sentence !== approval.sentence)
      return `its sentence is "${approval.sentence}", there "${said.sentence}"`
    if (said.shown_sha256 === undefined)
      this.coverage.lacks('what spoke for an approval that an earlier version asked for')
    else if (said.shown_sha256 !== shownMark(approval, shown, tryJson(row.request)))
      return 'what spoke for it, what it does or what stops it is not what was shown'
    return null
  }
}

/** What was asked for, and what was answered. */
function answerFault(row: ApprovalRow, { approval, why }: Document, said: Said): string | null {
  const { subject, sha256, given, sentence } = approval
  const step = said.step === 'asked' ? 'waiting' : said.step
  if (row.state !== step) return `it is ${row.state}, there ${step ?? 'nothing'}`
  if (row.action !== said.action || subject !== said.subject || (sha256 ?? '') !== (said.sha256 ?? ''))
    return `it is about ${row.action} ${subject}, there ${said.action} ${said.subject}`
  const answers = given.map(({ atWallMs, ...rest }) => ({ ...rest, at: timeOf(atWallMs) }))
  if (words(answers) !== words(said.given ?? [])) return `given by ${words(answers)}, there ${words(said.given ?? [])}`
  if (said.given?.some((word, i) => !sameDetails(word, answers[i])))
    return 'an answer was given at another time, by another person, or to another sentence'
  if (said.sentence !== undefined && said.sentence !== sentence)
    return `its sentence is "${sentence}", there "${said.sentence}"`
  // While nobody has answered, a typing mistake is in the row alone.
  if (said.why !== undefined && (why ?? null) !== said.why) return `it is so because of "${why}", there "${said.why}"`
  return null
}

function words(list: readonly { readonly by: string; readonly reason: string }[]): string {
  return list.map(({ by, reason }) => `${by}: "${reason}"`).join(', ') || 'nobody'
}

type Answer = {
  readonly person?: string | undefined
  readonly at?: string | undefined
  readonly sentence?: string | undefined
}

function sameDetails(word: Answer, answer: Answer | undefined): boolean {
  return (
    word.person === answer?.person &&
    (word.at === undefined || word.at === answer?.at) &&
    (word.sentence === undefined || word.sentence === answer?.sentence)
  )
}

function timeOf(wallMs: number | undefined): string | undefined {
  return wallMs === undefined || !(Math.abs(wallMs) <= 8.64e15) ? undefined : isoTime(wallMs)
}
