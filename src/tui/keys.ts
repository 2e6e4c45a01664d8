/**
 * The one table of keys: it dispatches, it makes the help, and it writes the bottom line. A key that cannot be used now
 * says why.
 */
import { cellsOf, clean } from './cells.ts'
import { always, hint, key, type Binding } from './binding.ts'
import { dayTime } from './format.ts'
import {
  mayOnlyLook,
  needsRoom,
  whyNotAbort,
  whyNotAcknowledge,
  whyNotCanary,
  whyNotCancel,
  whyNotFaster,
  whyNotNext,
  whyNotPause,
  whyNotPromote,
  whyNotPrompts,
  whyNotRetrain,
  whyNotRollback,
  whyNotSlower,
  whyNotSymbol,
  whyNotValidate,
} from './reasons.ts'
import type { ModeKind } from './state.ts'

const EVERYWHERE: readonly ModeKind[] = [
  'panels',
  'large',
  'help',
  'form',
  'canaryForm',
  'prompts',
  'prompt',
  'ack',
  'ask',
]
/** Where letters are keys and not text. */
const KEYED = EVERYWHERE.filter((mode) => mode !== 'prompt' && mode !== 'ack')
const ROOM: readonly ModeKind[] = ['panels', 'large']
const LISTS: readonly ModeKind[] = ['large', 'help']

