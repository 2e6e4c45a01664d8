/** Saying that an alert was seen: which one, and why it may wait. It goes on firing. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { RoomView } from '../control/view.ts'
import { acknowledgeable } from './reasons.ts'
import type { UiState } from './state.ts'
import { asking, only, say, type Context, type Step } from './intents.ts'
import { edited } from './text-field.ts'

const MAX_REASON = 400
const EDITS = { typeAck: 'type', eraseAck: 'erase', clearAck: 'clear' } as const

/** Opens on the most severe of the alerts that are not acknowledged. */
export function openAcknowledge(ui: UiState, view: RoomView): Step {
  const open = acknowledgeable(view)
  const alert = open.find(({ severity }) => severity === 'critical') ?? open[0]
  return only(alert === undefined ? ui : { ...ui, mode: { kind: 'ack', rule: alert.rule, reason: '' } })
}

export type AcknowledgeKey = 'alertUp' | 'alertDown' | 'typeAck' | 'eraseAck' | 'clearAck' | 'sendAck'

/** A key in the form. @param text what the key types, where it types something */
export function acknowledgeKey(ui: UiState, action: AcknowledgeKey, text: string | null, context: Context): Step {
  const { mode } = ui
  const { view } = context
  if (mode.kind !== 'ack' || view === null) return only(ui)
  switch (action) {
    case 'alertUp':
    case 'alertDown': {
      const open = acknowledgeable(view)
      const at = open.findIndex(({ rule }) => rule === mode.rule)
      const next = open[(at + (action === 'alertUp' ? open.length - 1 : 1)) % Math.max(1, open.length)]
      return only(next === undefined ? ui : { ...ui, mode: { ...mode, rule: next.rule } })
    }
    case 'typeAck':
    case 'eraseAck':
    case 'clearAck':
      return only({ ...ui, mode: { ...mode, reason: edited(mode.reason, EDITS[action], text, MAX_REASON) } })
    case 'sendAck': {
      const reason = mode.reason.trim()
      if (reason === '') return only(say(ui, 'a reason is needed: it is recorded with your name', false, context))
      if (!acknowledgeable(view).some(({ rule }) => rule === mode.rule))
        return only(say(ui, `${mode.rule} is no longer firing, or was acknowledged elsewhere`, false, context))
      const { symbol } = view.room
      const { rule } = mode
      return asking({ ...ui, mode: { kind: 'panels' } }, { kind: 'acknowledge', by: context.by, symbol, rule, reason })
    }
    default:
      return unreachable(action)
  }
}
