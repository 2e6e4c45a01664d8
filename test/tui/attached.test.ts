import { describe, expect, it } from 'vitest'
import { PANELS } from '../../src/control/panels.ts'
import type { RoomView } from '../../src/control/view.ts'
import { composeScreen } from '../../src/tui/frame.ts'
import { reduce } from '../../src/tui/reducer.ts'
import { firstState, type Mode, type UiState } from '../../src/tui/state.ts'
import type { Step } from '../../src/tui/intents.ts'
import { ASKED, RAMPING, READY } from './canary-views.ts'
import { promptMode } from './modes.ts'
import { keyNames } from './pressing.ts'
import { BLOCKED, SHADOW, TROUBLED, changed } from '../kit/views.ts'

const ADDRESS = 'http://127.0.0.1:4010'
const READ_ONLY = 'read-only: no token'
const PLAIN = { colour: false, unicode: true }
const COLOUR = { colour: true, unicode: true }

function attached(view: RoomView, readOnly: string | null = null, notes: readonly string[] = []): RoomView {
  return { ...view, attached: { url: ADDRESS, readOnly, notes } }
}

function press(names: readonly string[], view: RoomView, mode: Mode = { kind: 'panels' }): Step {
  let step: Step = { ui: { ...firstState(undefined), mode }, intents: [] }
  const intents: Step['intents'][number][] = []
  for (const name of names) {
    step = reduce(
      step.ui,
      { kind: 'key', name },
      { view, by: 'mia', wallMs: 0, pageRows: 5, listRows: 5, panels: PANELS },
    )
    intents.push(...step.intents)
  }
  return { ui: step.ui, intents }
}

function frame(view: RoomView, columns = 120, ui: UiState = firstState(undefined), theme = PLAIN): readonly string[] {
  return composeScreen(view, ui, { columns, rows: 40 }, theme).lines
}

describe('a screen that is attached', () => {
  it.each([
    [200, ' onay  attached to 127.0.0.1:4010  BTCUSDT ', ' onay  attached to 127.0.0.1:4010, READ-ONLY '],
    [120, ' onay  @127.0.0.1:4010  BTCUSDT ', '@127.0.0.1:4010 READ-ONLY '],
    [80, '@127.0.0.1:4010 ', '@127.0.0.1:4010 READ-ONLY '],
  ])('says at %i columns where the room is, and that it may only look', (columns, changes, looks) => {
    expect(frame(attached(SHADOW), columns)[0]).toContain(changes)
    expect(frame(attached(SHADOW, READ_ONLY), columns)[0]).toContain(looks)
    expect(frame(SHADOW, columns)[0]).not.toMatch(/@|attached|READ-ONLY/)
  })

  it('shows the same as the screen of the room below the header', () => {
    for (const view of [BLOCKED, SHADOW, RAMPING, TROUBLED])
      for (const columns of [80, 120, 200])
        expect(frame(attached(view), columns).slice(1)).toEqual(frame(view, columns).slice(1))
  })

  it('tells what there is to know of the line right under the header', () => {
    expect(frame(attached(SHADOW, null, ['connected again after 3 s; 2 events came in meanwhile']))[2]).toContain(
      'connected again after 3 s',
    )
  })

  it('quits without a question, whatever runs', () => {
    expect(press(['q'], RAMPING).ui.mode.kind).toBe('ask')
    expect(press(['q'], attached(RAMPING)).intents).toEqual([{ kind: 'quit', how: 'end' }])
  })

  it.each([
    ['space', SHADOW],
    ['+', SHADOW],
    ['-', SHADOW],
    ['n', SHADOW],
    ['r', SHADOW],
    ['v', SHADOW],
    ['C', SHADOW],
    ['p', READY],
    ['b', SHADOW],
    ['a', RAMPING],
    ['ctrl-k', RAMPING],
    ['c', TROUBLED],
    ['x', TROUBLED],
  ])('refuses %s without a token and says why, and takes it with one', (name, view) => {
    const refused = press([name, name], attached(view, READ_ONLY))
    expect(refused.intents).toEqual([])
    expect(refused.ui.message?.text).toBe(READ_ONLY)
    const taken = press([name, name], attached(view))
    expect([taken.intents.length > 0, taken.ui.mode.kind !== 'panels']).toContain(true)
  })

  it('lets a prompt be read without a token; Esc leaves it and refuses nothing', () => {
    const view = attached(ASKED, READ_ONLY)
    expect(press(['o'], view).ui.mode.kind).toBe('prompt')
    const typed = promptMode({ reason: 'x', phrase: 'ONAY', field: 'phrase' })
    expect(press(['enter'], view, typed)).toMatchObject({ intents: [], ui: { message: { text: READ_ONLY } } })
    expect(press(['esc'], view, typed)).toMatchObject({ intents: [], ui: { mode: { kind: 'panels' } } })
    const shown = frame(view, 120, { ...firstState(undefined), mode: typed }).join('\n')
    expect(shown).toContain('Esc leaves it waiting')
    expect(shown).not.toContain('Ctrl+R refuses')
  })
})

