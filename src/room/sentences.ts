/** What a command came to, in the sentence that a screen shows: the same beside the room and over HTTP. */
import type { ApprovalDocument, CanaryDocument, CanaryRunDocument } from '../evidence/release-documents.ts'

export function waitsText({ sentence, id }: Pick<ApprovalDocument, 'sentence' | 'id'>): string {
  return `${sentence} waits as ${id}`
}

export function answeredText({ sentence, state }: Pick<ApprovalDocument, 'sentence' | 'state'>): string {
  return `${sentence}: ${state}`
}

interface DryRun {
  readonly status: CanaryRunDocument['status']
  readonly phases: readonly { readonly reason: string }[]
}

export function dryRunText({ status, phases }: DryRun): string {
  return `dry run ${status}: ${phases[0]?.reason ?? ''}`
}

export function abortedText({ candidate }: Pick<CanaryDocument, 'candidate'>): string {
  return `the canary of ${candidate ?? ''} is aborted: everything at 0 %`
}

export function rolledBackText(baseline: string | null): string {
  return `rolled back: ${baseline ?? 'fallback'} answers`
}
