/** The screen's own decisions: what a key or an answer changes, and what is then asked for. Pure. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import { clean } from './cells.ts'
import { acknowledgeKey, openAcknowledge } from './acknowledge-form.ts'
import { whyNotNow, type Action } from './keys/binding.ts'
import { roomKey, symbolsKey, twice } from './room-keys.ts'
import { canaryForm, retrainForm } from './forms.ts'
import { bindingFor, textOf, unboundText } from './keys/keys.ts'
import { answer, focus, open, openNumbered, quit, scroll, turnPage } from './focus-and-scroll.ts'
import { answered, choosePrompt, expect, looked, pasteIntoPrompt, promptKey } from './prompt-form.ts'
import type { DetailView } from '../control/panels.ts'
import type { RoomView } from '../control/view.ts'
import { selectedAfter, shownRows } from './large/rows.ts'
import { byGravity } from './screens/release/alerts.ts'
import { findKey, selectKey } from './select.ts'
import { pageOf, typedText, type LargePage, type Mode, type UiState } from './state.ts'
import { only, say, type Context, type Step, type UiEvent } from './intents.ts'

/** The state after an event, and what to ask of the room. */
export function reduce(ui: UiState, event: UiEvent, context: Context): Step {
  switch (event.kind) {
    case 'key':
      return press(ui, event.name, context)
    case 'paste':
      return paste(ui, event.text, context)
    case 'said':
      return only(say(ui, event.text, event.good, context))
    case 'answered':
      return answered(ui, event, context)
    case 'coming':
      return only(expect(ui, event, context))
    case 'choices': {
      if (ui.mode.kind !== 'form') return only(ui)
      const usable = event.choices.findIndex((choice) => choice.refused === null)
      return only({ ...ui, mode: { ...ui.mode, choices: event.choices, index: Math.max(0, usable) } })
    }
    case 'detail': {
      const page = pageOf(ui)
      if (page.kind !== 'large' || page.panel !== event.panel) return only(ui)
      return only({ ...ui, mode: readAgain(ui.mode, page, event.detail) })
    }
    case 'looked':
      return only(context.view === null ? ui : looked(ui, context.view, context))
    case 'lost':
      return only({ ...ui, lost: event.why })
    case 'tick':
      return only(forget(ui, context))
    default:
      return unreachable(event)
  }
}

/** A message and a first keystroke last for a while only. */
function forget(ui: UiState, { wallMs }: Context): UiState {
  const message = ui.message !== null && ui.message.untilWallMs <= wallMs ? null : ui.message
  const armed = ui.armed !== null && ui.armed.untilWallMs < wallMs ? null : ui.armed
  return message === ui.message && armed === ui.armed ? ui : { ...ui, message, armed }
}

/** The page with what the room answered, under the question or the word that may stand over it. */
function readAgain(mode: Mode, page: LargePage, detail: DetailView): Mode {
  if (mode.kind === 'find') return { ...mode, below: { ...mode.below, detail } }
  const now = { ...page, detail, selected: selectedAfter(page, detail) }
  return mode.kind === 'ask' ? { ...mode, below: now } : now
}

/** Text where text is typed, and nothing elsewhere: what was pasted by mistake presses no keys. */
function paste(ui: UiState, raw: string, context: Context): Step {
  const text = clean(raw).trim()
  if (ui.mode.kind === 'prompt') return pasteIntoPrompt(ui, text, context)
  if (ui.mode.kind === 'find') return findKey(ui, 'typeFind', text)
  if (ui.mode.kind === 'ack') return acknowledgeKey(ui, 'typeAck', text, context)
  return only(say(ui, 'what is pasted presses no keys; text can be pasted where a reason is asked for', false, context))
}

function press(before: UiState, name: string, context: Context): Step {
  const binding = bindingFor(before.mode.kind, name)
  // The two keystrokes must follow each other: any other key between them takes the first one back.
  const ui = binding?.action === before.armed?.action ? before : { ...before, armed: null }
  if (binding === undefined) return only(say(ui, unboundText(ui.mode.kind, name), false, context))
  const why = whyNotNow(binding, context.view, ui)
  if (why !== null) return only(say(ui, why, false, context))
  const step = act({ ...ui, message: null }, binding.action, name, context)
  // Whoever presses K twice here may mean the switch, and sees at once which keys throw it.
  const isDoubled = name === KILL_LETTER && typedText(step.ui.mode)?.endsWith(KILL_LETTER.repeat(2)) === true
  return isDoubled ? { ...step, ui: say(step.ui, KILL_TYPED, false, context) } : step
}

