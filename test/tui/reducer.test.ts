import { describe, expect, it } from 'vitest'
import { askText, hintLine } from '../../src/tui/hints.ts'
import { bindingFor, BINDINGS, KEY_GROUPS } from '../../src/tui/keys/keys.ts'
import { helpPage } from '../../src/tui/large/help.ts'
import { reduce } from '../../src/tui/reducer.ts'
import { firstState, MESSAGE_MS, pageOf, type Mode, type ModeKind, type UiState } from '../../src/tui/state.ts'
import type { Context, Step } from '../../src/tui/intents.ts'
import type { Taken } from '../../src/control/commands.ts'
import { panelKey, PANELS } from '../../src/control/panels.ts'
import type { RoomView } from '../../src/control/view.ts'
import { AWAITING, BAKING, RAMPING, READY, TWO_PROMPTS } from './canary-views.ts'
import { CHOICES, largeMode, modeOf, MODES } from './modes.ts'
import { pressKeys, uiIn } from './pressing.ts'
import { BLOCKED, HISTORY, NO_MODELS, RETRAINING, TABLE, TROUBLED, changed } from '../kit/views.ts'

function context(view: RoomView | null): Context {
  return { view, by: 'mia', wallMs: 1000, pageRows: 10, listRows: 57, panels: PANELS }
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

describe('a screen that its room is cut off from', () => {
  const lost = { ...firstState(undefined), lost: 'connection refused' }

  it('offers no key that would ask the room for something, and says why when one is pressed', () => {
    const offered = hintLine(BLOCKED, lost, 200)
      .map((part) => part.text)
      .join('')
    expect(offered).not.toMatch(/retrain|acknowledge|pause|next/)
    expect(offered).toMatch(/help.*leave/)
    const pressed = reduce(lost, { kind: 'key', name: 'r' }, context(BLOCKED))
    expect(pressed.intents).toEqual([])
    expect(pressed.ui.message?.text).toContain('the room does not answer')
  })

  it('still tries to roll back', () => {
    const { intents } = pressKeys(lost, [
      ['b', context(BAKING)],
      ['b', context(BAKING)],
    ])
    expect(intents).toMatchObject([{ kind: 'ask', command: { kind: 'rollback' } }])
  })
})

describe('the key table', () => {
  it('has no key twice in one mode', () => {
    for (const mode of MODES) {
      const keys = BINDINGS.filter((binding) => binding.where.includes(mode)).flatMap((binding) => binding.keys)
      expect(new Set(keys).size, mode).toBe(keys.length)
    }
  })

  it('makes the help: each binding one line of its group, and nothing else', () => {
    const help = { kind: 'help', scroll: 0, glossary: false } as const
    const page = helpPage(BLOCKED, firstState(undefined), help, 240, 200)
    const lines = page.lines.slice(1).map((line) => line.map((part) => part.text).join(''))
    const keys = lines.filter((line) => line.startsWith('   '))
    expect(keys).toHaveLength(BINDINGS.length)
    expect(lines.filter((line) => /^ \w/.test(line)).map((line) => line.trim())).toEqual(
      KEY_GROUPS.map(({ name }) => name),
    )
    for (const [i, binding] of BINDINGS.entries()) {
      expect(keys[i]).toContain(binding.shown)
      expect(keys[i]).toContain(binding.does)
      const why = binding.whyNot(BLOCKED, firstState(undefined))
      if (why !== null) expect(keys[i]).toContain(why)
    }
  })

  it('says what the words mean with ? once more, and the keys again with another', () => {
    const once = press('?').ui
    const twice = press('?', once.mode).ui
    expect(twice.mode).toMatchObject({ kind: 'help', glossary: true })
    expect(press('?', twice.mode).ui.mode).toMatchObject({ kind: 'help', glossary: false })
    const page = helpPage(BLOCKED, twice, { kind: 'help', scroll: 0, glossary: true }, 80, 60)
    const told = page.lines.map((line) => line.map((part) => part.text).join('')).join('\n')
    for (const word of ['in charge', 'shadow', 'former', 'settled', 'PSI', 'canary', 'ONAY'])
      expect(told).toContain(word)
    expect(told).not.toContain('…')
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
    expect(hints(BLOCKED, 'panels')).toContain('n next')
    expect(hints(HISTORY, 'panels')).not.toContain('n next')
    expect(hints(TROUBLED, 'panels')).toContain('c cancel')
    expect(hints(BLOCKED, 'panels')).not.toContain('c cancel')
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

describe('leaving', () => {
  it('asks what becomes of a room of its own: it runs on without a screen, it ends, or one stays', () => {
    const asked = press('q', 'panels', TROUBLED)
    expect(asked.intents).toEqual([])
    expect(askText(asked.ui)).toContain('`d` the room runs on without a screen, `n` stay, `e` it ends')
    expect(askText(asked.ui)).toContain('with retrain v1.8.1, v1.8-b0 (1,204 requests in 15 min)')
    expect(press('d', asked.ui.mode).intents).toEqual([{ kind: 'quit', how: 'detach' }])
    expect(press('e', asked.ui.mode).intents).toEqual([{ kind: 'quit', how: 'end' }])
    for (const no of ['n', 'esc']) expect(press(no, asked.ui.mode).ui.mode).toEqual({ kind: 'panels' })
    for (const other of ['y', 'q', 'enter'])
      expect(press(other, asked.ui.mode)).toMatchObject({ intents: [], ui: { mode: { kind: 'ask' } } })
  })

  it('comes back to what was open', () => {
    const below = { kind: 'help', scroll: 3, glossary: true } as const
    expect(press('n', press('q', below).ui.mode).ui.mode).toEqual(below)
  })

  it('asks nothing where there is nothing to ask: before a room is open, and before it has answered', () => {
    expect(press('q', 'panels', HISTORY).intents).toEqual([{ kind: 'quit', how: 'end' }])
    expect(press('q', 'panels', null).intents).toEqual([{ kind: 'quit', how: 'end' }])
  })

  it.each(MODES)('Ctrl+C ends at once in %s, whatever runs', (mode) => {
    expect(press('ctrl-c', mode, TROUBLED).intents).toEqual([{ kind: 'quit', how: 'end' }])
    expect(press('ctrl-c', mode, null).intents).toEqual([{ kind: 'quit', how: 'end' }])
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
    ['j', 'canary'],
    ['shift-tab', 'jobs'],
    ['up', 'jobs'],
    ['left', 'jobs'],
    ['k', 'jobs'],
  ])('%s takes the focus from gates to %s', (name, panel) => {
    expect(press(name).ui.focus).toBe(panel)
  })

  it('turns from the panels to the pages of paper trading and of live operations and back, in a circle, and Tab stays among its own kind', () => {
    const after = (...names: string[]): string => {
      const { mode } = pressAll(names).ui
      return mode.kind === 'large' ? mode.panel : mode.kind
    }
    expect(after(']')).toBe('arms')
    expect(after(']', ']')).toBe('retrain')
    expect(after(']', ']', ']', ']', ']')).toBe('costs')
    expect(after(']', ']', ']', ']', ']', ']')).toBe('driftDay')
    expect(after('[')).toBe('backups')
    expect(after('[', '[', '[', '[', '[', '[', 'tab', 'tab', 'tab', 'tab', 'tab', 'tab')).toBe('driftDay')
    expect(after('[', ']')).toBe('panels')
    expect(after(']', '[')).toBe('panels')
    expect(after(']', 'esc')).toBe('panels')
    expect(after(']', 'tab', 'tab', 'tab', 'tab', 'tab')).toBe('arms')
    expect(after('enter', ']')).toBe('arms')
    expect(pressAll([']']).intents).toEqual([{ kind: 'detail', symbol: 'BTCUSDT', panel: 'arms' }])
    // What was focused before still is.
    expect(pressAll(['tab', ']', ']', 'esc']).ui.focus).toBe('canary')
  })

  it('opens the focused panel large, goes on with Tab, and back with Esc', () => {
    const opened = pressAll(['tab', 'tab', 'enter', 'tab'])
    expect(opened.intents).toEqual([
      { kind: 'detail', symbol: 'BTCUSDT', panel: 'models' },
      { kind: 'detail', symbol: 'BTCUSDT', panel: 'drift' },
    ])
    expect(press('esc', opened.ui.mode).ui.mode).toEqual({ kind: 'panels' })
  })

  it.each(PANELS.map((panel) => [panelKey(panel), panel] as const))(
    '%s opens %s large, wherever the focus is',
    (key, panel) => {
      for (const mode of ['panels', 'large'] as const)
        expect(press(key, mode).intents).toEqual([{ kind: 'detail', symbol: 'BTCUSDT', panel }])
    },
  )

  it('leaves out panels that the window has no room for', () => {
    const narrow: Context = { ...context(BLOCKED), panels: ['gates', 'canary', 'events'] }
    const to = (name: string): string => pressKeys(uiIn('panels'), [[name, narrow]]).ui.focus
    expect([to('tab'), to('shift-tab')]).toEqual(['canary', 'events'])
  })

  it.each([
    ['down', 0, 1],
    ['j', 0, 1],
    ['up', 0, 0],
    ['k', 5, 4],
    ['pagedown', 0, 10],
    ['pageup', 15, 5],
    ['end', 0, 56],
    ['G', 0, 56],
    ['g', 47, 0],
    ['down', 56, 56],
    ['up', 999, 55],
  ])('%s selects row %i after row %i', (name, from, to) => {
    expect(press(name, largeMode({ selected: from })).ui.mode).toMatchObject({ selected: to })
  })

  it.each([
    ['down', 0, 1],
    ['pagedown', 0, 10],
    ['G', 0, 47],
    ['home', 47, 0],
    ['k', 999, 46],
  ])('%s scrolls the help from line %i to %i', (name, from, to) => {
    expect(press(name, { kind: 'help', scroll: from, glossary: false }).ui.mode).toMatchObject({ scroll: to })
  })

  it('opens help with ? and closes it with Esc', () => {
    const { ui } = press('?')
    expect(ui.mode.kind).toBe('help')
    expect(press('esc', ui.mode).ui.mode.kind).toBe('panels')
  })

  it('takes the detail of the open panel only', () => {
    const ui = { ...firstState(undefined), mode: largeMode({ detail: null }) } as const
    expect(reduce(ui, { kind: 'detail', panel: 'gates', detail: TABLE }, context(BLOCKED)).ui.mode).toMatchObject({
      detail: TABLE,
    })
    expect(reduce(ui, { kind: 'detail', panel: 'drift', detail: TABLE }, context(BLOCKED)).ui.mode).toMatchObject({
      detail: null,
    })
  })
})

describe('finding rows', () => {
  const typed = (...names: readonly string[]): Step =>
    pressKeys(
      uiIn('large'),
      names.map((name) => [name, context(BLOCKED)]),
    )

  it('narrows them with each letter, keeps the word with Enter, and shows all again with Esc', () => {
    const typing = typed('/', 'o', 'f', 'f')
    expect(typing.ui.mode).toMatchObject({ kind: 'find', text: 'off' })
    expect(pageOf(typing.ui)).toMatchObject({ kind: 'large', find: 'off', selected: 0 })
    const kept = typed('/', 'o', 'f', 'f', 'enter', 'j')
    expect(kept.ui.mode).toMatchObject({ kind: 'large', find: 'off', selected: 1 })
    expect(press('G', kept.ui.mode).ui.mode).toMatchObject({ selected: 27 })
    expect(press('esc', kept.ui.mode).ui.mode).toMatchObject({ kind: 'large', find: '' })
    expect(typed('/', 'o', 'esc').ui.mode).toMatchObject({ kind: 'large', find: '' })
    expect(typed('/', 'q', 'backspace', 'y', 'ctrl-u').ui.mode).toMatchObject({ kind: 'find', text: '' })
  })

  it('opens what happened from the panels', () => {
    const { ui, intents } = press('/')
    expect(ui.mode).toMatchObject({ kind: 'find', below: { panel: 'events' } })
    expect(intents).toEqual([{ kind: 'detail', symbol: 'BTCUSDT', panel: 'events' }])
  })

  it('takes rows by how grave they are, round and round', () => {
    const least = (times: number): unknown => typed(...Array.from({ length: times }, () => 'f')).ui.mode
    expect([0, 1, 2, 3].map(least)).toMatchObject([
      { least: 'all' },
      { least: 'warning' },
      { least: 'critical' },
      { least: 'all' },
    ])
  })

  it('copies the selected row, field by field', () => {
    expect(typed('j', 'y').intents).toEqual([
      { kind: 'copy', text: 'gate: 2\nname: offline\nverdict: PASS\nreason: row 2: within the limits' },
    ])
    expect(press('y', largeMode({ find: 'zzz' }))).toMatchObject({ intents: [], ui: { message: { good: false } } })
  })

  it('stays on its row when the table is read again, wherever the row is then', () => {
    if (TABLE.kind !== 'table') throw new TypeError('no table')
    const detail = { ...TABLE, rows: [{ gate: '0', name: 'new' }, ...TABLE.rows] }
    const at = (selected: number, least: 'all' | 'critical' = 'all'): Step =>
      reduce(uiIn(largeMode({ selected, least })), { kind: 'detail', panel: 'gates', detail }, context(BLOCKED))
    expect(at(4).ui.mode).toMatchObject({ selected: 5 })
    expect(at(4, 'critical').ui.mode).toMatchObject({ selected: 4 })
    const fewer = { ...TABLE, rows: TABLE.rows.slice(0, 3) }
    const after = reduce(
      uiIn(largeMode({ selected: 50 })),
      { kind: 'detail', panel: 'gates', detail: fewer },
      context(BLOCKED),
    )
    expect(after.ui.mode).toMatchObject({ selected: 2 })
  })
})

describe('all symbols', () => {
  it('are listed with S, gone through round and round, and shown with Enter', () => {
    const opened = press('S', 'panels', TROUBLED)
    expect(opened.ui.mode).toEqual({ kind: 'symbols', chosen: 'BTCUSDT' })
    const below = press('j', opened.ui.mode, TROUBLED)
    expect(below.ui.mode).toEqual({ kind: 'symbols', chosen: 'ETHUSDT' })
    expect(press('j', below.ui.mode, TROUBLED).ui.mode).toEqual({ kind: 'symbols', chosen: 'BTCUSDT' })
    expect(press('k', opened.ui.mode, TROUBLED).ui.mode).toEqual({ kind: 'symbols', chosen: 'ETHUSDT' })
    expect(press('enter', below.ui.mode, TROUBLED)).toMatchObject({
      ui: { symbol: 'ETHUSDT', mode: { kind: 'panels' } },
      intents: [{ kind: 'look' }],
    })
    expect(press('esc', below.ui.mode, TROUBLED)).toMatchObject({ ui: { symbol: null, mode: { kind: 'panels' } } })
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
          replace: false,
        },
      },
    ])
    expect(ui.mode.kind).toBe('panels')
  })

  it('asks before it replaces a candidate, and says what ends with it', () => {
    const replaces = 'v1.8.3: 148 h in the shadow and 8940 comparisons end'
    const choices = [{ features: 'v1.9', version: 'v1.9', refused: null, replaces }]
    const asked = press('enter', { kind: 'form', choices, index: 0, profile: 'equivalent' })
    expect(asked.intents).toEqual([])
    expect(askText(asked.ui)).toContain(`Replace ${replaces}`)
    expect(press('d', asked.ui.mode).ui.message?.text).toBe('y retrains, n keeps it')
    expect(press('n', asked.ui.mode)).toMatchObject({ ui: { mode: { kind: 'form' } }, intents: [] })
    const { ui, intents } = press('y', asked.ui.mode)
    expect(intents).toMatchObject([{ kind: 'ask', command: { kind: 'startRetrain', version: 'v1.9', replace: true } }])
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
