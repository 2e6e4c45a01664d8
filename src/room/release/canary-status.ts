import type { CanaryDocument } from '../../evidence/release-documents.ts'
import { statusDocument } from './canary-document.ts'
import type { Desk } from '../desk/desk.ts'
import type { Bake } from './bake.ts'
import { phaseFigures } from './canary-figures.ts'
import { validationDocument } from './promotion-needs.ts'

/**
 * Where the release of a symbol's candidate stands: canary, validation, bake.
 * @param neededH hours of validation without a breach that a promotion needs
 */
export function canaryStatus(desk: Desk, bake: Bake, neededH: number): CanaryDocument {
  const { candidate, baseline } = desk.slots
  const run = desk.canary.newest
  const atMs = desk.nowMs()
  // The panel is about this candidate: a run of an earlier one is shown only until it has ended.
  const mine =
    run !== null && (candidate === null || run.sha256 === candidate.sha256 || run.endedMs === null) ? run : null
  return statusDocument(mine, {
    symbol: desk.symbol,
    candidate: candidate?.version ?? null,
    baseline: baseline?.version ?? null,
    profile: candidate?.profile ?? 'equivalent',
    killSwitch: desk.killSwitch,
    figures: phaseFigures(desk),
    inside: desk.canary.split.inside,
    total: desk.canary.split.total,
    validation: validationDocument(desk, atMs, neededH),
    bake: bake.document(desk, atMs),
  })
}
