/** Keys of the forms: what to retrain, and how a canary is to run. */
import { DOWN, hint, key, UP, type Binding } from './binding.ts'
import { whyNotCanary } from '../reasons.ts'

export const FORM_KEYS: readonly Binding[] = [
  key({ action: 'choiceUp', ...UP, does: 'the choice above', where: ['form'] }),
  key({ action: 'choiceDown', ...DOWN, does: 'the choice below', where: ['form'] }),
  key({
    action: 'profile',
    keys: ['p'],
    shown: 'p',
    does: 'profile: equivalent or improve',
    where: ['form'],
    hint: hint('`p` profile', 2),
  }),
  key({
    action: 'start',
    keys: ['enter'],
    shown: 'Enter',
    does: 'start the retrain',
    where: ['form'],
    changes: true,
    hint: hint('`Enter` start', 1),
  }),
  key({
    action: 'fieldUp',
    keys: ['up', 'shift-tab'],
    shown: 'Up',
    does: 'the line above',
    where: ['canaryForm'],
    hint: hint('`Up Down` line', 3),
  }),
  key({
    action: 'fieldDown',
    keys: ['down', 'tab'],
    shown: 'Down, Tab',
    does: 'the line below',
    where: ['canaryForm'],
  }),
  key({
    action: 'change',
    keys: ['right', 'space'],
    shown: 'Right, space',
    does: 'the next choice of the line',
    where: ['canaryForm'],
    hint: hint('`Left Right` change', 2),
  }),
  key({ action: 'changeBack', keys: ['left'], shown: 'Left', does: 'the choice before', where: ['canaryForm'] }),
  key({
    action: 'begin',
    keys: ['enter'],
    shown: 'Enter',
    does: 'start the canary',
    where: ['canaryForm'],
    whyNot: whyNotCanary,
    changes: true,
    hint: hint('`Enter` start', 1),
  }),
]
