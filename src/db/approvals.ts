/** A prompt between its row and its value: what was shown and answered is checked as it is read. */
import * as z from 'zod'
import type { Approval, GivenApproval } from '../engine/approval/prompt.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { approvals } from './schema-record.ts'
import { damagedRow, jsonColumn, rowCheck } from './stored.ts'

export type ApprovalRow = typeof approvals.$inferSelect

/** What a person is shown beside the prompt itself. */
export interface ShownPrompt {
  readonly whatHappens: string
  readonly speaksFor: readonly string[]
  readonly stopsIt: string
}

/** A prompt as it was opened, and what became of it. */
export interface StoredApproval {
  readonly approval: Approval
  readonly shown: ShownPrompt
  /** Why it is in its state, where that needs a word. */
  readonly why: string | null
  /** What will be done once it is approved. */
  readonly request: Readonly<Record<string, unknown>>
  /** When it was opened, on the market clock. */
  readonly tsMs: UnixMs
}

const Given: z.ZodType<GivenApproval> = z.object({
  by: z.string(),
  person: z.string().exactOptional(),
  reason: z.string(),
  atWallMs: z.number(),
  sentence: z.string(),
})

const Prompt: z.ZodType<Approval> = z.object({
  id: z.string(),
  action: z.enum(['canary_start', 'promote', 'ab_swap', 'kill_off', 'kill_drill']),
  symbol: z.string(),
  subject: z.string(),
  sha256: z.string().nullable(),
  figures: z.record(z.string(), z.unknown()),
  figuresHash: z.string(),
  verdictsKey: z.string(),
  against: z.array(z.string()),
  sentence: z.string(),
  needs: z.union([z.literal(1), z.literal(2)]),
  given: z.array(Given),
  openedBy: z.string(),
  openedWallMs: z.number(),
  expiresWallMs: z.number(),
  seenWallMs: z.number(),
  state: z.enum(['waiting', 'approved', 'refused', 'expired', 'stale']),
})

type Document = Pick<StoredApproval, 'approval' | 'shown' | 'why'>

const DocumentShape: z.ZodType<Document> = z.object({
  approval: Prompt,
  shown: z.object({ whatHappens: z.string(), speaksFor: z.array(z.string()), stopsIt: z.string() }),
  why: z.string().nullable(),
})

const checked = rowCheck(approvals)
const document = jsonColumn(approvals, 'document', DocumentShape)
const request = jsonColumn(approvals, 'request', z.record(z.string(), z.unknown()))

/** @throws OperatorError when the row is not as this program writes rows, or its columns and its document differ */
export function approvalOfRow(row: ApprovalRow): StoredApproval {
  checked(row)
  const stored = { ...document.value(row), request: request.value(row), tsMs: row.tsMs }
  for (const column of ['id', 'symbol', 'action', 'state'] as const) {
    const [said, shown] = [row[column], stored.approval[column]]
    if (said !== shown)
      throw damagedRow('approvals', `${row.symbol}/${row.id}`, `its ${column} is ${said}, its document says ${shown}`)
  }
  return stored
}

export function rowOfApproval(stored: StoredApproval): ApprovalRow {
  const { approval, shown, why, tsMs } = stored
  return {
    symbol: approval.symbol,
    id: approval.id,
    state: approval.state,
    action: approval.action,
    document: document.text({ approval, shown, why }),
    request: request.text(stored.request),
    tsMs,
    wallMs: approval.openedWallMs,
  }
}