describe('a screen whose room does not answer', () => {
  it('says so, and shows figures that are old as old', () => {
    const lost = { ...firstState(undefined), lost: 'not connected since 10:41:07 UTC (3 s)' }
    const [header, , note, ...rest] = frame(attached(SHADOW), 120, lost)
    expect(header).toMatch(/ OLD /)
    expect(header).not.toContain('> 60x')
    expect(note).toContain('NO ANSWER the figures below are out of date: not connected since 10:41:07 UTC (3 s)')
    expect(rest.join('\n')).toContain('GATES')
    const coloured = frame(TROUBLED, 120, lost, COLOUR).slice(5, -4).join('\n')
    expect(coloured).toContain('\u001b[2m')
    for (const tone of ['\u001b[1m', '\u001b[32m', '\u001b[33m', '\u001b[1;31m']) expect(coloured).not.toContain(tone)
  })
})

describe('acknowledging an alert', () => {
  const [first] = TROUBLED.watch.alerts
  const acknowledge = (names: readonly string[]): Step => press(['x', ...names], TROUBLED)

  it('opens on a critical alert that fires, with what to do about it', () => {
    const { ui } = acknowledge([])
    expect(ui.mode).toEqual({ kind: 'ack', rule: first?.rule, reason: '' })
    const shown = frame(TROUBLED, 120, ui).join('\n')
    expect(shown).toContain('ACKNOWLEDGE')
    expect(shown).toMatch(/to do +see what holds up the event loop/)
    expect(shown).not.toContain('MLRule2 ')
    expect(shown).not.toContain('MLRule7')
  })

  it('needs a reason, takes letters as text, and sends both', () => {
    const empty = acknowledge(['enter'])
    expect(empty.intents).toEqual([])
    expect(empty.ui.message?.text).toContain('a reason is needed')
    const sent = acknowledge([...keyNames('aa known, q'), 'backspace', 'r', 'enter'])
    expect(sent.ui.mode.kind).toBe('panels')
    const command = { kind: 'acknowledge', by: 'mia', symbol: 'BTCUSDT', rule: first?.rule, reason: 'aa known, r' }
    expect(sent.intents).toEqual([{ kind: 'ask', command }])
  })

  it('goes round the alerts that fire and that nobody has seen, clears, and leaves with Esc', () => {
    const rules = [0, 1, 2, 3, 4].map(
      (times) => acknowledge(Array.from({ length: times }, () => 'down')).ui.mode as Extract<Mode, { kind: 'ack' }>,
    )
    expect(rules.map(({ rule }) => rule)).toEqual(['MLRule0', 'MLRule1', 'MLRule3', 'MLRule4', 'MLRule0'])
    expect(acknowledge(['x', 'ctrl-u']).ui.mode).toMatchObject({ reason: '' })
    expect(acknowledge(['x', 'esc'])).toMatchObject({ intents: [], ui: { mode: { kind: 'panels' } } })
  })

  it('says when the alert is gone meanwhile, and that there is none', () => {
    const mode = { kind: 'ack', rule: 'MLGone', reason: 'x' } as const
    expect(press(['enter'], TROUBLED, mode).ui.message?.text).toContain('MLGone is no longer firing')
    expect(frame(TROUBLED, 120, { ...firstState(undefined), mode }).join('\n')).toContain('MLGone is no longer firing')
    const quiet = changed(BLOCKED, {
      watch: { alerts: BLOCKED.watch.alerts.filter(({ state }) => state === 'pending') },
    })
    expect(press(['x'], quiet).ui.message?.text).toContain('no alert is firing')
    const seen = BLOCKED.watch.alerts.map((alert) => ({ ...alert, acknowledged: { by: 'me', reason: 'known' } }))
    expect(press(['x'], changed(BLOCKED, { watch: { alerts: seen } })).ui.message?.text).toContain(
      'every firing alert is acknowledged',
    )
  })

  it('lets an abort through while a reason is typed', () => {
    const view = changed(RAMPING, { watch: { alerts: TROUBLED.watch.alerts } })
    expect(press(['x', 'x', 'ctrl-k', 'ctrl-k'], view).intents).toEqual([
      { kind: 'ask', command: { kind: 'abortCanary', by: 'mia', symbol: 'BTCUSDT', reason: null } },
    ])
  })
})

describe('the alerts panel', () => {
  it('shows who has seen an alert and why, which one toggles, and what to do about the others', () => {
    const shown = frame(TROUBLED, 200).join('\n')
    expect(shown).toMatch(/MLRule2 .* seen by operator: "known"/)
    expect(shown).toMatch(/MLRule1 .* flapping/)
  })
})
