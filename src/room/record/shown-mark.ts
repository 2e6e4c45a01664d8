import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'

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
