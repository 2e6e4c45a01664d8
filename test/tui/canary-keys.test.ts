import { describe, expect, it } from 'vitest'
import type { Command } from '../../src/control/commands.ts'
import type { Profile } from '../../src/engine/models/roles.ts'
import { PANELS } from '../../src/control/panels.ts'
import type { RoomView } from '../../src/control/view.ts'
import { askText } from '../../src/tui/hints.ts'
import { reduce } from '../../src/tui/reducer.ts'
import { TWICE_MS, type Mode, type ModeKind } from '../../src/tui/state.ts'
import type { Context, Intent, Step } from '../../src/tui/intents.ts'
import {
  ABORTED,
  AWAITING,
  BAKING,
  HOLDING,
  INCONCLUSIVE,
  RAMPING,
  READY,
  SUCCEEDED,
  TWO_PROMPTS,
} from './canary-views.ts'
import { START_PROMPT } from '../kit/canary-documents.ts'
import { modeOf, MODES, promptMode } from './modes.ts'
import { pressKeys, uiIn } from './pressing.ts'
import { BLOCKED, HISTORY, RETRAINING, SHADOW, changed } from '../kit/views.ts'

function context(view: RoomView | null, wallMs = 1000): Context {
  return { view, by: 'mia', wallMs, pageRows: 10, listRows: 57, panels: PANELS }
}

/** Keys with the wall time of each, in milliseconds. */
function press(view: RoomView, mode: ModeKind | Mode, keys: readonly (readonly [string, number])[]): Step {
  return pressKeys(
    uiIn(mode),
    keys.map(([name, wallMs]) => [name, context(view, wallMs)]),
  )
}

const one = (view: RoomView, name: string, mode: ModeKind | Mode = 'panels'): Step => press(view, mode, [[name, 1000]])
const asks = (command: Command): Intent => ({ kind: 'ask', command })
const ABORT = asks({ kind: 'abortCanary', by: 'mia', symbol: 'BTCUSDT', reason: null })
const ROLLBACK = asks({ kind: 'rollback', by: 'mia', symbol: 'BTCUSDT', reason: null })

