import type { GoLiveCheck } from '../engine/approval/go-live.ts'
import type { DocumentHeader } from '../evidence/documents/documents.ts'

/** Whether a room may be left alone. */
export interface GoLiveDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  /** Of the machine's clock. */
  readonly at: string
  readonly verdict: 'READY' | 'NOT READY'
  readonly checks: readonly GoLiveCheck[]
}

/** What was tried, and what came of it. */
export interface CheckResult {
  readonly check: string
  readonly pass: boolean
  readonly said: string
}

export interface ChecklistDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly checks: readonly CheckResult[]
  readonly passed: number
  readonly of: number
}
