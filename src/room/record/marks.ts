import type { CanaryRunRow } from '../../db/canary-runs.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'

/** What a canary's entries keep of its row: what it was asked for with, and what its phases came to. */
export function runMarks(row: CanaryRunRow): { readonly terms_sha256: string; readonly phases_sha256: string } {
  const { plan, mode, profile, candidate, sha256, baseline, salt, approvalId, tsMs } = row
  const terms = { plan, mode, profile, candidate, sha256, baseline, salt, approvalId, tsMs }
  return { terms_sha256: sha256Hex(canonicalJson(terms)), phases_sha256: sha256Hex(row.phases) }
}

/** What the entry about a canary's end keeps besides: how it ended, and what the judge said last. */
export function endMark({ state, lastLook, probesSent, endedMs }: CanaryRunRow): { readonly end_sha256: string } {
  return { end_sha256: sha256Hex(canonicalJson({ state, lastLook, probesSent, endedMs })) }
}

interface AskedOf {
  readonly needs: unknown
  readonly openedBy: unknown
  readonly verdictsKey: unknown
}

/**
 * What the entry about a prompt keeps of everything that is no figure: what was shown, who asked, how many must answer, the
 * verdicts that it is bound to, and what will be done.
 * @param shown what spoke for it, what it does, what stops it
 */
export function shownMark({ needs, openedBy, verdictsKey }: AskedOf, shown: unknown, request: unknown): string {
  return sha256Hex(canonicalJson({ needs, openedBy, verdictsKey, shown: shown ?? null, request: request ?? null }))
}