export const BINDINGS: readonly Binding[] = [
  key(
    'abort',
    ['a', 'ctrl-k'],
    'a a, Ctrl+K Ctrl+K',
    'abort the canary: twice within 2 s',
    KEYED,
    whyNotAbort,
    hint('a a abort', 0),
  ),
  key(
    'abort',
    ['ctrl-k'],
    'Ctrl+K Ctrl+K',
    'abort: twice within 2 s',
    ['prompt', 'ack'],
    whyNotAbort,
    hint('Ctrl+K Ctrl+K abort', 1),
  ),
  key('prompts', ['o'], 'o', 'open the prompts that wait for ONAY', ROOM, whyNotPrompts, hint('o ONAY prompt', 0)),
  key('next', ['n'], 'n', 'play to the next thing awaited', ROOM, whyNotNext, {
    rank: 3,
    text: (view, wide) => {
      const moment = view.clock.nextMoment
      return wide && moment !== null ? `n next: ${moment.why}, ${dayTime(moment.atMs)}` : 'n next'
    },
  }),
  key('pause', ['space'], 'space', 'pause the recording, or play on', ROOM, whyNotPause, {
    rank: 4,
    text: (view) => (view.clock.paused ? 'space play' : 'space pause'),
  }),
  key('faster', ['+', '='], '+', 'play faster: 1, 60, 600, max', ROOM, whyNotFaster, hint('+ - speed', 7)),
  key('slower', ['-', '_'], '-', 'play slower', ROOM, whyNotSlower),
  key('retrain', ['r'], 'r', 'retrain: choose features and profile', ROOM, whyNotRetrain, hint('r retrain', 5)),
  key('validate', ['v'], 'v', 'validate the candidate offline', ROOM, whyNotValidate, hint('v validate', 6)),
  key('canary', ['C'], 'C', 'canary: choose plan and profile', ROOM, whyNotCanary, hint('C canary', 6)),
  key('promote', ['p'], 'p', 'promote the candidate: asks for ONAY', ROOM, whyNotPromote, hint('p promote', 2)),
  key('rollback', ['b'], 'b b', 'roll back: twice within 2 s', ROOM, whyNotRollback, {
    rank: 2,
    text: (view) => (view.canary.bake === null ? '' : 'b b roll back'),
  }),
  key(
    'acknowledge',
    ['k'],
    'k',
    'acknowledge an alert, with a reason',
    ROOM,
    whyNotAcknowledge,
    hint('k acknowledge', 5),
  ),
  key('cancel', ['c'], 'c', 'cancel running work (asks)', ROOM, whyNotCancel, hint('c cancel', 2)),
  key('symbol', ['s'], 's', 'show the next symbol', ROOM, whyNotSymbol, hint('s symbol', 8)),
  key('focusNext', ['tab'], 'Tab', 'next panel', ROOM, always, hint('Tab panel', 9)),
  key('focusPrevious', ['shift-tab'], 'Shift+Tab', 'previous panel', ROOM),
  key('focusNext', ['down', 'right'], 'Down, Right', 'next panel', ['panels']),
  key('focusPrevious', ['up', 'left'], 'Up, Left', 'previous panel', ['panels']),
  key('open', ['enter'], 'Enter', 'open the panel large', ['panels'], needsRoom, hint('Enter large', 10)),
  key('back', ['esc'], 'Esc', 'back', [...LISTS, 'form', 'canaryForm', 'prompts', 'ack'], always, hint('Esc back', 0)),
  key('scrollUp', ['up'], 'Up', 'a row up', LISTS, always, hint('Up Down PgUp PgDn scroll', 11)),
  key('scrollDown', ['down'], 'Down', 'a row down', LISTS),
  key('pageUp', ['pageup', 'left'], 'PgUp, Left', 'a page up', LISTS),
  key('pageDown', ['pagedown', 'right'], 'PgDn, Right', 'a page down', LISTS),
  key('top', ['home'], 'Home', 'the first row', LISTS),
  key('bottom', ['end'], 'End', 'the last row', LISTS),
  key('choiceUp', ['up', 'left'], 'Up', 'the choice above', ['form'], always, hint('Up Down choose', 3)),
  key('choiceDown', ['down', 'right', 'tab'], 'Down', 'the choice below', ['form']),
  key('profile', ['p'], 'p', 'profile: equivalent or improve', ['form'], always, hint('p profile', 2)),
  key('start', ['enter'], 'Enter', 'start the retrain', ['form'], always, hint('Enter start', 1)),
  key('fieldUp', ['up', 'shift-tab'], 'Up', 'the line above', ['canaryForm'], always, hint('Up Down line', 3)),
  key('fieldDown', ['down', 'tab'], 'Down, Tab', 'the line below', ['canaryForm']),
  key(
    'change',
    ['right', 'space'],
    'Right, space',
    'the next choice of the line',
    ['canaryForm'],
    always,
    hint('Left Right change', 2),
  ),
  key('changeBack', ['left'], 'Left', 'the choice before', ['canaryForm']),
  key('begin', ['enter'], 'Enter', 'start the canary', ['canaryForm'], whyNotCanary, hint('Enter start', 1)),
  key('promptUp', ['up', 'left'], 'Up', 'the prompt above', ['prompts'], always, hint('Up Down choose', 3)),
  key('promptDown', ['down', 'right', 'tab'], 'Down', 'the prompt below', ['prompts']),
  key('openPrompt', ['enter'], 'Enter', 'open the prompt', ['prompts'], always, hint('Enter open', 1)),
  key('type', [], 'characters', 'into the reason or the phrase', ['prompt']),
  key(
    'otherField',
    ['tab', 'shift-tab', 'up', 'down'],
    'Tab',
    'reason or phrase',
    ['prompt'],
    always,
    hint('Tab reason or phrase', 5),
  ),
  key('erase', ['backspace'], 'Backspace', 'erase a character', ['prompt']),
  key('clear', ['ctrl-u'], 'Ctrl+U', 'erase the line', ['prompt'], always, hint('Ctrl+U clear', 6)),
  key('send', ['enter'], 'Enter', 'go on; approve once all is typed', ['prompt'], needsRoom, hint('Enter go on', 2)),
  key('pageUp', ['pageup'], 'PgUp', 'a page up in the facts', ['prompt']),
  key('pageDown', ['pagedown'], 'PgDn', 'a page down in the facts', ['prompt'], always, hint('PgUp PgDn facts', 7)),
  key('refuse', ['esc'], 'Esc', 'refuse, with the reason typed so far', ['prompt'], always, {
    rank: 0,
    text: (view) => (mayOnlyLook(view) ? 'Esc back' : 'Esc refuses'),
  }),
  key('putAside', ['ctrl-o'], 'Ctrl+O', 'leave it waiting', ['prompt'], always, hint('Ctrl+O leaves it waiting', 4)),
  key('alertUp', ['up', 'shift-tab'], 'Up', 'the alert above', ['ack'], always, hint('Up Down choose', 3)),
  key('alertDown', ['down', 'tab'], 'Down, Tab', 'the alert below', ['ack']),
  key('typeAck', [], 'characters', 'into the reason', ['ack']),
  key('eraseAck', ['backspace'], 'Backspace', 'erase a character', ['ack']),
  key('clearAck', ['ctrl-u'], 'Ctrl+U', 'erase the line', ['ack'], always, hint('Ctrl+U clear', 6)),
  key(
    'sendAck',
    ['enter'],
    'Enter',
    'acknowledge, with the reason',
    ['ack'],
    whyNotAcknowledge,
    hint('Enter acknowledge', 1),
  ),
  key('yes', ['y', 'Y'], 'y', 'yes', ['ask'], always, hint('y yes', 0)),
  key('no', ['n', 'N', 'esc'], 'n, Esc', 'no', ['ask'], always, hint('n no', 1)),
  key('redraw', ['ctrl-l'], 'Ctrl+L', 'draw the screen afresh', EVERYWHERE),
  key('help', ['?'], '?', 'this help', ['panels', ...LISTS], always, hint('? help', 1)),
  key('quit', ['q'], 'q', 'quit (asks while a canary or work runs)', ['panels', ...LISTS], always, hint('q quit', 0)),
  key('leave', ['ctrl-c'], 'Ctrl+C', 'quit at once', EVERYWHERE),
]

/** The character that a key types; null for those that type none. */
export function textOf(name: string): string | null {
  if (name === 'space') return ' '
  const code = name.codePointAt(0)
  const single = code !== undefined && name === String.fromCodePoint(code)
  return single && cellsOf(name) > 0 && clean(name) === name ? name : null
}

/** The binding of a key where one is. */
export function bindingFor(mode: ModeKind, name: string): Binding | undefined {
  const here = BINDINGS.filter((binding) => binding.where.includes(mode))
  const named = here.find((binding) => binding.keys.includes(name))
  if (named !== undefined || textOf(name) === null) return named
  return here.find((binding) => binding.keys.length === 0)
}

/** What to say of a key that does nothing here. */
export function unboundText(mode: ModeKind, name: string): string {
  const elsewhere = BINDINGS.find((binding) => binding.keys.includes(name) && binding.where.includes('panels'))
  if (elsewhere !== undefined && mode === 'ack') return `${name} is no text; Esc goes back to the panels`
  if (elsewhere !== undefined && mode === 'prompt') return `${name} is no text; Ctrl+O leaves the prompt waiting`
  if (elsewhere !== undefined && mode !== 'panels')
    return `${name}: ${elsewhere.does} works on the panels; Esc goes back there`
  return `${name} is not a key here; ? lists them`
}
