import { PLANS, validatePlan, type CanaryPlan } from '../engine/canary/plan.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { MINUTE_MS } from '../engine/kernel/units.ts'
import type { Config } from './config.ts'

/** The plan of that name: the two that ship, or one of the configuration's own. @throws OperatorError naming what is wrong */
export function planNamed(config: Config, name = 'full'): CanaryPlan {
  const own = config.canary.plans[name]
  const plan: CanaryPlan | undefined =
    own === undefined
      ? Object.values(PLANS).find((known) => known.name === name)
      : { name, phases: own.map((phase) => ({ split: phase.split, durationMs: phase.duration_min * MINUTE_MS })) }
  if (plan === undefined) {
    const names = [...Object.keys(PLANS), ...Object.keys(config.canary.plans)]
    throw new OperatorError(
      `there is no plan ${name}`,
      `the plans are ${names.join(', ')}`,
      'name one with --plan',
      'plan',
      422,
    )
  }
  const faults = validatePlan(plan)
  if (faults.length > 0)
    throw new OperatorError(
      `the plan ${name} cannot run`,
      faults.join('; '),
      'correct it in the configuration',
      'plan',
      422,
    )
  return plan
}
