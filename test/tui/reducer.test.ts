import { describe, expect, it } from 'vitest'
import { askText, hintLine } from '../../src/tui/hints.ts'
import { bindingFor, BINDINGS } from '../../src/tui/keys/keys.ts'
import { helpPage } from '../../src/tui/large/help.ts'
import { reduce } from '../../src/tui/reducer.ts'
import { firstState, MESSAGE_MS, type Mode, type ModeKind, type UiState } from '../../src/tui/state.ts'
import type { Context, Step } from '../../src/tui/intents.ts'
import type { Taken } from '../../src/control/commands.ts'
import type { RoomView } from '../../src/control/view.ts'
import { AWAITING, BAKING, RAMPING, READY, TWO_PROMPTS } from './canary-views.ts'
import { CHOICES, modeOf, MODES } from './modes.ts'
import { pressKeys, uiIn } from './pressing.ts'
import { BLOCKED, HISTORY, NO_MODELS, RETRAINING, TABLE, TROUBLED, changed } from '../kit/views.ts'

function context(view: RoomView | null): Context {
  return { view, by: 'mia', wallMs: 1000, pageRows: 10, listRows: 57 }
}

function press(name: string, mode: ModeKind | Mode = 'panels', view: RoomView | null = BLOCKED): Step {
  return pressKeys(uiIn(mode), [[name, context(view)]])
}

function pressAll(names: readonly string[], view: RoomView = BLOCKED): Step {
  return pressKeys(
    firstState(undefined),
    names.map((name) => [name, context(view)]),
  )
}

const hints = (view: RoomView, mode: ModeKind): string =>
  hintLine(view, uiIn(mode), 200)
    .map((part) => part.text)
    .join('')

describe('the key table', () => {
  it('has no key twice in one mode', () => {
    for (const mode of MODES) {
      const keys = BINDINGS.filter((binding) => binding.where.includes(mode)).flatMap((binding) => binding.keys)
      expect(new Set(keys).size, mode).toBe(keys.length)
    }
  })

  it('makes the help: each binding one line, and nothing else', () => {
    const page = helpPage(BLOCKED, firstState(undefined), 0, 200, 100)
    const lines = page.lines.slice(1).map((line) => line.map((part) => part.text).join(''))
    expect(lines).toHaveLength(BINDINGS.length)
    for (const [i, binding] of BINDINGS.entries()) {
      expect(lines[i]).toContain(binding.shown)
      expect(lines[i]).toContain(binding.does)
      const why = binding.whyNot(BLOCKED, firstState(undefined))
      if (why !== null) expect(lines[i]).toContain(why)
    }
  })

  it.each(MODES)('answers every key in %s: it acts, or says why not', (mode) => {
    const keys = [...new Set(BINDINGS.flatMap((binding) => binding.keys)), 'z', 'ctrl-x']
    for (const view of [BLOCKED, HISTORY, NO_MODELS, TROUBLED, RAMPING, READY, BAKING, AWAITING, TWO_PROMPTS, null]) {
      for (const name of keys) {
        const before = { ...firstState(undefined), mode: modeOf(mode) }
        const { ui, intents } = reduce(before, { kind: 'key', name }, context(view))
        const acted = intents.length > 0 || JSON.stringify({ ...ui, message: null }) !== JSON.stringify(before)
        const bound = bindingFor(mode, name)
        if (bound === undefined || bound.whyNot(view, before) !== null) {
          expect(acted, `${mode} ${name}`).toBe(false)
          expect(ui.message?.good, `${mode} ${name}`).toBe(false)
        }
      }
    }
  })

  it('shows on the bottom line only keys that can be used now', () => {
    expect(hints(BLOCKED, 'panels')).toContain('n next: the next midnight, 05-27 00:00')
    expect(hints(HISTORY, 'panels')).not.toContain('n next')
    expect(hints(TROUBLED, 'panels')).toContain('c cancel')
    expect(hints(BLOCKED, 'panels')).not.toContain('c cancel')
    expect(hints(BLOCKED, 'ask').trim()).toBe('y yes  n no')
  })
})

