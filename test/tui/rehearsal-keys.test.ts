import { describe, expect, it } from 'vitest'
import { type Opened, PANELS } from '../../src/control/panels.ts'
import type { RoomView } from '../../src/control/view.ts'
import type { Context, Step } from '../../src/tui/intents.ts'
import { firstState, type UiState } from '../../src/tui/state.ts'
import { BLOCKED, changed, HISTORY } from '../kit/views.ts'
import { largeMode } from './modes.ts'
import { pressKeys } from './pressing.ts'

function context(view: RoomView): Context {
  return { view, by: 'mia', wallMs: 1_000, pageRows: 10, listRows: 57, panels: PANELS }
}

function press(view: RoomView, ui: Partial<UiState>): Step {
  return pressKeys({ ...firstState(undefined), ...ui }, [['R', context(view)]])
}

const opened = (panel: Opened): Partial<UiState> => ({ mode: largeMode({ panel }) })
const ASKED = [
  { kind: 'ask', command: { kind: 'rehearse', by: 'mia', symbol: 'BTCUSDT' } },
  { kind: 'detail', symbol: 'BTCUSDT', panel: 'rehearsal' },
]

describe('R', () => {
  it.each<[where: string, ui: Partial<UiState>]>([
    ['the panel of drift', { focus: 'drift' }],
    ['that of the canary', { focus: 'canary' }],
    ['drift, large', opened('drift')],
    ['the canary, large', opened('canary')],
    ['the page of the last 24 hours', opened('driftDay')],
    ['that of a canary of days', opened('liveCanary')],
    ['that of the rehearsal itself', opened('rehearsal')],
  ])('rehearses the rules and opens the page that will have it, on %s', (_, ui) => {
    const { ui: after, intents } = press(BLOCKED, ui)
    expect(intents).toEqual(ASKED)
    expect(after.mode).toMatchObject({ kind: 'large', panel: 'rehearsal', detail: null })
    expect(after.message).toMatchObject({ good: true, text: expect.stringContaining('rehearsing the last 28 days') })
  })

  it.each<[why: RegExp, view: RoomView, ui: Partial<UiState>]>([
    [/on the panels of drift and canary: 4 or 2 opens one/, BLOCKED, { focus: 'gates' }],
    [/on the panels of drift and canary/, BLOCKED, { focus: 'drift', ...opened('events') }],
    [/no model is in charge/, changed(BLOCKED, { models: { baseline: null } }), { focus: 'drift' }],
    [/not open yet/, HISTORY, { focus: 'drift' }],
  ])('says why not: %s', (why, view, ui) => {
    const { ui: after, intents } = press(view, ui)
    expect(intents).toEqual([])
    expect(after.message).toMatchObject({ good: false, text: expect.stringMatching(why) })
  })
})
