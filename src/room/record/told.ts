/** An entry of the chain about a decision, and how a table that says otherwise is named. */
import * as z from 'zod'
import { nameOf, type Findings } from '../../evidence/audit.ts'
import type { ChainEntry } from '../../evidence/chain.ts'
import { tryJson } from '../../engine/kernel/json.ts'

const Given = z.object({
  by: z.string(),
  person: z.string().optional(),
  reason: z.string(),
  at: z.string().optional(),
  sentence: z.string().optional(),
})

/** What entries of decisions hold; which of it, their kind says, and what their version knew. */
const Said = z.object({
  step: z.string().optional(),
  action: z.string().optional(),
  subject: z.string().optional(),
  sha256: z.string().optional(),
  status: z.string().optional(),
  slot: z.string().optional(),
  profile: z.string().optional(),
  model_sha256: z.string().optional(),
  offline_sha256: z.string().optional(),
  former: z.string().optional(),
  retired: z.string().optional(),
  approval: z.string().optional(),
  reason: z.string().optional(),
  given: z.array(Given).optional(),
  why: z.string().nullable().optional(),
  sentence: z.string().optional(),
  figures_sha256: z.string().optional(),
  against: z.array(z.string()).optional(),
  shown_sha256: z.string().optional(),
  terms_sha256: z.string().optional(),
  phases_sha256: z.string().optional(),
  end_sha256: z.string().optional(),
  token_sha256: z.string().optional(),
  set_sha256: z.string().optional(),
  name: z.string().optional(),
  before: z.string().nullable().optional(),
  to: z.string().optional(),
})
export type Said = z.infer<typeof Said>

export interface Told {
  readonly entry: ChainEntry
  readonly said: Said
}

/** Null where the detail of an entry is not that of a decision. */
export function toldBy(entry: ChainEntry): Told | null {
  const said = Said.safeParse(tryJson(entry.detail))
  return said.success ? { entry, said: said.data } : null
}

/** Takes an entry out of those that still look for their row. */
export function taken(from: Map<string, Told>, key: string): Told | null {
  const told = from.get(key) ?? null
  from.delete(key)
  return told
}

/** Names the rows of one table that the chain does not have, or has otherwise. */
export class TableFindings {
  private readonly where: string

  constructor(
    private readonly findings: Findings,
    table: string,
  ) {
    this.where = `table ${table}`
  }

  wrong(what: string, why: string): void {
    this.findings.add(what, this.where, why)
  }

  entryless(what: string): void {
    this.wrong(what, 'no entry of the chain says so: the row was put in, or its entry is gone')
  }

  unlike(what: string, { entry }: Told, how: string): void {
    this.wrong(what, `it is not as ${nameOf(entry)} has it: ${how}`)
  }

  rowless(left: Iterable<Told>): void {
    for (const { entry } of left)
      this.wrong(nameOf(entry), 'the table has no row of it: it was removed there, or the entry was put in')
  }
}