describe('keys that ask something of the room', () => {
  it.each<[string, Partial<RoomView['room']['clock']>, Taken<'setSpeed'>['speed']]>([
    ['space', {}, 'pause'],
    ['space', { paused: true }, 'play'],
    ['+', {}, 600],
    ['=', { speed: 600 }, 'max'],
    ['-', {}, 1],
    ['-', { speed: 'max' }, 600],
    ['n', {}, 'next'],
  ])('%s', (name, clock, speed) => {
    const intent = { kind: 'ask', command: { kind: 'setSpeed', by: 'mia', symbol: 'BTCUSDT', speed } }
    const view = changed(BLOCKED, { room: { clock: { ...BLOCKED.room.clock, ...clock } } })
    expect(press(name, 'panels', view).intents).toEqual([intent])
    expect(press(name, 'large', view).intents).toEqual([intent])
  })

  it.each<[string, RoomView, RegExp]>([
    ['space', NO_MODELS, /live/],
    ['+', HISTORY, /history/],
    ['n', TROUBLED, /ended/],
    ['n', changed(BLOCKED, { room: { clock: { ...BLOCKED.room.clock, nextMoment: null } } }), /no event is awaited/],
    ['+', changed(BLOCKED, { room: { clock: { ...BLOCKED.room.clock, speed: 'max' } } }), /fastest/],
    ['-', changed(BLOCKED, { room: { clock: { ...BLOCKED.room.clock, speed: 1 } } }), /slowest/],
    ['r', HISTORY, /not open yet/],
    ['c', BLOCKED, /no work is running/],
    ['s', BLOCKED, /only one symbol/],
    ['a', BLOCKED, /no canary is running/],
    ['ctrl-k', BLOCKED, /no canary is running/],
    ['p', BLOCKED, /no model is in the shadow/],
    ['z', BLOCKED, /not a key here/],
  ])('%s says why it cannot be used now', (name, view, why) => {
    const { ui, intents } = press(name, 'panels', view)
    expect(intents).toEqual([])
    expect(ui.message?.text).toMatch(why)
    expect(ui.message?.untilWallMs).toBe(1000 + MESSAGE_MS)
  })

  it('switches to the next symbol and looks at once', () => {
    const { ui, intents } = press('s', 'panels', TROUBLED)
    expect(ui.symbol).toBe('ETHUSDT')
    expect(intents).toEqual([{ kind: 'look' }])
    expect(press('s', 'panels', changed(TROUBLED, { room: { symbol: 'ETHUSDT' } })).ui.symbol).toBe('BTCUSDT')
    expect(press('s', 'large', TROUBLED).intents).toContainEqual({ kind: 'detail', symbol: 'ETHUSDT', panel: 'gates' })
  })
})

describe('quitting', () => {
  it('needs no question while nothing runs, and none while only history does', () => {
    expect(press('q').intents).toEqual([{ kind: 'quit' }])
    expect(press('q', 'panels', HISTORY).intents).toEqual([{ kind: 'quit' }])
    expect(press('q', 'panels', null).intents).toEqual([{ kind: 'quit' }])
  })

  it('asks while work runs; y quits, n and Esc stay where one was', () => {
    const asked = press('q', 'help', TROUBLED)
    expect(asked.intents).toEqual([])
    expect(askText(asked.ui)).toContain('retrain v1.8.1')
    expect(press('y', asked.ui.mode, TROUBLED).intents).toEqual([{ kind: 'quit' }])
    for (const no of ['n', 'esc'])
      expect(press(no, asked.ui.mode, TROUBLED).ui.mode).toEqual({ kind: 'help', scroll: 0 })
  })

  it.each(MODES)('Ctrl+C quits at once in %s, whatever runs', (mode) => {
    expect(press('ctrl-c', mode, TROUBLED).intents).toEqual([{ kind: 'quit' }])
    expect(press('ctrl-c', mode, null).intents).toEqual([{ kind: 'quit' }])
  })
})

describe('running work', () => {
  it('is cancelled after a question only', () => {
    const view = changed(BLOCKED, { room: { work: [RETRAINING] } })
    const asked = press('c', 'panels', view)
    expect(asked.intents).toEqual([])
    expect(askText(asked.ui)).toContain('retrain v1.8.1 (41 %)')
    expect(press('y', asked.ui.mode, view).intents).toEqual([
      { kind: 'ask', command: { kind: 'cancelWork', by: 'mia', id: 'retrain-1' } },
    ])
    expect(press('n', asked.ui.mode, view).intents).toEqual([])
  })
})

