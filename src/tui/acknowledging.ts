/** Saying that an alert was seen: which one, and why it may stand. It goes on firing. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { RoomView } from '../room/control-room.ts'
import { acknowledgeable } from './reasons.ts'
import type { UiState } from './state.ts'
import { only, say, type Context, type Step } from './step.ts'

const MAX_REASON = 400

/** Opens on the gravest of the alerts that nobody has seen. */
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
    case 'typeAck': {
      const reason = mode.reason + (text ?? '')
      return only(reason.length > MAX_REASON ? ui : { ...ui, mode: { ...mode, reason } })
    }
    case 'eraseAck':
      return only({ ...ui, mode: { ...mode, reason: Array.from(mode.reason).slice(0, -1).join('') } })
    case 'clearAck':
      return only({ ...ui, mode: { ...mode, reason: '' } })
    case 'sendAck': {
      const reason = mode.reason.trim()
      if (reason === '') return only(say(ui, 'a reason is needed: it is recorded with your name', false, context))
      if (!acknowledgeable(view).some(({ rule }) => rule === mode.rule))
        return only(say(ui, `${mode.rule} fires no more, or was acknowledged elsewhere`, false, context))
      const intent = { kind: 'acknowledge', symbol: view.symbol, rule: mode.rule, reason } as const
      return only({ ...ui, mode: { kind: 'panels' } }, intent)
    }
    default:
      return unreachable(action)
  }
}
