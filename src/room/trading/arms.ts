import { OperatorError } from '../../engine/kernel/errors.ts'
import type { TreeSet } from '../../engine/models/tree-set.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import { liveArms, type LiveArms } from '../canary/live-arms.ts'
import type { Arm } from '../config/paper-config.ts'
import type { Desk } from '../desk/desk.ts'

/** An arm that may open trades now. */
export interface TradingArm extends Arm {
  /** The set that decides in place of a model's score; null where a model's does. */
  readonly set: TreeSet | null
  /** Whether it may open a trade on a minute, by what each model said of it; null where it always may. */
  readonly mayOpen: LiveArms['isEligible'] | null
}

/**
 * The arms of a symbol: the model in charge, the candidate, challengers and the fallback, each at the threshold from which it
 * gives a signal; both sides of a canary of days; the sets of five; and those that the configuration declares for models that
 * stand now.
 */
export function armsOf(desk: Desk): readonly TradingArm[] {
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
    set: null,
    mayOpen: null,
  }))
  const sets = (paper.sets ? desk.sets.trading : []).map(({ name, set }) => ({
    label: name,
    model: set.version,
    rule: { ...paper.rule, threshold: paper.setThreshold },
    set,
    mayOpen: null,
  }))
  const live = liveSides(desk)
  const versions = new Set(models.map(({ version }) => version))
  const taken = new Set([...own, ...live, ...sets].map(({ label }) => label))
  // A label that is a version's own, or a set's name, counts their trades.
  const declared = paper.arms.filter(({ label, model }) => versions.has(model) && !taken.has(label))
  return [...own, ...live, ...sets, ...declared.map((arm) => ({ ...arm, set: null, mayOpen: null }))]
}

function liveSides(desk: Desk): readonly TradingArm[] {
  const live = liveArms(desk)
  const { inCharge, candidate } = desk.lineUp
  if (live === null || inCharge === null || candidate === null) return []
  const sideOf = (label: string, { model }: LoadedModel): TradingArm => ({
    label,
    model: model.version,
    rule: { ...desk.parts.limits.paper.rule, threshold: model.threshold },
    set: null,
    mayOpen: live.isEligible,
  })
  return [sideOf(live.candidate, candidate), sideOf(live.inCharge, inCharge)]
}

/** Whose trades are meant where no arm is named: the active set's, before the first one those of the model in charge. */
export function activeArm(desk: Desk): string | null {
  return desk.sets.active ?? desk.lineUp.inCharge?.version ?? null
}

/** Labels under which something trades, or has something open. */
export function tradingNames(desk: Desk): readonly string[] {
  const trading = armsOf(desk).map(({ label }) => label)
  return [...new Set([...trading, ...desk.paper.busy.map(({ arm }) => arm)])]
}

/** @throws OperatorError for an arm that neither trades nor ever did */
export function requireArm(desk: Desk, arm: string): void {
  if (tradingNames(desk).includes(arm)) return
  if (desk.parts.store.trading.newestTrades(desk.symbol, arm, 1).length === 0) throw noArm(desk, arm)
}

export function noArm(desk: Desk, arm: string): OperatorError {
  const names = tradingNames(desk)
  return new OperatorError(
    `there is no arm ${arm} on ${desk.symbol}`,
    names.length === 0 ? 'no model is in charge yet, so that nothing trades' : `the arms are ${names.join(', ')}`,
    'list them with: onay paper',
    'no_arm',
    404,
  )
}