const KILL_LETTER = 'K'
const KILL_TYPED = 'K is typed as text here: Ctrl+X twice throws the kill switch'

/** On an alert that is active what to do about it, then the keys, then what the words mean. */
function helpOn({ focus: focused, mode }: UiState, view: RoomView | null): Mode {
  const keys = { kind: 'help', scroll: 0, glossary: false } as const
  if (mode.kind === 'help') return { ...keys, glossary: mode.alert === undefined && !mode.glossary }
  const alerts = view?.watch.alerts ?? []
  if (mode.kind === 'large' && mode.panel === 'alerts') {
    const rule = shownRows(mode)[mode.selected]?.['rule']
    return alerts.some((alert) => alert.rule === rule) && rule !== undefined ? { ...keys, alert: rule } : keys
  }
  const [gravest] = [...alerts].sort(byGravity)
  const isAsked = mode.kind === 'panels' && focused === 'alerts' && gravest?.state === 'firing'
  return isAsked ? { ...keys, alert: gravest.rule } : keys
}

function act(ui: UiState, action: Action, name: string, context: Context): Step {
  const { view } = context
  switch (action) {
    case 'leave':
      return only(ui, { kind: 'quit', how: 'end' })
    case 'redraw':
      return only(ui, { kind: 'redraw' })
    case 'quit':
      return quit(ui, view)
    case 'help':
      return only({ ...ui, mode: helpOn(ui, view) })
    case 'back':
      return only({ ...ui, mode: { kind: 'panels' } })
    case 'focusNext':
      return focus(ui, 1, context)
    case 'focusPrevious':
      return focus(ui, -1, context)
    case 'open':
      return open(ui, ui.focus, view)
    case 'pageForward':
      return turnPage(ui, 1, view)
    case 'pageBack':
      return turnPage(ui, -1, view)
    case 'openNumbered':
      return openNumbered(ui, name, view)
    case 'scrollUp':
    case 'scrollDown':
    case 'pageUp':
    case 'pageDown':
    case 'top':
    case 'bottom':
      return only(scroll(ui, action, context))
    case 'rowUp':
    case 'rowDown':
    case 'rowsUp':
    case 'rowsDown':
    case 'firstRow':
    case 'lastRow':
    case 'find':
    case 'severity':
    case 'copy':
    case 'backFromLarge':
      return selectKey(ui, action, context)
    case 'typeFind':
    case 'eraseFind':
    case 'clearFind':
    case 'keepFind':
    case 'leaveFind':
      return findKey(ui, action, textOf(name))
    case 'choiceUp':
    case 'choiceDown':
    case 'profile':
    case 'start':
      return retrainForm(ui, action, context)
    case 'fieldUp':
    case 'fieldDown':
    case 'change':
    case 'changeBack':
    case 'begin':
      return canaryForm(ui, action, context)
    case 'promptUp':
    case 'promptDown':
    case 'openPrompt':
      return choosePrompt(ui, action, view)
    case 'type':
    case 'erase':
    case 'clear':
    case 'otherField':
    case 'everyFigure':
    case 'send':
    case 'refuse':
    case 'putAside':
      return promptKey(ui, action, textOf(name), context)
    case 'acknowledge':
      return view === null ? only(ui) : openAcknowledge(ui, view)
    case 'alertUp':
    case 'alertDown':
    case 'typeAck':
    case 'eraseAck':
    case 'clearAck':
    case 'sendAck':
      return acknowledgeKey(ui, action, textOf(name), context)
    case 'yes':
    case 'no':
    case 'end':
    case 'detach':
      return answer(ui, action, context)
    case 'abort':
    case 'rollback':
    case 'kill':
      return view === null ? only(ui) : twice(ui, action, view, context)
    case 'symbols':
    case 'symbolUp':
    case 'symbolDown':
    case 'showSymbol':
      return view === null ? only(ui) : symbolsKey(ui, action, view)
    case 'pause':
    case 'faster':
    case 'slower':
    case 'next':
    case 'retrain':
    case 'validate':
    case 'canary':
    case 'rehearse':
    case 'promote':
    case 'prompts':
    case 'cancel':
    case 'symbol':
      return view === null ? only(ui) : roomKey(ui, action, view, context)
    default:
      return unreachable(action)
  }
}
