/** Keys of the screen itself: where it looks, what it opens, how one leaves it. */
import { hint, key, type Binding } from './binding.ts'
import { EVERYWHERE, OPENED, ON_PANELS } from './modes.ts'
import { needsRoom, whyNotAnswer } from '../reasons.ts'

export const MOVING_KEYS: readonly Binding[] = [
  key({
    action: 'focusNext',
    keys: ['tab'],
    shown: 'Tab',
    does: 'next panel',
    where: ON_PANELS,
    hint: hint('`Tab` focus', 12),
  }),
  key({ action: 'focusPrevious', keys: ['shift-tab'], shown: 'Shift+Tab', does: 'previous panel', where: ON_PANELS }),
  key({
    action: 'focusNext',
    keys: ['down', 'right', 'j', 'l'],
    shown: 'j, Down, Right',
    does: 'next panel',
    where: ['panels'],
  }),
  key({
    action: 'focusPrevious',
    keys: ['up', 'left', 'k', 'h'],
    shown: 'k, Up, Left',
    does: 'previous panel',
    where: ['panels'],
  }),
  key({
    action: 'openNumbered',
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'],
    shown: '1 to 9, 0',
    does: 'open that panel large',
    where: ON_PANELS,
    whyNot: needsRoom,
    hint: hint('`1`-`9` panel', 8),
  }),
  key({
    action: 'open',
    keys: ['enter'],
    shown: 'Enter',
    does: 'open the panel large',
    where: ['panels'],
    whyNot: needsRoom,
    hint: hint('`Enter` large', 10),
  }),
  key({
    action: 'pageForward',
    keys: [']'],
    shown: ']',
    does: 'paper trading: arms, retraining, A/B, costs; live: drift, checklist, backups; then the panels',
    where: ON_PANELS,
    whyNot: needsRoom,
    hint: hint('`]` paper', 9),
  }),
  key({ action: 'pageBack', keys: ['['], shown: '[', does: 'the page before', where: ON_PANELS, whyNot: needsRoom }),
  key({
    action: 'find',
    keys: ['/'],
    shown: '/',
    does: 'find rows that have a word; from the panels, events',
    where: ON_PANELS,
    whyNot: needsRoom,
    hint: hint('`/` find', 5),
  }),
  key({
    action: 'back',
    keys: ['esc'],
    shown: 'Esc',
    does: 'back',
    where: ['help', 'symbols', 'form', 'canaryForm', 'prompts', 'ack'],
    hint: hint('`Esc` back', 0),
  }),
]

/** Of all markets at once. */
export const SYMBOL_KEYS: readonly Binding[] = [
  key({
    action: 'symbols',
    keys: ['S'],
    shown: 'S',
    does: 'all symbols, a line each',
    where: ON_PANELS,
    whyNot: needsRoom,
    hint: { text: (view) => (view.room.symbols.length > 1 ? '`S` symbols' : ''), rank: 7 },
  }),
  key({
    action: 'symbolDown',
    keys: ['down', 'j', 'tab'],
    shown: 'j, Down',
    does: 'the symbol below',
    where: ['symbols'],
    hint: hint('`j` `k` choose', 2),
  }),
  key({
    action: 'symbolUp',
    keys: ['up', 'k', 'shift-tab'],
    shown: 'k, Up',
    does: 'the symbol above',
    where: ['symbols'],
  }),
  key({
    action: 'showSymbol',
    keys: ['enter'],
    shown: 'Enter',
    does: 'show that symbol',
    where: ['symbols'],
    hint: hint('`Enter` show', 1),
  }),
]

