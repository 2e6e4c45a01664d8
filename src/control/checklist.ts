import type { DocumentHeader } from '../evidence/documents/documents.ts'

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
