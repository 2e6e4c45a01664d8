import { JUDGE_LIMITS } from '../../engine/canary/plan.ts'
import type { CanaryDocument } from '../../evidence/release-documents.ts'
import { statusDocument } from './canary-document.ts'
import type { Desk } from '../desk/desk.ts'
import type { Bake } from './bake.ts'
import { phaseFigures } from './canary-figures.ts'
import { validationDocument } from './promotion.ts'

/**
 * Where the release of a symbol's candidate stands: canary, validation, bake.
 * @param neededH hours of validation without a breach that a promotion needs
 */
export function canaryStatus(desk: Desk, bake: Bake, neededH: number): CanaryDocument {
  const { candidate, baseline } = desk.slots
  const run = desk.canary.newest
  const atMs = desk.nowMs()
  // A run of another candidate is history: the panel is about this one.
  const mine =
    run !== null && (candidate === null || run.row.sha256 === candidate.sha256 || run.row.endedMs === null) ? run : null
  return statusDocument(mine, {
    symbol: desk.symbol,
    candidate: candidate?.version ?? null,
    baseline: baseline?.version ?? null,
    profile: candidate?.profile ?? 'equivalent',
    limits: JUDGE_LIMITS,
    killSwitch: desk.killSwitch,
    figures: phaseFigures(desk),
    inside: desk.canary.split.inside,
    total: desk.canary.split.total,
    validation: validationDocument(desk, atMs, neededH),
    bake: bake.document(desk, atMs),
  })
}