describe('aborting', () => {
  it.each(MODES)('takes two keystrokes, Ctrl+K anywhere: %s', (mode) => {
    const first = press(RAMPING, mode, [['ctrl-k', 1000]])
    expect(first.intents).toEqual([])
    expect(first.ui.message?.text).toContain('again within 2 s aborts the canary of BTCUSDT')
    const second = press(RAMPING, mode, [
      ['ctrl-k', 1000],
      ['ctrl-k', 1000 + TWICE_MS],
    ])
    expect(second.intents).toEqual([ABORT])
    expect(second.ui.mode).toEqual(modeOf(mode))
  })

  it.each<[string, readonly (readonly [string, number])[], readonly Intent[]]>([
    [
      'a a',
      [
        ['a', 0],
        ['a', 1],
      ],
      [ABORT],
    ],
    [
      'a and Ctrl+K',
      [
        ['a', 0],
        ['ctrl-k', 900],
      ],
      [ABORT],
    ],
    ['one a', [['a', 0]], []],
    [
      'a a, the second one late',
      [
        ['a', 0],
        ['a', TWICE_MS + 1],
      ],
      [],
    ],
    [
      'a a a, the first one too long ago',
      [
        ['a', 0],
        ['a', TWICE_MS + 1],
        ['a', TWICE_MS + 2],
      ],
      [ABORT],
    ],
    [
      'another key between',
      [
        ['a', 0],
        ['tab', 1],
        ['a', 2],
      ],
      [],
    ],
    [
      'a b, then b',
      [
        ['a', 0],
        ['b', 1],
        ['b', 2],
      ],
      [ROLLBACK],
    ],
    [
      'three a, then one more',
      [
        ['a', 0],
        ['a', 1],
        ['a', 2],
      ],
      [ABORT],
    ],
    [
      'b b',
      [
        ['b', 0],
        ['b', TWICE_MS],
      ],
      [ROLLBACK],
    ],
    ['one b', [['b', 0]], []],
    [
      'b a b',
      [
        ['b', 0],
        ['a', 1],
        ['b', 2],
      ],
      [],
    ],
  ])('%s', (_, keys, intents) => {
    expect(press(RAMPING, 'panels', keys).intents).toEqual(intents)
  })

  it('types the letter a into an open prompt, where only Ctrl+K aborts', () => {
    const { ui, intents } = press(RAMPING, 'prompt', [
      ['a', 0],
      ['a', 1],
    ])
    expect(intents).toEqual([])
    expect(ui.mode).toMatchObject({ reason: 'aa' })
  })

  it.each<[string, RoomView, boolean]>([
    ['idle', SHADOW, false],
    ['awaiting ONAY', AWAITING, true],
    ['ramping', RAMPING, true],
    ['holding', HOLDING, true],
    ['succeeded', SUCCEEDED, false],
    ['aborted', ABORTED, false],
    ['inconclusive', INCONCLUSIVE, false],
    ['baking', BAKING, false],
  ])('is possible while a canary runs or waits: %s', (_, view, possible) => {
    const { ui, intents } = press(view, 'panels', [
      ['a', 0],
      ['a', 1],
    ])
    expect(intents).toEqual(possible ? [ABORT] : [])
    if (!possible) expect(ui.message?.text).toBe('no canary is running, so there is nothing to abort')
  })

  it.each<[string, Mode, ModeKind]>([
    ['the prompt for the canary that is aborted', promptMode({ shown: START_PROMPT }), 'panels'],
    ["another symbol's", promptMode({ shown: { ...START_PROMPT, symbol: 'ETHUSDT' } }), 'prompt'],
    ['the prompt for a promotion', promptMode({}), 'prompt'],
  ])('closes its own prompt and no other: %s', (_, mode, after) => {
    const keys = [
      ['ctrl-k', 0],
      ['ctrl-k', 1],
    ] as const
    expect(press(AWAITING, mode, keys)).toMatchObject({ ui: { mode: { kind: after } }, intents: [ABORT] })
  })

  it('is not held up by a view that is old because the room does not answer', () => {
    const lost = { ...uiIn('panels'), lost: 'connection refused' }
    const first = reduce(lost, { kind: 'key', name: 'a' }, context(SHADOW)).ui
    expect(reduce(first, { kind: 'key', name: 'a' }, context(SHADOW)).intents).toEqual([ABORT])
  })

  it('forgets the first keystroke after two seconds', () => {
    const armed = one(RAMPING, 'a').ui
    expect(reduce(armed, { kind: 'tick' }, context(RAMPING, 1000 + TWICE_MS)).ui.armed).not.toBeNull()
    expect(reduce(armed, { kind: 'tick' }, context(RAMPING, 1001 + TWICE_MS)).ui).toMatchObject({
      armed: null,
      message: null,
    })
  })
})

describe('keys that take a model live', () => {
  it.each<[string, RoomView, RegExp]>([
    ['C', BLOCKED, /no model is in the shadow/],
    ['C', changed(BLOCKED, { models: { baseline: null } }), /no model yet: the first is trained automatically/],
    ['C', RAMPING, /the canary of v1\.8\.1 is running, phase 2 of 3/],
    ['C', AWAITING, /waits for ONAY: o opens/],
    ['C', HISTORY, /not open yet/],
    ['v', BLOCKED, /no model is in the shadow/],
    ['v', changed(SHADOW, { room: { work: [RETRAINING] } }), /retrain v1\.8\.1 is running/],
    ['v', HISTORY, /not open yet/],
    ['p', BLOCKED, /no model is in the shadow/],
    ['p', SUCCEEDED, /v1\.8\.1 cannot be promoted yet, 2 things missing: gate 1 waits for seven days; 10 h/],
    ['b', HISTORY, /not open yet/],
    ['b', changed(BLOCKED, { models: { baseline: null } }), /no model is in charge/],
    ['o', BLOCKED, /no prompt is waiting/],
    ['r', RAMPING, /the canary of v1\.8\.1 is running/],
    [
      '+',
      changed(RAMPING, { room: { clock: { ...RAMPING.room.clock, speed: 600 } } }),
      /max is refused while a canary is running/,
    ],
    [
      '+',
      changed(TWO_PROMPTS, { room: { clock: { ...RAMPING.room.clock, speed: 600 } } }),
      /max is refused while a prompt is waiting/,
    ],
  ])('%s says why it cannot be used now', (name, view, why) => {
    const { ui, intents } = one(view, name)
    expect(intents).toEqual([])
    expect(ui.mode.kind).toBe('panels')
    expect(ui.message?.text).toMatch(why)
  })

  it('validates the candidate, and asks to promote it', () => {
    const ours = { by: 'mia', symbol: 'BTCUSDT' }
    expect(one(SHADOW, 'v').intents).toEqual([asks({ kind: 'startValidation', ...ours, version: 'v1.8.1' })])
    expect(one(READY, 'p').intents).toEqual([asks({ kind: 'promote', ...ours })])
  })
})

