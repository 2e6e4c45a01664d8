import { PLANS, validatePlan, type CanaryPlan } from '../../engine/canary/plan.ts'
import { invalid } from '../../engine/kernel/errors.ts'
import { MINUTE_MS } from '../../engine/kernel/units.ts'
import type { Config } from './config.ts'
import type { PlanView } from '../../control/view.ts'

/** The two plans that ship, then the configuration's own in its order; one that has the name of a shipped one replaces it. */
function plansOf(config: Config): readonly CanaryPlan[] {
  const own = Object.entries(config.canary.plans).map(
    ([name, phases]): CanaryPlan => ({
      name,
      phases: phases.map((phase) => ({ split: phase.split, durationMs: phase.duration_min * MINUTE_MS })),
    }),
  )
  const shipped = Object.values(PLANS).filter(({ name }) => own.every((plan) => plan.name !== name))
  return [...shipped, ...own]
}

/** What a form offers: every plan, with what is wrong with it where it cannot run. */
export function planViews(config: Config): readonly PlanView[] {
  return plansOf(config).map((plan) => {
    const faults = validatePlan(plan)
    return {
      name: plan.name,
      phases: plan.phases.map(({ split, durationMs }) => ({ split, durationMin: durationMs / MINUTE_MS })),
      refused: faults.length === 0 ? null : faults.join('; '),
    }
  })
}

/** The plan of that name: the two that ship, or one of the configuration's own. @throws OperatorError naming what is wrong */
export function planNamed(config: Config, name = 'full'): CanaryPlan {
  const plans = plansOf(config)
  const plan = plans.find((known) => known.name === name)
  if (plan === undefined) {
    throw invalid(
      `there is no plan ${name}`,
      `the plans are ${plans.map((known) => known.name).join(', ')}`,
      'name one with --plan',
      'plan',
    )
  }
  const faults = validatePlan(plan)
  if (faults.length > 0)
    throw invalid(`the plan ${name} cannot run`, faults.join('; '), 'correct it in the configuration', 'plan')
  return plan
}
