import type { Arm } from '../config/paper-config.ts'
import type { Desk } from '../desk/desk.ts'

/**
 * The arms of a symbol: the model in charge, the candidate, challengers and the fallback, each at the threshold from which it
 * gives a signal, and those that the configuration declares for models that stand now.
 */
export function armsOf(desk: Desk): readonly Arm[] {
  const { paper } = desk.parts.limits
  const { inCharge, candidate, challengers } = desk.lineUp
  // The room predicts nothing yet.
  if (inCharge === null) return []
  const standing = [inCharge, candidate, ...challengers].flatMap((loaded) => (loaded === null ? [] : [loaded.model]))
  const models = [...standing, desk.fallback]
  const own = models.map(({ version, threshold }) => ({
    label: version,
    model: version,
    rule: { ...paper.rule, threshold },
  }))
  const known = new Set(models.map(({ version }) => version))
  // A label that is a version's own counts that version's trades.
  return [...own, ...paper.arms.filter(({ label, model }) => known.has(model) && !known.has(label))]
}