describe('the canary form', () => {
  it("opens on a dry run under the candidate's profile", () => {
    expect(one(SHADOW, 'C').ui.mode).toEqual({
      kind: 'canaryForm',
      choice: { plan: 'mini', profile: 'equivalent', mode: 'observe', live: false },
      field: 0,
    })
  })

  it.each<[string, readonly string[], Partial<{ plan: string; profile: Profile; mode: 'serve'; live: boolean }>]>([
    ['a dry run of mini', [], {}],
    ['full', ['left'], { plan: 'full' }],
    ['full and back', ['left', 'right'], {}],
    ['a plan of the configuration', ['right'], { plan: 'careful' }],
    ['all plans round', ['right', 'right', 'right', 'right'], {}],
    ['improve', ['down', 'space'], { profile: 'improve' }],
    ['a canary that answers callers', ['down', 'down', 'space', 'down', 'space'], { mode: 'serve', live: true }],
    ['live, from below', ['up', 'right'], { live: true }],
    [
      'all of it',
      ['space', 'tab', 'space', 'tab', 'space', 'tab', 'space', 'tab'],
      { plan: 'careful', profile: 'improve', mode: 'serve', live: true },
    ],
  ])('starts %s', (_, names, { live = false, ...chosen }) => {
    const keys = ['C', ...names, 'enter'].map((name, i) => [name, i] as const)
    const { ui, intents } = press(SHADOW, 'panels', keys)
    const taken = {
      by: 'mia',
      symbol: 'BTCUSDT',
      plan: 'mini',
      profile: 'equivalent',
      mode: 'observe',
      ...chosen,
    } as const
    expect(intents).toEqual([asks({ kind: live ? 'startCanary' : 'rehearseCanary', ...taken })])
    expect(ui.mode.kind).toBe('panels')
  })

  it('opens on the plan that the canary before had, where the room still has it', () => {
    const after = (plan_name: string): RoomView =>
      changed(SUCCEEDED, { models: { canary: { ...SUCCEEDED.models.canary, plan_name } } })
    expect(one(after('careful'), 'C').ui.mode).toMatchObject({ choice: { plan: 'careful' } })
    expect(one(after('taken out since'), 'C').ui.mode).toMatchObject({ choice: { plan: 'mini' } })
  })

  it('does not start a plan that cannot run, and says what is wrong with it', () => {
    const { ui, intents } = press(SHADOW, 'panels', [
      ['C', 0],
      ['right', 1],
      ['right', 2],
      ['enter', 3],
    ])
    expect(intents).toEqual([])
    expect(ui.mode.kind).toBe('canaryForm')
    expect(ui.message?.text).toBe('the plan broken cannot run: the last split is 1, not 0.5')
  })

  it('leaves with Esc without starting anything, and refuses to start what cannot be started any more', () => {
    expect(one(SHADOW, 'esc', 'canaryForm')).toMatchObject({ ui: { mode: { kind: 'panels' } }, intents: [] })
    expect(one(RAMPING, 'enter', 'canaryForm')).toMatchObject({ ui: { mode: { kind: 'canaryForm' } }, intents: [] })
  })
})

describe('quitting during a canary', () => {
  it('says which canary would end with the room', () => {
    for (const view of [RAMPING, HOLDING])
      expect(askText(one(view, 'q').ui)).toContain('the canary of v1.8.1, phase 2 of 3')
    for (const view of [AWAITING, ABORTED, SUCCEEDED, BAKING])
      expect(askText(one(view, 'q').ui)).not.toContain('the canary of')
  })

  it('shows the first keystroke of an abort over its question', () => {
    const asked = one(RAMPING, 'q').ui
    const armed = reduce(asked, { kind: 'key', name: 'ctrl-k' }, context(RAMPING)).ui
    expect(armed.armed?.action).toBe('abort')
    expect(armed.mode.kind).toBe('ask')
  })

  it('is text in an open prompt', () => {
    expect(one(RAMPING, 'q', promptMode({}))).toMatchObject({ ui: { mode: { reason: 'q' } }, intents: [] })
  })
})
