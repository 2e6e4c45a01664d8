/** The two forms: what to retrain, and how a canary is to run. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { Profile } from '../engine/models/roles.ts'
import type { PlanView, RoomView } from '../control/view.ts'
import { CANARY_FIELDS, type CanaryChoice, type UiState } from './state.ts'
import { asking, only, say, type Context, type Step } from './intents.ts'

const other = (profile: Profile): Profile => (profile === 'equivalent' ? 'improve' : 'equivalent')

export type RetrainFormKey = 'choiceUp' | 'choiceDown' | 'profile' | 'start'

export function retrainForm(ui: UiState, action: RetrainFormKey, context: Context): Step {
  if (ui.mode.kind !== 'form') return only(ui)
  const { mode } = ui
  if (action === 'profile') return only({ ...ui, mode: { ...mode, profile: other(mode.profile) } })
  if (mode.choices === null || context.view === null)
    return only(say(ui, 'the room has not answered yet what can be retrained', false, context))
  const choice = mode.choices[mode.index]
  if (choice === undefined) return only(say(ui, 'there is nothing to choose from', false, context))
  if (action !== 'start') {
    const count = mode.choices.length
    return only({ ...ui, mode: { ...mode, index: (mode.index + (action === 'choiceUp' ? count - 1 : 1)) % count } })
  }
  if (choice.refused !== null)
    return only(say(ui, `${choice.features} cannot be retrained: ${choice.refused}`, false, context))
  const { symbol } = context.view.room
  const { features, version } = choice
  const { profile } = mode
  const command = { kind: 'startRetrain', by: context.by, symbol, features, version, profile } as const
  if (choice.replaces === null)
    // Should a candidate come meanwhile, the room refuses: nobody was asked about that one.
    return asking({ ...ui, mode: { kind: 'panels' } }, { ...command, replace: false })
  const ask = { kind: 'replace', command: { ...command, replace: true }, what: choice.replaces } as const
  return only({ ...ui, mode: { kind: 'ask', ask, below: mode } })
}

/** Opens on what risks nothing: a dry run, under the profile that the candidate has. */
export function openCanaryForm(ui: UiState, view: RoomView): Step {
  const plan = openingPlan(view)
  const choice = { plan, profile: view.models.canary.profile, mode: 'observe', live: false } as const
  return only({ ...ui, mode: { kind: 'canaryForm', choice, field: 0 } })
}

/** The plan of the last canary, while the room has it; else the shortest of those that ship. */
function openingPlan({ models: { canary, plans } }: RoomView): string {
  return plans.find((plan) => plan.name === canary.plan_name)?.name ?? 'mini'
}

/** The name of the plan `by` places further, round the end. */
function nextPlan(plans: readonly PlanView[], name: string, by: 1 | -1): string {
  const at = plans.findIndex((plan) => plan.name === name)
  return plans[(Math.max(0, at) + by + plans.length) % plans.length]?.name ?? name
}

function changed(
  choice: CanaryChoice,
  field: (typeof CANARY_FIELDS)[number],
  by: 1 | -1,
  plans: readonly PlanView[],
): CanaryChoice {
  switch (field) {
    case 'plan':
      return { ...choice, plan: nextPlan(plans, choice.plan, by) }
    case 'profile':
      return { ...choice, profile: other(choice.profile) }
    case 'mode':
      return { ...choice, mode: choice.mode === 'observe' ? 'serve' : 'observe' }
    case 'live':
      return { ...choice, live: !choice.live }
    default:
      return unreachable(field)
  }
}

export type CanaryFormKey = 'fieldUp' | 'fieldDown' | 'change' | 'changeBack' | 'begin'

export function canaryForm(ui: UiState, action: CanaryFormKey, context: Context): Step {
  const { view } = context
  if (ui.mode.kind !== 'canaryForm' || view === null) return only(ui)
  const { mode } = ui
  const count = CANARY_FIELDS.length
  switch (action) {
    case 'fieldUp':
    case 'fieldDown':
      return only({ ...ui, mode: { ...mode, field: (mode.field + (action === 'fieldUp' ? count - 1 : 1)) % count } })
    case 'change':
    case 'changeBack': {
      const field = CANARY_FIELDS[mode.field]
      if (field === undefined) return only(ui)
      const choice = changed(mode.choice, field, action === 'change' ? 1 : -1, view.models.plans)
      return only({ ...ui, mode: { ...mode, choice } })
    }
    case 'begin': {
      const refused = view.models.plans.find((plan) => plan.name === mode.choice.plan)?.refused ?? null
      if (refused !== null) return only(say(ui, `the plan ${mode.choice.plan} cannot run: ${refused}`, false, context))
      const { live, plan, profile, mode: canaryMode } = mode.choice
      const kind = live ? 'startCanary' : 'rehearseCanary'
      const { symbol } = view.room
      const command = { kind, by: context.by, symbol, plan, profile, mode: canaryMode } as const
      return asking({ ...ui, mode: { kind: 'panels' } }, command)
    }
    default:
      return unreachable(action)
  }
}
