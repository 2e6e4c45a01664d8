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
