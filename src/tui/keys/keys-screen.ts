/** Keys of the screen itself: where it looks, what it opens, how one leaves it. */
import { hint, key, type Binding } from './binding.ts'
import { EVERYWHERE, LISTS, ON_PANELS } from './modes.ts'
import { needsRoom } from '../reasons.ts'

export const MOVING_KEYS: readonly Binding[] = [
  key({
    action: 'focusNext',
    keys: ['tab'],
    shown: 'Tab',
    does: 'next panel',
    where: ON_PANELS,
    hint: hint('Tab panel', 9),
  }),
  key({ action: 'focusPrevious', keys: ['shift-tab'], shown: 'Shift+Tab', does: 'previous panel', where: ON_PANELS }),
  key({ action: 'focusNext', keys: ['down', 'right'], shown: 'Down, Right', does: 'next panel', where: ['panels'] }),
  key({ action: 'focusPrevious', keys: ['up', 'left'], shown: 'Up, Left', does: 'previous panel', where: ['panels'] }),
  key({
    action: 'open',
    keys: ['enter'],
    shown: 'Enter',
    does: 'open the panel large',
    where: ['panels'],
    whyNot: needsRoom,
    hint: hint('Enter large', 10),
  }),
  key({
    action: 'back',
    keys: ['esc'],
    shown: 'Esc',
    does: 'back',
    where: [...LISTS, 'form', 'canaryForm', 'prompts', 'ack'],
    hint: hint('Esc back', 0),
  }),
  key({
    action: 'scrollUp',
    keys: ['up'],
    shown: 'Up',
    does: 'a row up',
    where: LISTS,
    hint: hint('Up Down PgUp PgDn scroll', 11),
  }),
  key({ action: 'scrollDown', keys: ['down'], shown: 'Down', does: 'a row down', where: LISTS }),
  key({ action: 'pageUp', keys: ['pageup', 'left'], shown: 'PgUp, Left', does: 'a page up', where: LISTS }),
  key({ action: 'pageDown', keys: ['pagedown', 'right'], shown: 'PgDn, Right', does: 'a page down', where: LISTS }),
  key({ action: 'top', keys: ['home'], shown: 'Home', does: 'the first row', where: LISTS }),
  key({ action: 'bottom', keys: ['end'], shown: 'End', does: 'the last row', where: LISTS }),
]

export const LEAVING_KEYS: readonly Binding[] = [
  key({ action: 'yes', keys: ['y', 'Y'], shown: 'y', does: 'yes', where: ['ask'], hint: hint('y yes', 0) }),
  key({ action: 'no', keys: ['n', 'N', 'esc'], shown: 'n, Esc', does: 'no', where: ['ask'], hint: hint('n no', 1) }),
  key({ action: 'redraw', keys: ['ctrl-l'], shown: 'Ctrl+L', does: 'draw the screen afresh', where: EVERYWHERE }),
  key({
    action: 'help',
    keys: ['?'],
    shown: '?',
    does: 'this help',
    where: ['panels', ...LISTS],
    hint: hint('? help', 1),
  }),
  key({
    action: 'quit',
    keys: ['q'],
    shown: 'q',
    does: 'quit (asks while a canary or work runs)',
    where: ['panels', ...LISTS],
    hint: hint('q quit', 0),
  }),
  key({ action: 'leave', keys: ['ctrl-c'], shown: 'Ctrl+C', does: 'quit at once', where: EVERYWHERE }),
]