describe('moving', () => {
  it.each([
    ['tab', 'canary'],
    ['down', 'canary'],
    ['right', 'canary'],
    ['shift-tab', 'events'],
    ['up', 'events'],
    ['left', 'events'],
  ])('%s takes the focus from gates to %s', (name, panel) => {
    expect(press(name).ui.focus).toBe(panel)
  })

  it('opens the focused panel large, goes on with Tab, and back with Esc', () => {
    const opened = pressAll(['tab', 'tab', 'enter', 'tab'])
    expect(opened.intents).toEqual([
      { kind: 'detail', symbol: 'BTCUSDT', panel: 'drift' },
      { kind: 'detail', symbol: 'BTCUSDT', panel: 'serving' },
    ])
    expect(press('esc', opened.ui.mode).ui.mode).toEqual({ kind: 'panels' })
  })

  it.each([
    ['down', 0, 1],
    ['up', 0, 0],
    ['pagedown', 0, 10],
    ['pageup', 15, 5],
    ['end', 0, 47],
    ['home', 47, 0],
    ['down', 47, 47],
    ['up', 999, 46],
  ])('%s scrolls from row %i to %i', (name, from, to) => {
    for (const mode of [
      { kind: 'large', panel: 'gates', detail: TABLE, scroll: from },
      { kind: 'help', scroll: from },
    ] as const) {
      expect(press(name, mode).ui.mode).toMatchObject({ scroll: to })
    }
  })

  it('opens help with ? and closes it with ? or Esc', () => {
    const { ui } = press('?')
    expect(ui.mode.kind).toBe('help')
    expect(press('?', ui.mode).ui.mode.kind).toBe('panels')
    expect(press('esc', ui.mode).ui.mode.kind).toBe('panels')
  })

  it('takes the detail of the open panel only', () => {
    const ui = { ...firstState(undefined), mode: { kind: 'large', panel: 'gates', detail: null, scroll: 0 } } as const
    expect(reduce(ui, { kind: 'detail', panel: 'gates', detail: TABLE }, context(BLOCKED)).ui.mode).toMatchObject({
      detail: TABLE,
    })
    expect(reduce(ui, { kind: 'detail', panel: 'drift', detail: TABLE }, context(BLOCKED)).ui.mode).toMatchObject({
      detail: null,
    })
  })
})

describe('the retrain form', () => {
  it('asks the room what can be retrained and stands on the first that can', () => {
    const { ui, intents } = press('r')
    expect(intents).toEqual([{ kind: 'choices', symbol: 'BTCUSDT' }])
    expect(press('enter', ui.mode).ui.message?.text).toMatch(/not answered yet/)
    const told = reduce(ui, { kind: 'choices', choices: CHOICES }, context(BLOCKED))
    expect(told.ui.mode).toMatchObject({ index: 1 })
  })

  it('starts what was chosen under the chosen profile, and shows the panels again', () => {
    const chosen = press('p', press('down', 'form').ui.mode)
    const { ui, intents } = press('enter', chosen.ui.mode)
    expect(intents).toEqual([
      {
        kind: 'ask',
        command: {
          kind: 'startRetrain',
          by: 'mia',
          symbol: 'BTCUSDT',
          features: 'v1.9',
          version: 'v1.9',
          profile: 'improve',
        },
      },
    ])
    expect(ui.mode.kind).toBe('panels')
  })

  it('refuses with the reason what the room refuses', () => {
    const { ui, intents } = press('enter', press('up', 'form').ui.mode)
    expect(intents).toEqual([])
    expect(ui.message?.text).toContain('price itself among its features')
    expect(ui.mode.kind).toBe('form')
  })

  it('goes round, and leaves with Esc without starting anything', () => {
    expect(press('down', press('down', 'form').ui.mode).ui.mode).toMatchObject({ index: 0 })
    expect(press('esc', 'form')).toMatchObject({ ui: { mode: { kind: 'panels' } }, intents: [] })
    expect(press('q', 'form').ui.message?.text).toMatch(/Esc/)
  })
})

describe('messages', () => {
  it('stay for six seconds of wall time', () => {
    const said = reduce(firstState(undefined), { kind: 'said', text: 'plays at 600x', good: true }, context(BLOCKED)).ui
    const at = (wallMs: number): UiState => reduce(said, { kind: 'tick' }, { ...context(BLOCKED), wallMs }).ui
    expect(at(1000 + MESSAGE_MS - 1).message?.text).toBe('plays at 600x')
    expect(at(1000 + MESSAGE_MS).message).toBeNull()
  })
})