/** Of an opened panel: a row is selected, and known of it stands beside or below. */
export const TABLE_KEYS: readonly Binding[] = [
  key({
    action: 'backFromLarge',
    keys: ['esc'],
    shown: 'Esc',
    does: 'all rows again, then back to the panels',
    where: ['large'],
    hint: hint('`Esc` back', 0),
  }),
  key({
    action: 'rowDown',
    keys: ['down', 'j'],
    shown: 'j, Down',
    does: 'the row below',
    where: ['large'],
    hint: hint('`j` `k` row', 2),
  }),
  key({ action: 'rowUp', keys: ['up', 'k'], shown: 'k, Up', does: 'the row above', where: ['large'] }),
  key({ action: 'firstRow', keys: ['home', 'g'], shown: 'g, Home', does: 'the first row', where: ['large'] }),
  key({ action: 'lastRow', keys: ['end', 'G'], shown: 'G, End', does: 'the last row', where: ['large'] }),
  key({ action: 'rowsUp', keys: ['pageup', 'left'], shown: 'PgUp, Left', does: 'a page up', where: ['large'] }),
  key({ action: 'rowsDown', keys: ['pagedown', 'right'], shown: 'PgDn, Right', does: 'a page down', where: ['large'] }),
  key({
    action: 'severity',
    keys: ['f'],
    shown: 'f',
    does: 'all rows, warnings and above, critical ones',
    where: ['large'],
    hint: hint('`f` severity', 6),
  }),
  key({
    action: 'copy',
    keys: ['y'],
    shown: 'y',
    does: 'copy the row',
    where: ['large'],
    hint: hint('`y` copy', 6),
  }),
  key({ action: 'typeFind', keys: [], shown: 'characters', does: 'into the word', where: ['find'] }),
  key({ action: 'eraseFind', keys: ['backspace'], shown: 'Backspace', does: 'erase a character', where: ['find'] }),
  key({ action: 'clearFind', keys: ['ctrl-u'], shown: 'Ctrl+U', does: 'erase the word', where: ['find'] }),
  key({
    action: 'keepFind',
    keys: ['enter', 'down', 'up', 'tab'],
    shown: 'Enter',
    does: 'go through the rows that have it',
    where: ['find'],
    hint: hint('`Enter` rows', 1),
  }),
  key({
    action: 'leaveFind',
    keys: ['esc'],
    shown: 'Esc',
    does: 'all rows again',
    where: ['find'],
    hint: hint('`Esc` all rows', 0),
  }),
]

/** Of a page that scrolls as a whole. */
export const SCROLL_KEYS: readonly Binding[] = [
  key({
    action: 'scrollUp',
    keys: ['up', 'k'],
    shown: 'k, Up',
    does: 'a line up',
    where: ['help'],
    hint: hint('`j` `k` scroll', 11),
  }),
  key({ action: 'scrollDown', keys: ['down', 'j'], shown: 'j, Down', does: 'a line down', where: ['help'] }),
  key({ action: 'pageUp', keys: ['pageup', 'left'], shown: 'PgUp, Left', does: 'a page up', where: ['help'] }),
  key({ action: 'pageDown', keys: ['pagedown', 'right'], shown: 'PgDn, Right', does: 'a page down', where: ['help'] }),
  key({ action: 'top', keys: ['home', 'g'], shown: 'g, Home', does: 'the first line', where: ['help'] }),
  key({ action: 'bottom', keys: ['end', 'G'], shown: 'G, End', does: 'the last line', where: ['help'] }),
]

export const LEAVING_KEYS: readonly Binding[] = [
  key({
    action: 'yes',
    keys: ['y', 'Y'],
    shown: 'y',
    does: 'yes, cancel or replace it',
    where: ['ask'],
    whyNot: (_, ui) => whyNotAnswer(ui, 'yes or no'),
  }),
  key({
    action: 'detach',
    keys: ['d'],
    shown: 'd',
    does: 'leave the room running, without a screen',
    where: ['ask'],
    whyNot: (_, ui) => whyNotAnswer(ui, 'leaving'),
  }),
  key({
    action: 'end',
    keys: ['e'],
    shown: 'e',
    does: 'end the room: it does not answer any more',
    where: ['ask'],
    whyNot: (_, ui) => whyNotAnswer(ui, 'leaving'),
  }),
  key({ action: 'no', keys: ['n', 'N', 'esc'], shown: 'n, Esc', does: 'no, stay', where: ['ask'] }),
  key({ action: 'redraw', keys: ['ctrl-l'], shown: 'Ctrl+L', does: 'draw the screen afresh', where: EVERYWHERE }),
  key({
    action: 'help',
    keys: ['?'],
    shown: '?',
    does: 'on an alert, what to do about it; this help; what the words mean',
    where: ['panels', ...OPENED, 'symbols'],
    hint: hint('`?` help', 1),
  }),
  key({
    action: 'quit',
    keys: ['q'],
    shown: 'q',
    does: 'leave: asks whether the room goes on without a screen, or ends',
    where: ['panels', ...OPENED, 'symbols'],
    hint: hint('`q` leave', 0),
  }),
  key({ action: 'leave', keys: ['ctrl-c'], shown: 'Ctrl+C', does: 'end the room at once', where: EVERYWHERE }),
]
